"""The service emits exactly what the golden samples show, and the others read them."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from services.grid import schemas
from services.grid.domain import CountyCreated, Grid, GridsChanged, SchemePublished
from shared.structure.events import STRUCTURE

SAMPLES = Path(__file__).parents[2] / "contract" / "events"
NOON = datetime(2026, 10, 12, 2, 30, tzinfo=UTC)
TOWN = Grid(
    grid_id=UUID(int=1), node=1, parent_id=None, path="1.", level_id="township",
    rank="township", unit_type="town", name="宁家坪镇", admin_code="430223126",
    valid_from=NOON, valid_to=None, version=1,
)  # fmt: skip
RETIRED = Grid(
    grid_id=UUID(int=2), node=2, parent_id=UUID(int=1), path="1.2.", level_id="village",
    rank="village", unit_type="village", name="测试村", admin_code=None,
    valid_from=NOON, valid_to=datetime(2026, 11, 1, tzinfo=UTC), version=2,
)  # fmt: skip
LEVEL = {"id": "township", "number": 2, "rank": "township", "scope": "own", "name": "二级网格"}
EVENTS = [
    CountyCreated("430223", "攸县", "430223", "Asia/Shanghai"),
    SchemePublished(1, date(2026, 10, 12), {"format": 1, "levels": [LEVEL]}),
    GridsChanged((TOWN, RETIRED)),
]


def sample(key: str) -> dict:
    loaded: dict = json.loads((SAMPLES / f"{key}.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_what_its_sample_shows(event: object) -> None:
    emission = schemas.EVENTS[type(event)]

    assert emission.schema.dump(event) == sample(emission.key)


def test_every_event_has_a_sample() -> None:
    assert {type(event) for event in EVENTS} == set(schemas.EVENTS)


@pytest.mark.parametrize("subscription", STRUCTURE, ids=lambda one: one.key)
def test_the_others_read_each_and_later_fields_do_no_harm(subscription: object) -> None:
    told = sample(subscription.key)

    data = subscription.schema.load({**told, "from_the_future": 1})

    assert subscription.schema.dump(data) == told
    assert "from_the_future" not in data


def test_a_later_field_of_a_grid_does_no_harm() -> None:
    told = sample("grid.changed.v1")
    told["grids"][0]["from_the_future"] = 1
    [subscription] = [one for one in STRUCTURE if one.key == "grid.changed.v1"]

    assert subscription.schema.load(told)["grids"][0]["valid_from"] == NOON
