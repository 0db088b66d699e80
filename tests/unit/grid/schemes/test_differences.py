"""Where two documents differ."""

from typing import Any

import pytest

from services.grid.schemes.document.differences import Change, Difference, differences
from services.grid.templates import template


def found(before: Any, after: Any) -> list[Difference]:
    return list(differences(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [Difference("/a", Change.CHANGED, 1, 2)]),
        ({"a": 1}, {"a": True}, [Difference("/a", Change.CHANGED, 1, True)]),
        ({"a": 1}, {}, [Difference("/a", Change.REMOVED, 1)]),
        ({}, {"a/b": None}, [Difference("/a~1b", Change.ADDED)]),
        ([1, 2], [1], [Difference("/1", Change.REMOVED, 2)]),
        ([1], [2, 3], [Difference("/0", Change.CHANGED, 1, 2), Difference("/1", Change.ADDED, None, 3)]),
        ({"a": [1]}, {"a": {"b": 1}}, [Difference("/a", Change.CHANGED, [1], {"b": 1})]),
    ],
)  # fmt: skip
def test_each_place_is_named_once(before: Any, after: Any, expected: list[Difference]) -> None:
    assert found(before, after) == expected


def test_entries_are_told_apart_by_their_ids_wherever_they_stand() -> None:
    before = {"rows": [{"id": "a", "n": 1}, {"id": "b", "n": 2}, {"id": "c", "n": 3}]}
    after = {"rows": [{"id": "x", "n": 9}, {"id": "a", "n": 1}, {"id": "c", "n": 4}]}

    assert found(before, after) == [
        Difference("/rows/1", Change.REMOVED, {"id": "b", "n": 2}),
        Difference("/rows/0", Change.ADDED, None, {"id": "x", "n": 9}),
        Difference("/rows/2/n", Change.CHANGED, 3, 4),
    ]


def test_another_order_of_the_same_entries_is_a_difference() -> None:
    rows = [{"id": "a"}, {"id": "b"}]

    assert found({"rows": rows}, {"rows": rows[::-1]}) == [
        Difference("/rows", Change.CHANGED, ["a", "b"], ["b", "a"])
    ]


def test_entries_that_share_an_id_are_compared_by_position() -> None:
    before, after = [{"id": "a", "n": 1}, {"id": "a", "n": 2}], [{"id": "a", "n": 1}]

    assert found(before, after) == [Difference("/1", Change.REMOVED, {"id": "a", "n": 2})]


def test_templates_differ_from_one_another_and_not_from_themselves() -> None:
    assert found(template("S12"), template("S12")) == []
    pointers = {each.pointer for each in found(template("S12"), template("S14"))}
    assert "/template" in pointers
