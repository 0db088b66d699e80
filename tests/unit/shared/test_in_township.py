"""What a township does its own way, laid over the county's scheme."""

from typing import Any

import pytest

from shared.structure.scheme import Scheme, in_township, township_of

RULE = {"id": "weekly", "level": "township", "kind": "patrol", "at_least": 1, "per": "week"}
DOCUMENT: dict[str, Any] = {
    "patrol": [RULE, {"id": "daily", "level": "village", "kind": "patrol", "at_least": 1,
                      "per": "day"}],
    "reports": [{"id": "monthly", "name": "月报", "per": "month", "to": "县"}],
    "role_types": [
        {"id": "township.direct", "holder": "镇长", "min": 1, "max": 1, "overrides": [
            {"unit_type": "street", "unit": None, "holder": None, "min": None, "max": 2},
            {"unit_type": None, "unit": "某镇", "holder": None, "min": None, "max": 5},
        ]},
    ],
    "overrides": [
        {
            "admin_code": "430223126",
            "patrol": [{"id": "weekly", "level": None, "kind": "patrol", "at_least": 2,
                        "per": "month"}],
            "reports": [{"id": "monthly", "name": None, "per": "quarter", "to": None}],
            "holders": [{"role_type": "township.direct", "holder": "书记", "min": None, "max": 3}],
        }
    ],
}  # fmt: skip


@pytest.mark.parametrize("code", ["430223126", "430223126201"])
def test_a_township_and_the_villages_in_it_have_its_own_ways(code: str) -> None:
    found = in_township(DOCUMENT, code)

    weekly, daily = found.document["patrol"]
    assert weekly == {**RULE, "at_least": 2, "per": "month"}
    assert daily == DOCUMENT["patrol"][1]
    assert found.document["reports"] == [
        {"id": "monthly", "name": "月报", "per": "quarter", "to": "县"}
    ]
    (direct,) = found.document["role_types"]
    assert (direct["holder"], direct["min"], direct["max"]) == ("书记", 1, 3)
    assert [entry["max"] for entry in direct["overrides"]] == [None, 5]
    assert found.pointers == (
        "/patrol/0/at_least",
        "/patrol/0/per",
        "/reports/0/per",
        "/role_types/0/holder",
        "/role_types/0/max",
    )


@pytest.mark.parametrize("code", [None, "", "430223", "430223127", "430223127201"])
def test_elsewhere_the_county_s_ways_hold(code: str | None) -> None:
    found = in_township(DOCUMENT, code)

    assert found.document is DOCUMENT
    assert found.pointers == ()


def test_the_county_s_document_stays_as_it_is() -> None:
    before = repr(DOCUMENT)

    in_township(DOCUMENT, "430223126")

    assert repr(DOCUMENT) == before


def test_a_scheme_knows_how_it_holds_in_a_township() -> None:
    scheme = Scheme(4, DOCUMENT)

    assert scheme.has_overrides
    assert scheme.in_township("430223126").version == 4
    role = scheme.in_township("430223126201").role_type("township.direct")
    assert role is not None
    assert role["max"] == 3
    assert not Scheme(1, {}).has_overrides
    assert Scheme(1, {}).in_township("430223126").document == {}


def test_a_place_lies_in_the_township_that_its_code_begins_with() -> None:
    assert township_of("430223126201") == "430223126"
    assert township_of("430223") is None
    assert township_of(None) is None
