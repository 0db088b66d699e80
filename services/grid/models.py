"""All tables of the service, for the check of its migrations. No behaviour."""

from services.grid.base import PLATFORM, Base
from services.grid.changes import models as changes
from services.grid.city import models as city
from services.grid.counties import models as counties
from services.grid.documents import models as documents
from services.grid.geometry import models as geometry
from services.grid.provisions import models as provisions
from services.grid.schemes import models as schemes
from services.grid.sources.models import files, ledger
from services.grid.tree import models as tree

__all__ = [
    "PLATFORM",
    "Base",
    "changes",
    "city",
    "counties",
    "documents",
    "files",
    "geometry",
    "ledger",
    "provisions",
    "schemes",
    "tree",
]
