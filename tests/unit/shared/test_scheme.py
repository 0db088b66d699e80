"""A version of a scheme never changes, so it is read out of its document once."""

from shared.structure.scheme import Scheme

DOCUMENT = {
    "calendar": {
        "time_zone": "Asia/Shanghai",
        "overrides": [{"date": "2026-02-14", "working": True}],
    },
    "levels": [{"id": "township"}, {"id": "village"}],
    "role_types": [{"id": "direct", "capabilities": ["accept"]}],
    "departments": [{"id": "ecology", "duties": []}],
    "categories": [{"id": "straw_burning"}],
    "cases": {
        "clocks": [{"kind": "dispose", "from": "accepted", "stops": "handle", "within": None}]
    },
    "patrol": [],
    "reports": [],
    "overrides": [
        {
            "admin_code": "430223126",
            "patrol": [],
            "reports": [],
            "holders": [{"role_type": "direct", "capabilities": ["accept", "close"]}],
        }
    ],
}


def scheme() -> Scheme:
    return Scheme(3, DOCUMENT)


def test_what_was_read_once_is_kept():
    county = scheme()

    assert county.calendar is county.calendar
    assert county.clocks is county.clocks
    assert county.category_ids == ("straw_burning",)
    assert county == scheme()


def test_entries_are_found_by_their_ids():
    county = scheme()

    assert county.level("village") == {"id": "village"}
    assert county.role_type("direct")["capabilities"] == ["accept"]
    assert county.department("ecology") == {"id": "ecology", "duties": []}
    assert county.category("straw_burning") == {"id": "straw_burning"}
    assert county.level("direct") is None


def test_of_two_entries_with_an_id_the_first_counts():
    assert Scheme(1, {"levels": [{"id": "a", "n": 1}, {"id": "a", "n": 2}]}).level("a")["n"] == 1


def test_an_empty_document_has_no_entries():
    assert Scheme(1, {}).level("village") is None
    assert Scheme(1, {"levels": None}).level("village") is None


def test_a_township_s_own_way_is_worked_out_once():
    county = scheme()

    village = county.in_township("430223126201")

    assert village.role_type("direct")["capabilities"] == ["accept", "close"]
    assert county.in_township("430223126") is village
    assert village.version == 3


def test_where_no_township_does_it_its_own_way_the_scheme_is_the_county_s():
    county = scheme()

    for code in (None, "430223", "430223127", "430223127201"):
        assert county.in_township(code) is county
