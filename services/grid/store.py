"""One transaction over the service's tables."""

from sqlalchemy import Connection

from services.grid import models, schemas
from services.grid.changes.store import GridChangeStore
from services.grid.city.store import CountyStore
from services.grid.counties.domain import CountySuspended
from services.grid.documents.store import RuleStore
from services.grid.geometry.store import PlaceStore
from services.grid.provisions.store import ProvisionStore
from services.grid.schemes.store.drafts import DraftStore, ShelfStore
from services.grid.schemes.store.versions import SchemeStore
from services.grid.sources.files.store import SourceFileStore
from services.grid.sources.ledger.store import SourceStore
from services.grid.sources.lists.store import SourceListStore
from services.grid.sources.objects.store import LedgerObjectStore
from services.grid.tree.store import GridStore
from shared.context import RequestContext
from shared.db.transaction import Transaction


class GridTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        """Bind the repositories to the context's county."""
        super().__init__(
            connection, context, service="grid", tables=models.PLATFORM, events=schemas.EVENTS
        )
        self.counties = CountyStore(connection, context.county_id)
        self.schemes = SchemeStore(connection, context.county_id)
        self.grids = GridStore(connection, context.county_id)
        self.changes = GridChangeStore(connection, context.county_id)
        self.provisions = ProvisionStore(connection, context.county_id)
        self.sources = SourceStore(connection, context.county_id)
        self.source_lists = SourceListStore(connection, context.county_id)
        self.source_files = SourceFileStore(connection, context.county_id)
        self.ledger_objects = LedgerObjectStore(connection, context.county_id)
        self.places = PlaceStore(connection, context.county_id)
        self.drafts = DraftStore(connection, context.county_id)
        self.rules = RuleStore(connection, context.county_id)
        self.shelf = ShelfStore(connection, context.county_id)

    def check_writable(self) -> None:
        """See :class:`Transaction`. Raises CountySuspended."""
        if self.counties.is_suspended():
            raise CountySuspended(county_id=self.context.county_id)


make_transaction = GridTransaction
