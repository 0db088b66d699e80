"""Published schemes: versions, copies, townships' own ways, switches, and how far they are."""

from typing import Any
from uuid import uuid4

import grpc
import orjson
import pytest

from tests.integration.grid.conftest import Grids
from tests.integration.grid.schemes.test_drafts import TOWN, County, day, pointers, pointers_of
from wangge.grid.v1 import counties_pb2, schemes_pb2

OVERRIDE = {
    "admin_code": TOWN,
    "patrol": [{"id": "round", "kind": "patrol", "at_least": 2, "per": "month"}],
    "reports": [{"id": "monthly", "per": "quarter"}],
    "holders": [{"role_type": "grid.officer", "holder": "副镇长", "max": 3}],
}
WAYS = {
    "patrol": [
        {"id": "round", "kind": "patrol", "level": "township", "at_least": 1, "per": "week"}
    ],
    "reports": [{"id": "monthly", "name": "月报", "level": "township", "per": "month"}],
}
OTHER_TOWN = "430223125"


@pytest.fixture
def county(grids: Grids, county_id: str) -> County:
    return County(grids, county_id)


@pytest.mark.requirement("R-GRID-36", "R-GRID-49")
def test_what_a_scheme_rests_on_and_who_does_what_is_kept_and_read(county: County) -> None:
    documents = [
        {
            "title": "大气污染防治行动计划",
            "number": "国发〔2013〕37号",
            "issuer": "国务院",
            "trial": False,
        },
        {"title": "网格化环境监管指导意见", "number": None, "issuer": "省政府", "trial": True},
    ]
    parties = {
        "organises": "县政府",
        "coordinates": "环委会办公室",
        "carries_out": "各部门、各村",
        "takes_part": "聘请义务监督员",
    }
    county.patch({"basis": {"documents": documents, "parties": parties, "trial": True}})

    county.ask("PublishDraft")

    basis = county.document()["basis"]
    assert basis["trial"] is True
    assert [{name: each[name] for name in documents[0]} for each in basis["documents"]] == documents
    assert {name: basis["parties"][name] for name in parties} == parties
    assert county.ask("GetSchemeStatus").status.state == schemes_pb2.SCHEME_STATE_TRIAL


def test_versions_are_listed_newest_first_page_by_page(county: County) -> None:
    for number in range(2, 5):
        county.patch({"name": f"第{number}版"})
        county.ask("PublishDraft", effective_on=day(number))
    found, token = [], ""

    while True:
        page = county.ask("ListVersions", page_size=3, page_token=token)
        found += [(each.version, each.name, each.effective_on) for each in page.versions]
        token = page.next_page_token
        if not token:
            break

    assert [version for version, _, _ in found] == [4, 3, 2, 1]
    assert found[0] == (4, "第4版", day(4))
    assert county.refused("ListVersions", page_token="WyJhIl0").violations
    refused = county.refused("GetVersion", scheme_version=9)
    assert (refused.status.name, refused.reason) == ("NOT_FOUND", "SCHEME_VERSION_NOT_FOUND")


def test_two_versions_are_compared_by_pointers(county: County) -> None:
    levels = county.document()["levels"]
    county.patch({"name": "新", "levels": [{**levels[0], "expected_count": 3}, levels[1]]})
    county.ask("PublishDraft")

    answer = county.ask("CompareVersions", earlier=1, later=2)

    changed = {each.pointer: each for each in answer.differences}
    assert set(changed) == {"/name", "/levels/0/expected_count"}
    count = changed["/levels/0/expected_count"]
    assert (count.change, count.before_json, count.after_json) == (
        schemes_pb2.CHANGE_CHANGED,
        "null",
        "3",
    )
    assert answer.left_off == 0
    assert list(county.ask("CompareVersions", earlier=2, later=2).differences) == []
    assert county.refused("CompareVersions", earlier=1, later=3).status.name == "NOT_FOUND"


@pytest.mark.requirement("R-TEN-12")
def test_another_county_s_scheme_becomes_the_draft_and_can_be_changed(
    grids: Grids, county_id: str
) -> None:
    source = County(
        grids,
        f"{county_id}-a",
        name="甲子县",
        template_id="S01",
        settings={
            **WAYS,
            "name": "甲子县网格方案",
            "overrides": [OVERRIDE],
            "role_types": [
                {"id": "grid.officer", "title": "经办人", "kind": "officer", "at": "grid",
                 "overrides": [{"unit": "宁家坪镇", "max": 2}, {"unit_type": "township", "max": 4}]},
            ],
            "staffing": {"totals": []},
            "cases": {"joint_enforcement": None},
            "meetings": [],
            "notifications": {"rules": []},
        },
    )  # fmt: skip
    county = County(grids, county_id, admin_code="430224", template_id="S12")

    answer = county.ask("CopyScheme", from_county_id=source.county_id)

    assert (answer.copied_version, answer.draft.based_on) == (1, 1)
    assert pointers(answer.dropped) == ["/role_types/0/overrides/0", "/overrides/0"]
    assert pointers(answer.mentions) == ["/name"]
    copied = orjson.loads(answer.draft.document_json)
    assert copied["overrides"] == []
    assert [row["unit_type"] for row in copied["role_types"][0]["overrides"]] == ["township"]
    assert copied["template"] == "S01"
    county.patch({"name": "乙丑县网格方案"})
    assert county.ask("PublishDraft").scheme.version == 2
    assert county.document()["name"] == "乙丑县网格方案"
    assert county.document()["patrol"] == source.document()["patrol"]
    assert source.document()["name"] == "甲子县网格方案"


def test_an_older_version_of_one_s_own_is_taken_whole(grids: Grids, county_id: str) -> None:
    county = County(grids, county_id, settings={**WAYS, "overrides": [OVERRIDE]})
    first = county.document()
    county.patch({"name": "第二版", "overrides": []})
    county.ask("PublishDraft")

    answer = county.ask("CopyScheme", from_county_id=county_id, version=1)

    assert (list(answer.dropped), list(answer.mentions)) == ([], [])
    assert orjson.loads(answer.draft.document_json) == first
    assert answer.draft.based_on == 2


def test_what_is_not_on_the_shelf_cannot_be_copied(county: County) -> None:
    for given in (
        {"from_county_id": "nowhere"},
        {"from_county_id": county.county_id, "version": 2},
    ):
        refused = county.refused("CopyScheme", **given)
        assert (refused.status.name, refused.reason) == ("NOT_FOUND", "SHELVED_SCHEME_NOT_FOUND")
    assert pointers_of(county.refused("CopyScheme")) == ["/from_county_id"]


def test_the_shelf_lists_every_version_of_every_county(grids: Grids, county_id: str) -> None:
    county = County(grids, county_id, template_id="S12")
    other = County(grids, f"{county_id}-b", name="邻县")
    other.patch({"name": "邻县第二版"})
    other.ask("PublishDraft", effective_on=day(3))
    found, token = [], ""

    while True:
        page = county.ask("ListShelvedSchemes", page_size=40, page_token=token)
        found += [(each.from_county_id, each.version) for each in page.schemes]
        token = page.next_page_token
        if not token:
            break

    assert found == sorted(found)
    own = [each for each in found if each[0].startswith(county_id)]
    assert own == [(county_id, 1), (other.county_id, 1), (other.county_id, 2)]
    (first, second) = county.ask("ListShelvedSchemes", from_county_id=other.county_id).schemes
    assert (second.county_name, second.name, second.effective_on) == ("邻县", "邻县第二版", day(3))
    assert (first.template_id, second.template_id) == ("S06", "S06")
    for token in ("WyJhIl0", "WzEsMl0", "WyJhYSIsIngiXQ"):
        assert pointers_of(county.refused("ListShelvedSchemes", page_token=token)) == [
            "/page_token"
        ]


def test_a_county_begins_as_a_copy_of_another(grids: Grids, county_id: str) -> None:
    source = County(grids, f"{county_id}-a", settings={**WAYS, "overrides": [OVERRIDE]})
    request = counties_pb2.CreateCountyRequest(
        county_id=county_id,
        request_id=str(uuid4()),
        name="新县",
        admin_code="430224",
        from_county_id=source.county_id,
        settings_json='{"name": "新县方案"}',
    )

    made = grids.call(grids.operator(), request)

    document = orjson.loads(made.scheme.document_json)
    assert (document["name"], document["overrides"]) == ("新县方案", [])
    assert document["patrol"] == source.document()["patrol"]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({}, "/template_id"),
        ({"template_id": "S01", "from_county_id": "x1"}, "/template_id"),
        ({"from_county_id": "nowhere"}, "/from_county_id"),
        ({"template_id": "S06", "settings_json": '{"overrides": [{"admin_code": "110101001"}]}'},
         "/settings/overrides/0/admin_code"),
    ],
)  # fmt: skip
def test_a_county_begins_from_exactly_one_thing(
    grids: Grids, county_id: str, given: dict[str, str], pointer: str
) -> None:
    request = counties_pb2.CreateCountyRequest(
        county_id=county_id, name="新县", admin_code="430224", **given
    )

    refused = grids.refusal(grids.operator(), request)

    assert pointers_of(refused) == [pointer]


@pytest.mark.requirement("R-TEN-02")
def test_a_township_has_its_own_ways_where_it_states_them(grids: Grids, county_id: str) -> None:
    county = County(grids, county_id, settings={**WAYS, "overrides": [OVERRIDE]})
    grids.bring(county_id, TOWN, OTHER_TOWN)
    towns = {grid.admin_code: grid for grid in grids.all(county_id, level_id="township")}
    village = grids.all(county_id, parent_id=towns[TOWN].grid_id)[0]

    def at(**place: str) -> Any:
        found = county.ask("GetEffectiveScheme", **place).scheme
        return found, orjson.loads(found.document_json)

    for place in (
        {"admin_code": TOWN},
        {"admin_code": village.admin_code},
        {"grid_id": towns[TOWN].grid_id},
        {"grid_id": village.grid_id},
    ):
        found, document = at(**place)
        assert (found.admin_code, found.overridden, found.version) == (TOWN, True, 1)
        (rule,) = document["patrol"]
        assert (rule["level"], rule["at_least"], rule["per"]) == ("township", 2, "month")
        assert document["reports"][0]["per"] == "quarter"
        officers = [index for index, role in enumerate(document["role_types"])
                    if role["id"] == "grid.officer"]  # fmt: skip
        assert list(found.pointers) == [
            "/patrol/0/at_least",
            "/patrol/0/per",
            "/reports/0/per",
            f"/role_types/{officers[0]}/holder",
            f"/role_types/{officers[0]}/max",
        ]
    found, document = at(admin_code=OTHER_TOWN)
    assert (found.overridden, document) == (False, county.document())
    found, document = at(admin_code="430223")
    assert (found.admin_code, document) == ("", county.document())


def test_a_place_is_a_code_or_a_grid(county: County) -> None:
    for given, pointer in (
        ({}, "/admin_code"),
        ({"admin_code": TOWN, "grid_id": str(uuid4())}, "/admin_code"),
        ({"admin_code": "4302231"}, "/admin_code"),
        ({"admin_code": "四三"}, "/admin_code"),
        ({"grid_id": "x"}, "/grid_id"),
        ({"admin_code": TOWN, "as_of": "x"}, "/as_of"),
    ):
        assert pointers_of(county.refused("GetEffectiveScheme", **given)) == [pointer]
    refused = county.refused("GetEffectiveScheme", grid_id=str(uuid4()))
    assert (refused.status.name, refused.reason) == ("NOT_FOUND", "GRID_NOT_FOUND")


def test_an_override_names_a_township_and_rules_that_there_are(county: County) -> None:
    wrong = {**OVERRIDE, "patrol": [{"id": "none", "kind": "patrol"}], "reports": [{"id": "none"}],
             "holders": [{"role_type": "no.body"}]}  # fmt: skip
    county.patch({**WAYS, "overrides": [wrong, {"admin_code": "430223"}, OVERRIDE]})

    answer = county.ask("ValidateDraft")

    assert set(pointers(answer.faults)) == {
        "/overrides/0/patrol/0/id",
        "/overrides/0/reports/0/id",
        "/overrides/0/holders/0/role_type",
        "/overrides/1/admin_code",
        "/overrides/2/admin_code",
    }


@pytest.mark.requirement("R-TEN-15")
def test_a_switch_is_a_new_version_with_that_change_alone(county: County) -> None:
    names = {feature.name for feature in county.ask("ListFeatures").features}
    assert names == {
        "reward_reporting", "follow_up", "veto", "ranking", "officer_ranking", "social",
        "whistle_call", "three_loops", "special_grids", "deduction_scoring", "meeting_intervals",
        "photo_evidence", "track_evidence",
    }  # fmt: skip
    before = county.document()

    scheme = county.ask("SwitchFeature", feature="whistle_call", on=True, expected_version=1).scheme

    assert (scheme.version, scheme.effective_on) == (2, day())
    changed = county.ask("CompareVersions", earlier=1, later=2).differences
    assert [each.pointer for each in changed] == ["/features/whistle_call"]
    assert county.document() == {
        **before,
        "features": {**before["features"], "whistle_call": True},
    }
    answer = county.ask("ListFeatures")
    assert answer.scheme_version == 2
    assert [f.name for f in answer.features if f.on and f.stated] == [
        *[n for n in names if before["features"][n] is True],
        "whistle_call",
    ]
    old = county.ask("ListFeatures", as_of="2026-01-01")
    assert "whistle_call" not in [feature.name for feature in old.features if feature.on]


def test_photo_and_track_evidence_need_their_ground(county: County) -> None:
    refused = county.refused("SwitchFeature", feature="photo_evidence", on=True)
    assert pointers_of(refused) == ["/ground"]

    county.ask("SwitchFeature", feature="photo_evidence", on=True, ground="县政府 2026 年决定")
    county.ask("SwitchFeature", feature="photo_evidence", on=False)

    (photo,) = [f for f in county.ask("ListFeatures").features if f.name == "photo_evidence"]
    assert (photo.on, photo.stated, photo.ground) == (False, True, "县政府 2026 年决定")
    assert county.scheme().version == 3


def test_a_switch_that_is_not_there_or_stands_so_is_refused(county: County) -> None:
    assert pointers_of(county.refused("SwitchFeature", feature="magic", on=True)) == ["/feature"]
    refused = county.refused("SwitchFeature", feature="veto", on=True, ground="依据")
    assert pointers_of(refused) == ["/ground"]
    county.ask("SwitchFeature", feature="veto", on=False)
    refused = county.refused("SwitchFeature", feature="veto", on=False)
    assert (refused.status.name, refused.reason) == ("FAILED_PRECONDITION", "FEATURE_AS_WANTED")
    refused = county.refused("SwitchFeature", feature="veto", on=True, expected_version=1)
    assert refused.status is grpc.StatusCode.ABORTED
    county.patch({"name": "以后"})
    county.ask("PublishDraft", effective_on=day(9))
    refused = county.refused("SwitchFeature", feature="veto", on=True)
    assert pointers_of(refused) == ["/effective_on"]


@pytest.mark.requirement("R-GRID-39")
def test_how_far_a_scheme_is_stands_against_its_day(grids: Grids, county_id: str) -> None:
    county = County(grids, county_id, template_id="S14")
    status = county.ask("GetSchemeStatus").status
    assert (status.complete_by, status.overdue) == ("2015-12-31", False)
    assert status.state == schemes_pb2.SCHEME_STATE_ACTIVE
    assert status.days_left < 0

    county.patch({"basis": {"trial": True}})
    assert county.ask("GetSchemeStatus").status.draft_version == 1
    county.ask("PublishDraft")

    status = county.ask("GetSchemeStatus").status
    assert (status.state, status.overdue) == (schemes_pb2.SCHEME_STATE_TRIAL, True)
    assert (status.in_force, status.draft_version) == (2, 0)
    county.patch({"basis": {"trial": False, "complete_by": day(10)}})
    county.ask("PublishDraft", effective_on=day(5))
    status = county.ask("GetSchemeStatus").status
    assert (status.next_version, status.next_effective_on) == (3, day(5))
    later = County(grids, f"{county_id}-b")
    assert not later.ask("GetSchemeStatus").status.HasField("days_left")
    request = counties_pb2.CreateCountyRequest(
        county_id=f"{county_id}-c",
        name="未生效",
        admin_code="430223",
        template_id="S14",
        effective_on=day(30),
        settings_json=orjson.dumps({"basis": {"complete_by": day(40)}}).decode(),
    )
    grids.call(grids.operator(), request)
    who = grids.person(f"{county_id}-c", read=["g:"])
    status = grids.call(who, schemes_pb2.GetSchemeStatusRequest(county_id=f"{county_id}-c")).status
    assert status.state == schemes_pb2.SCHEME_STATE_DRAFT
    assert (status.in_force, status.next_version, status.days_left) == (0, 1, 40)


def test_reading_versions_takes_a_post_in_the_county(grids: Grids, county: County) -> None:
    grids.create(f"{county.county_id}-b")
    for name, given in (
        ("ListVersions", {}),
        ("GetVersion", {"scheme_version": 1}),
        ("CompareVersions", {"earlier": 1, "later": 1}),
        ("GetEffectiveScheme", {"admin_code": TOWN}),
        ("GetSchemeStatus", {}),
        ("ListFeatures", {}),
        ("ListDepartments", {}),
        ("ListCategories", {}),
    ):
        request = county.request(name, **given)
        for who in (grids.person(county.county_id, patrol=["g:1."]), grids.city("city_supervisor")):
            grids.call(who, request)
        assert grids.refusal([], request).status.name == "UNAUTHENTICATED"
        stranger = grids.person(f"{county.county_id}-b", configure=["g:"])
        assert grids.refusal(stranger, request).reason == "COUNTY_NOT_FOUND"
