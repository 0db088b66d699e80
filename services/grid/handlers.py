"""Events out: the nameko side of the service."""

from services.grid.store import make_transaction
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider


class GridEvents:
    """Publishes the outbox."""

    name = "grid"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()
