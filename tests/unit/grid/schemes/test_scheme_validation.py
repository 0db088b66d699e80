"""What a scheme document may hold, and what is said about one that holds something else."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from services.grid.schemes.document import InvalidScheme, Problem, merge, normalise, validate
from services.grid.schemes.document import vocabulary as words
from services.grid.templates import template

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def scheme(**sections: object) -> dict[str, Any]:
    """A small valid document: a township above its villages, a department and a clock."""
    document: dict[str, Any] = {
        "format": 1,
        "name": "示例县方案",
        "levels": [
            {"id": "county", "rank": "county", "scope": "upper", "name": "县级网格"},
            {"id": "town", "rank": "township", "scope": "own", "name": "乡",
             "unit_types": ["town"]},
            {"id": "village", "rank": "village", "scope": "own", "name": "村"},
        ],
        "role_types": [
            {"id": "town.direct", "title": "直接责任人", "kind": "direct", "at": "grid",
             "level": "town", "capabilities": ["accept"], "min": 1, "max": 2},
            {"id": "department.officer", "title": "经办人", "kind": "officer", "at": "department"},
        ],
        "patrol": [{"id": "weekly", "level": "village", "kind": "patrol", "at_least": 1,
                    "per": "week", "role": "town.direct"}],
        "categories": [{"id": "smoke", "name": "烟"},
                       {"id": "straw", "name": "秸秆", "parent": "smoke"}],
        "departments": [{"id": "ecology", "name": "生态环境分局", "default": True,
                         "duties": [{"category": "straw", "mode": "lead"}]}],
        "cases": {
            "powers": [{"level": "town", "may": ["accept", "close"]}],
            "clocks": [{"kind": "dispose", "from": "opened", "stops": "handled",
                        "within": {"working_days": 7}}],
            "escalation": [{"clock": "dispose", "to": "town"}],
        },
        "notifications": {"rules": [{"on": "case.opened.v1", "to_kinds": ["direct"],
                                     "at": "responsible_grid"}]},
    }  # fmt: skip
    return {**document, **sections}


def with_value(document: dict[str, Any], where: str, value: object) -> dict[str, Any]:
    """A copy of the document with another value at a JSON pointer."""
    changed = deepcopy(document)
    *steps, last = where.strip("/").split("/")
    at: Any = changed
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
    at[int(last) if isinstance(at, list) else last] = value
    return changed


def test_a_valid_document_has_no_problems() -> None:
    assert validate(scheme()) == []


@pytest.mark.parametrize(
    ("where", "value", "pointer", "words_in_it"),
    [
        # shape
        ("/format", 2, "/format", "format 1"),
        ("/name", None, "/name", "cannot be null"),
        ("/name", 7, "/name", "Give a text"),
        ("/bogus", 1, "/bogus", "Unknown field"),
        ("/levels", [], "/levels", "at least 1"),
        ("/levels/0", "county", "/levels/0", "Give an object"),
        ("/levels/1/id", "Town 1", "/levels/1/id", "lower-case"),
        ("/levels/1/rank", "parish", "/levels/1/rank", "not one of"),
        ("/levels/1/number", "3", "/levels/1/number", "whole number"),
        ("/levels/1/number", True, "/levels/1/number", "whole number"),
        ("/levels/1/expected_count", -1, "/levels/1/expected_count", "at least 0"),
        ("/levels/1/headcount", 3, "/levels/1/headcount", "Unknown field"),
        ("/levels/1/unit_types", "town", "/levels/1/unit_types", "Give a list"),
        ("/role_types/0/id", "direct", "/role_types/0/id", "joined by a dot"),
        ("/role_types/0/capabilities", ["fly"], "/role_types/0/capabilities/0", "not one of"),
        ("/role_types/0/overrides", [{}], "/role_types/0/overrides/0", "either unit_type or unit"),
        ("/patrol/0/per", "regular", "/patrol/0/per", "can be counted"),
        ("/patrol/0/window", {"opens": "25:00", "closes": "06:00"}, "/patrol/0/window/opens",
         "time of day"),
        ("/cases/clocks/0/stops", "finished", "/cases/clocks/0/stops", "not one of"),
        ("/cases/clocks/0/within", {"hours": 1, "days": 1}, "/cases/clocks/0/within",
         "exactly one"),
        ("/cases/clocks/0/within", {"weeks": 1}, "/cases/clocks/0/within/weeks", "Unknown field"),
        ("/assessment/items", [{"id": "a", "name": "处置率", "rule": "linear", "points": 30}],
         "/assessment/items/0/indicator", "needs this value"),
        ("/disclosure/items", [{"id": "a", "name": "结果", "within": {"days": 3}}],
         "/disclosure/items/0/on", "runs from"),
        ("/calendar/time_zone", "Asia/Beijing", "/calendar/time_zone", "IANA"),
        ("/calendar/overrides", [{"date": "2026-02-30"}], "/calendar/overrides/0/date", "a date"),
        ("/features/photo_evidence", {"on": True}, "/features/photo_evidence/ground", "ground"),
        ("/features/login_ranking", True, "/features/login_ranking", "Unknown field"),
        # references
        ("/role_types/0/level", "hamlet", "/role_types/0/level", "No level 'hamlet'"),
        ("/role_types/1/level", "town", "/role_types/1/level", "stands on no level"),
        ("/role_types/0/overrides", [{"unit_type": "port"}], "/role_types/0/overrides/0/unit_type",
         "No level with units of the type 'port'"),
        ("/role_types/0/min", 3, "/role_types/0/min", "greater than max 2"),
        ("/role_types/1/id", "town.direct", "/role_types/1/id", "Used twice"),
        ("/levels/2/id", "town", "/levels/2/id", "Used twice"),
        ("/levels/2/rank", "prefecture_city", "/levels/2/rank", "from the top down"),
        ("/levels/2/scope", "upper", "/levels/2/scope", "before the county's own"),
        ("/patrol/0/level", "hamlet", "/patrol/0/level", "No level"),
        ("/patrol/0/role", "town.chief", "/patrol/0/role", "No role type 'town.chief'"),
        ("/patrol/0/scope", {"grades": ["key"]}, "/patrol/0/scope/grades/0", "No source grade"),
        ("/categories/0/parent", "straw", "/categories/1/parent", "under itself"),
        ("/departments/0/duties/0/category", "dust", "/departments/0/duties/0/category",
         "No category 'dust'"),
        ("/departments/0/duties", [{"category": "straw", "mode": "lead"}] * 2,
         "/departments/0/duties/1/category", "Used twice"),
        ("/departments", [{"id": x, "name": x, "default": True} for x in "ab"],
         "/departments/1/default", "Only one department"),
        ("/cases/powers/0/level", "hamlet", "/cases/powers/0/level", "No level"),
        ("/cases/powers/0/level", "county", "/cases/powers/0/level", "above the county"),
        ("/cases/clocks/0/from", "closed", "/cases/clocks/0/stops", "cannot stop at handled"),
        ("/cases/escalation/0/clock", "arrive", "/cases/escalation/0/clock", "No clock"),
        ("/cases/joint_enforcement/organiser_role", "a.b",
         "/cases/joint_enforcement/organiser_role", "No role type"),
        ("/notifications/rules/0/to_kinds", ["liaison"], "/notifications/rules/0/to_kinds/0",
         "No role type of the kind 'liaison'"),
        ("/reports", [{"id": "r", "level": "hamlet"}], "/reports/0/level", "No level"),
        ("/meetings", [{"id": "m", "name": "会", "convener_role": "a.b"}],
         "/meetings/0/convener_role", "No role type"),
        ("/overrides", [{"admin_code": "1", "holders": [{"role_type": "town.direct", "min": 3,
         "max": 1}]}], "/overrides/0/holders/0/min", "greater than max"),
    ],
)  # fmt: skip
def test_a_fault_is_named_where_it_lies(
    where: str, value: object, pointer: str, words_in_it: str
) -> None:
    found = [p for p in validate(with_value(scheme(), where, value)) if p.pointer == pointer]

    assert len(found) == 1
    assert words_in_it in found[0].en
    assert CHINESE.search(found[0].zh)


def test_a_circle_of_categories_is_reported_on_every_member() -> None:
    document = with_value(scheme(), "/categories/0/parent", "straw")

    assert [p.pointer for p in validate(document)] == [
        "/categories/0/parent",
        "/categories/1/parent",
    ]


def test_all_faults_are_reported_at_once() -> None:
    document = scheme(bogus=1, format=None)
    document["levels"][1]["number"] = "3"
    document["role_types"][0]["level"] = "hamlet"
    document["role_types"][0]["min"] = 9
    document["cases"]["clocks"][0]["stops"] = "opened"
    document["cases"]["powers"][0]["may"] = ["fly", "swim"]

    assert [problem.pointer for problem in validate(document)] == [
        "/bogus",
        "/cases/clocks/0/stops",
        "/cases/powers/0/may/0",
        "/cases/powers/0/may/1",
        "/format",
        "/levels/1/number",
        "/role_types/0/level",
        "/role_types/0/min",
    ]


@pytest.mark.parametrize("document", [None, [], "scheme", 7, {}, {"levels": {}}])
def test_what_is_no_scheme_at_all_is_refused_not_fatal(document: object) -> None:
    assert validate(document)


def test_no_malformed_part_breaks_the_validation() -> None:
    document = one_of_each(template("S14"))
    checked = 0
    for where in pointers(document):
        for value in ({"x": [1]}, 5):
            for problem in validate(with_value(document, where, value)):
                assert problem.en
                assert CHINESE.search(problem.zh), problem
            checked += 1

    assert checked > 200


def one_of_each(value: Any) -> Any:
    """The value with every list cut down to its first entry."""
    if isinstance(value, list):
        return [one_of_each(entry) for entry in value[:1]]
    if isinstance(value, dict):
        return {key: one_of_each(entry) for key, entry in value.items() if entry not in (None, [])}
    return value


def pointers(value: Any, path: str = "") -> Iterator[str]:
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, entry in entries:
        yield f"{path}/{key}"
        if isinstance(entry, dict | list):
            yield from pointers(entry, f"{path}/{key}")


def test_an_invalid_document_cannot_be_normalised() -> None:
    with pytest.raises(InvalidScheme) as refusal:
        normalise(scheme(bogus=1))

    assert [fault.pointer for fault in refusal.value.violations] == ["/bogus"]
    assert refusal.value.reason == "SCHEME_INVALID"


def test_normalising_fills_in_what_is_not_stated_and_changes_nothing_else() -> None:
    full = normalise(scheme())

    assert full["levels"][1]["number"] is None
    assert full["levels"][1]["expected_count"] is None
    assert full["patrol"][0]["per"] == "week"
    assert full["reports"] == []
    assert full["cases"]["transfer"]["result_within"] is None
    assert full["calendar"] == {
        "time_zone": "Asia/Shanghai", "working_days": "national", "overrides": [],
    }  # fmt: skip
    assert normalise(full) == full
    assert json.loads(json.dumps(full)) == full


def test_null_and_absent_are_the_same() -> None:
    empty = dict.fromkeys(("patrol", "cases", "assessment", "checklist", "meetings"))

    assert normalise(scheme(**empty))["cases"] == normalise(scheme(cases={}))["cases"]
    assert normalise(scheme(**empty))["checklist"] == []


@pytest.mark.requirement("R-PATROL-01", part="the scheme states it")
@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "half_year", "year"])
def test_a_patrol_frequency_is_set_for_a_level_and_a_post(period: str) -> None:
    rule = {"id": "r", "level": "village", "kind": "patrol", "role": "town.direct"}

    counted = normalise(scheme(patrol=[{**rule, "at_least": 2, "per": period}]))["patrol"][0]
    regular = normalise(scheme(patrol=[{**rule, "per": "regular"}]))["patrol"][0]

    assert (counted["level"], counted["role"]) == ("village", "town.direct")
    assert (counted["at_least"], counted["per"]) == (2, period)
    assert (regular["at_least"], regular["per"]) == (None, "regular")


@pytest.mark.requirement("R-TEN-15", part="the scheme holds each switch")
@pytest.mark.parametrize(
    "switch",
    ["reward_reporting", "follow_up", "veto", "ranking", "social", "whistle_call", "three_loops",
     "special_grids", "deduction_scoring", "meeting_intervals"],
)  # fmt: skip
def test_a_feature_is_switched_per_county(switch: str) -> None:
    assert normalise(scheme(features={switch: True}))["features"][switch] is True
    assert normalise(scheme(features={switch: False}))["features"][switch] is False
    assert normalise(scheme())["features"][switch] is None


@pytest.mark.requirement("R-GRID-04")
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_the_number_of_tiers_is_the_countys(count: int) -> None:
    levels = [
        {"id": f"tier_{rank}", "rank": rank, "scope": "own", "name": rank}
        for rank in words.RANKS[3 : 3 + count]
    ]
    document = {
        "format": 1,
        "name": "方案",
        "levels": levels,
        "role_types": scheme()["role_types"][1:],
    }

    assert validate(document) == []


def test_evidence_may_be_switched_on_with_its_ground() -> None:
    evidence = {"on": True, "ground": "《应急值守规定》第三条"}

    assert validate(scheme(features={"photo_evidence": evidence})) == []


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": ["c", "d"]}, {"a": ["c", "d"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "c"}, {"a": {"b": None, "d": 1}}, {"a": {"d": 1}}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_settings_are_laid_over_a_template(
    target: dict[str, Any], patch: dict[str, Any], result: dict[str, Any]
) -> None:
    before = deepcopy(target), deepcopy(patch)

    merged = merge(target, patch)

    assert merged == result
    assert (target, patch) == before


def test_problems_escape_what_a_pointer_must_escape() -> None:
    assert validate(scheme(**{"a/b~c": 1})) == [
        Problem("/a~1b~0c", "Unknown field: remove it or correct its name.",
                "未知字段,请删除或更正字段名。")
    ]  # fmt: skip
