"""What the service emits is exactly what the golden samples show."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import orjson
import pytest

from services.grid.changes.domain.changes import (
    ChangedGrid,
    ChangeKind,
    Document,
    GridChange,
    restructured,
)
from services.grid.city.domain import County, CountyState
from services.grid.counties.domain import created
from services.grid.schemas import CONSUMES, EVENTS
from services.grid.schemes.domain.versions import SchemeVersion, published
from services.grid.tree.domain.grids import Grid, GridKind
from services.grid.tree.usecases.announcing import announce, state_of
from shared.contracts.grid import (
    GRIDS_PER_EVENT,
    STRUCTURE,
    CountyChanged,
    GridsChanged,
    Succession,
)

SAMPLES = Path(__file__).parents[2] / "contract" / "events"
MARCH = datetime(2026, 3, 2, tzinfo=UTC)
TOWNSHIP = UUID("01a20a50-0000-7000-8000-000000000003")
VILLAGE = UUID("01a20a50-0000-7000-8000-000000000029")


def sample(key: str) -> dict[str, Any]:
    return json.loads((SAMPLES / f"{key}.json").read_text(encoding="utf-8"))


def grid(grid_id: UUID = VILLAGE, **given: Any) -> Grid:
    fields = {
        "node": 41,
        "parent_id": TOWNSHIP,
        "path": "3.41.",
        "level_id": "village",
        "rank": "village",
        "unit_type": "village",
        "name": "示例网格",
        "admin_code": None,
        "valid_from": MARCH,
        "valid_to": datetime(2026, 9, 1, tzinfo=UTC),
        "version": 2,
        "since": datetime(2026, 9, 1, tzinfo=UTC),
        "kind": GridKind.PATCH,
    }
    return Grid(grid_id=grid_id, **{**fields, **given})


def split() -> GridChange:
    east, west = (UUID(int=VILLAGE.int + number) for number in (1, 2))
    ended, *made = (
        ChangedGrid(grid_id, "示例网格", None, None, path)
        for grid_id, path in ((VILLAGE, "3.41."), (east, "3.42."), (west, "3.43."))
    )
    return GridChange(
        change_id=UUID("01a20a50-0000-7000-8000-0000000000c1"),
        kind=ChangeKind.SPLIT,
        effective_at=datetime(2026, 9, 1, tzinfo=UTC),
        document=Document("关于调整网格划分的通知", "〔2026〕12号", ""),
        predecessors=(ended,),
        successors=tuple(made),
        heirs=(Succession(from_id=VILLAGE, to_id=east),),
        carry_posts=True,
        made_by=None,
        made_at=datetime(2026, 9, 1, tzinfo=UTC),
    )


def emitted() -> dict[str, object]:
    county = County("430223", "攸县", "430223", "Asia/Shanghai", CountyState.ACTIVE, MARCH, 1)
    document = {"format": 1, "levels": [{"id": "township", "number": 3, "rank": "township"}]}
    township = grid(
        TOWNSHIP,
        parent_id=None,
        path="3.",
        level_id="township",
        rank="township",
        unit_type="town",
        name="宁家坪镇",
        admin_code="430223126",
        valid_to=None,
        version=1,
        since=MARCH,
        kind=GridKind.TERRITORIAL,
        local_code="NJP-01",
    )
    return {
        "county.created.v1": created(county),
        "scheme.published.v1": published(SchemeVersion(1, date(2026, 1, 1), document, MARCH)),
        "grid.changed.v1": GridsChanged(grids=(state_of(township), state_of(grid()))),
        "county.changed.v1": CountyChanged(county_id="430223", state="suspended", changed_at=MARCH),
        "grid.restructured.v1": restructured(split()),
    }


@pytest.mark.parametrize("key", sorted(emitted()))
def test_each_event_is_told_as_the_sample_shows(key: str) -> None:
    event = emitted()[key]

    assert EVENTS[type(event)].key == key
    assert EVENTS[type(event)].schema.dump(event) == sample(key)


@pytest.mark.parametrize("key", sorted(emitted()))
def test_what_is_written_is_what_the_schema_writes(key: str) -> None:
    event = emitted()[key]
    emission = EVENTS[type(event)]

    written = orjson.loads(orjson.dumps(emission.data_of(event)))

    assert written == orjson.loads(orjson.dumps(emission.schema.dump(event)))
    assert written == sample(key)


def test_the_service_emits_the_structure_and_never_consumes_it() -> None:
    assert set(STRUCTURE) <= set(EVENTS)
    assert not {emission.key for emission in EVENTS.values()} & {each.key for each in CONSUMES}


class Announced:
    """A transaction that keeps what it is told."""

    county_id = "430223"

    def __init__(self) -> None:
        self.outbox = self
        self.events: list[tuple[GridsChanged, str, int]] = []

    def add(self, event: GridsChanged, *, subject: str, sequence: int) -> None:
        self.events.append((event, subject, sequence))


def test_an_event_never_holds_more_grids_than_its_consumers_take() -> None:
    made = [grid(UUID(int=number)) for number in range(2 * GRIDS_PER_EVENT + 1)]
    tx = Announced()

    announce(cast("Any", tx), made)
    announce(cast("Any", tx), [])

    events = [event for event, _, _ in tx.events]
    assert [len(event.grids) for event in events] == [GRIDS_PER_EVENT, GRIDS_PER_EVENT, 1]
    assert [each for event in events for each in event.grids] == [state_of(each) for each in made]
    assert {(subject, sequence) for _, subject, sequence in tx.events} == {("430223", 41)}
