"""The events that the service publishes and consumes.

It consumes what happens to sources, and nothing of the structure: that is its own.
"""

from typing import Any

from marshmallow import fields

from services.grid.changes.domain.changes import GridRestructured
from services.grid.counties.domain import CountyChanged, CountyCreated
from services.grid.schemes.domain.versions import SchemePublished
from services.grid.sources.domain.ledger import SourceGraded, SourceRecorded, SourceVerified
from services.grid.sources.events import (
    FINDING_REPORTED,
    PATROL_SUBMITTED,
    SourceGradedData,
    SourceRecordedData,
    SourceVerifiedData,
)
from services.grid.tree.domain.grids import Grid, GridsChanged
from shared.case_events import CASE_STEPS
from shared.eventing.contracts import Emission, EventData, Events, Subscription
from shared.structure.events import (
    CountyCreatedData,
    GridChangedData,
    GridData,
    SchemePublishedData,
)
from shared.structure.restructuring import GridRestructuredData


class CountyChangedData(EventData):
    """A county was suspended or resumed."""

    county_id = fields.String(required=True)
    state = fields.String(required=True)
    changed_at = fields.AwareDateTime(required=True, format="iso")


GRID_FIELDS = tuple(GridData().fields)


def _grids_changed(event: GridsChanged) -> dict[str, Any]:
    """Imports tell of so many grids that marshmallow's way would take a quarter of their time."""
    return {"grids": [_grid(grid) for grid in event.grids]}


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        **{name: getattr(grid, name) for name in GRID_FIELDS},
        "grid_id": str(grid.grid_id),
        "parent_id": None if grid.parent_id is None else str(grid.parent_id),
    }


EVENTS: Events = {
    CountyCreated: Emission("county.created.v1", CountyCreatedData()),
    CountyChanged: Emission("county.changed.v1", CountyChangedData()),
    SchemePublished: Emission("scheme.published.v1", SchemePublishedData()),
    GridsChanged: Emission("grid.changed.v1", GridChangedData(), _grids_changed),
    SourceRecorded: Emission("source.recorded.v1", SourceRecordedData()),
    SourceVerified: Emission("source.verified.v1", SourceVerifiedData()),
    SourceGraded: Emission("source.graded.v1", SourceGradedData()),
    GridRestructured: Emission("grid.restructured.v1", GridRestructuredData()),
}
CONSUMES: tuple[Subscription, ...] = (PATROL_SUBMITTED, FINDING_REPORTED, *CASE_STEPS)
