"""A draft may hold anything: looking at it names faults and never breaks."""

import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from services.grid.schemes.document import in_county, merge, normalise
from services.grid.schemes.document.impact import impact
from services.grid.templates import template
from services.grid.tree.domain.grids import LevelGrids

ODD = (None, True, 0, -1.5, "", "x", "两级网格", [], [[]], ["x", 1], {}, {"id": []}, [{"id": {}}])
GRIDS = (LevelGrids("township", "township", 1), LevelGrids("village", "village", 12))
ZONE = "Asia/Shanghai"
OVERRIDES = [
    {"admin_code": "430223126", "patrol": [{"id": "a", "kind": "patrol"}],
     "reports": [{"id": "b"}], "holders": [{"role_type": "grid.officer", "max": 2}]}
]  # fmt: skip


def places(value: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    yield path
    entries = value.items() if isinstance(value, dict) else ()
    entries = enumerate(value) if isinstance(value, list) else entries
    for key, below in entries:
        yield from places(below, *path, key)


def with_odd(document: dict[str, Any], path: tuple[Any, ...], odd: Any) -> Any:
    changed = deepcopy(document)
    at: Any = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = deepcopy(odd)
    return changed


@pytest.mark.parametrize("seed", range(4))
def test_no_value_anywhere_breaks_what_is_said_of_a_draft(seed: int) -> None:
    dice = random.Random(seed)
    document = merge(template("S12"), {"overrides": OVERRIDES})
    paths = [path for path in places(document) if path]

    for _ in range(40):
        draft = document
        for _ in range(dice.choice((1, 1, 3))):
            path = dice.choice(paths)
            try:
                draft = with_odd(draft, path, dice.choice(ODD))
            except (KeyError, IndexError, TypeError):
                continue  # an odd value before has taken its place
        for found in (
            in_county.faults(draft, GRIDS, ZONE, ["430223126"]),
            in_county.warnings(draft, GRIDS),
        ):
            assert all(each.en and each.zh for each in found)
            assert found == sorted(found)


@pytest.mark.parametrize("document", [{}, {"levels": None}, {"overrides": {}}, {"patrol": [7]}])
def test_a_document_of_nearly_nothing_has_faults(document: dict[str, Any]) -> None:
    assert in_county.faults(document, GRIDS, ZONE, [])
    assert in_county.warnings(document, GRIDS)


def test_grids_of_a_level_that_goes_are_warned_of_and_their_rules_dropped() -> None:
    before = normalise(template("S13"))
    after = {**before, "levels": before["levels"][:1]}

    assert [each.pointer for each in in_county.warnings(after, GRIDS)].count("/levels") == 1
    assert {(each.level_id, each.grids) for each in impact(before, after, GRIDS).levels} == {
        ("village", 12)
    }


def test_posts_are_required_by_unit_types_where_the_role_says_so() -> None:
    role = {
        "id": "grid.officer", "title": "经办人", "kind": "officer", "at": "grid", "level": None,
        "min": 1, "overrides": [{"unit_type": "street", "min": 3}],
    }  # fmt: skip
    document = normalise(
        {
            "format": 1,
            "name": "x",
            "levels": [
                {"id": "township", "rank": "township", "scope": "own", "name": "镇",
                 "unit_types": ["town", "street"]},
            ],
            "role_types": [role],
        }
    )  # fmt: skip
    grids = (LevelGrids("township", "town", 4), LevelGrids("township", "street", 2))

    found = impact(document, document, grids)

    (required,) = found.required_posts
    assert (required.grids, required.posts, required.posts_before) == (6, 10, 10)
    assert (found.posts, found.added, found.dropped) == (10, 0, 0)
