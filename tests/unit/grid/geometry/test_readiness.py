"""Checklists, the three clears, and divisions in no grid, by what a scheme says."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.grid import templates
from services.grid.data import Division
from services.grid.geometry.domain.readiness import Checklist, uncovered
from services.grid.tree.domain.grids import Grid


def grid(level_id: str = "township", code: str | None = None) -> Grid:
    return Grid(
        grid_id=UUID(int=1),
        node=1,
        parent_id=None,
        path="1.",
        level_id=level_id,
        rank=level_id,
        unit_type="town",
        name="甲镇",
        admin_code=code,
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_to=None,
        version=1,
        since=datetime(2026, 1, 1, tzinfo=UTC),
    )


def document(**given: Any) -> dict[str, Any]:
    made = {
        "checklist": [{"id": item, "name": item} for item in ("area", "people", "duties", "tasks")],
        "levels": [level("township"), level("village")],
        "role_types": [],
        "cases": {"powers": [], "penalties": [], "rewards": {"amounts": []}},
        "patrol": [],
        "assessment": {"items": [], "sanctions": []},
    }
    return {**made, **given}


def level(rank: str, **given: Any) -> dict[str, Any]:
    made = {"id": rank, "rank": rank, "scope": "own", "optional": False, "responsible_body": None}
    return {**made, **given}


def test_a_grid_that_lacks_items_names_them() -> None:
    lack = Checklist(document()).lack(grid(), has_boundary=False)

    assert lack is not None
    assert lack.missing == ("area", "duties", "tasks")
    assert (lack.area_clear, lack.duties_clear) == (False, False)


def test_a_grid_with_everything_known_lacks_nothing() -> None:
    full = document(
        cases={
            "powers": [{"level": "township", "may": ["accept"]}],
            "penalties": [],
            "rewards": {"amounts": []},
        },
        patrol=[{"level": None}],
    )
    checklist = Checklist(full)

    assert checklist.lack(grid(code="430223126"), has_boundary=False) is None
    assert checklist.lack(grid(), has_boundary=True) is None
    of_village = checklist.lack(grid("village"), has_boundary=True)
    assert of_village is not None
    assert of_village.missing == ("duties",)


def test_what_others_answer_for_is_not_known_and_not_missing() -> None:
    checklist = Checklist(document())

    assert checklist.not_known() == ["people", "sources"]


def test_posts_of_the_scheme_give_duties_and_responsibility() -> None:
    role = {"at": "grid", "level": None, "kind": "direct", "capabilities": ["read", "patrol"]}
    items = [{"id": item, "name": item} for item in ("duties", "responsibility", "place")]
    checklist = Checklist(document(role_types=[role], checklist=items))

    assert checklist.lack(grid(), has_boundary=True) is None
    assert checklist.not_known() == ["place", "sources"]


@pytest.mark.parametrize("source", [one.id for one in templates.templates()])
def test_the_checklist_of_every_template_can_be_read(source: str) -> None:
    checklist = Checklist(templates.template(source))

    lack = checklist.lack(grid(), has_boundary=False)
    assert lack is not None
    assert set(lack.missing) <= set(checklist.items)
    assert not set(lack.missing) & set(checklist.not_known())


DIVISIONS = [
    Division("430223", "测试县", "county", "4302"),
    Division("430223101", "甲镇", "township", "430223"),
    Division("430223102", "乙镇", "township", "430223"),
    Division("430223101201", "甲村", "village", "430223101"),
    Division("430223101202", "乙村", "village", "430223101"),
]


def codes_of(levels: list[dict[str, Any]], *codes: str) -> list[str]:
    return [each.code for each in uncovered(DIVISIONS, codes, {"levels": levels})]


def test_divisions_of_a_level_need_their_own_grid() -> None:
    levels = [level("township"), level("village")]

    assert codes_of(levels, "430223101", "430223101201") == ["430223102", "430223101202"]
    assert codes_of(levels, *(each.code for each in DIVISIONS)) == []


def test_without_a_level_of_theirs_they_belong_to_the_grid_above() -> None:
    assert codes_of([level("township")], "430223101") == ["430223102"]
    optional = [level("township"), level("village", optional=True)]
    assert codes_of(optional, "430223101") == ["430223102"]
    assert codes_of(optional) == ["430223101", "430223102", "430223101201", "430223101202"]


def test_above_the_highest_level_nothing_is_asked_for() -> None:
    assert codes_of([level("village")], "430223101201", "430223101202") == []
    assert codes_of([level("enterprise")]) == []
