"""The service's side of events: it tells of the county's structure and consumes nothing."""

from services.grid.domain.changes import GridRestructured
from services.grid.domain.counties import CountyCreated
from services.grid.domain.grids import GridsChanged
from services.grid.domain.schemes import SchemePublished
from shared.eventing.contracts import Emission, Events, Subscription
from shared.structure.events import CountyCreatedData, GridChangedData, SchemePublishedData
from shared.structure.restructuring import GridRestructuredData

EVENTS: Events = {
    CountyCreated: Emission("county.created.v1", CountyCreatedData()),
    SchemePublished: Emission("scheme.published.v1", SchemePublishedData()),
    GridsChanged: Emission("grid.changed.v1", GridChangedData()),
    GridRestructured: Emission("grid.restructured.v1", GridRestructuredData()),
}
CONSUMES: tuple[Subscription, ...] = ()
