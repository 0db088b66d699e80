"""Events in, events out: the nameko side of the service."""

from services.personnel.store import make_transaction
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider
from shared.structure.handlers import StructureEvents


class PersonnelEvents(StructureEvents):
    """Keeps the local copy of the county's structure, and publishes the outbox."""

    name = "personnel"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()
