"""A scheme's next version, from the first draft to its publication."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import grpc
import orjson
import pytest

from tests.integration.grid.conftest import Grids, request_of
from wangge.grid.v1 import scheme_drafts_pb2, schemes_pb2

BODY = {"responsible_body": "乡镇人民政府"}
TOWN = "430223126"


def day(ahead: int = 0) -> str:
    return (datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=ahead)).isoformat()


class County:
    """A county, and somebody who configures it."""

    def __init__(self, grids: Grids, county_id: str, **given: Any) -> None:
        self.grids, self.county_id = grids, county_id
        self.made = grids.create(county_id, effective_on="2026-01-01", **given)
        self.who = grids.person(county_id, configure=["g:"])

    def request(self, name: str, **given: Any) -> Any:
        request = request_of(name, county_id=self.county_id, **given)
        if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:
            request.request_id = str(uuid4())
        return request

    def ask(self, name: str, **given: Any) -> Any:
        return self.grids.call(self.who, self.request(name, **given))

    def refused(self, name: str, **given: Any) -> Any:
        return self.grids.refusal(self.who, self.request(name, **given))

    def patch(self, changes: dict[str, Any], **given: Any) -> Any:
        text = orjson.dumps(changes).decode()
        return self.ask("SaveDraft", merge_patch_json=text, **given).draft

    def document(self, as_of: str = "") -> dict[str, Any]:
        return orjson.loads(self.scheme(as_of).document_json)

    def scheme(self, as_of: str = "") -> Any:
        request = schemes_pb2.GetSchemeRequest(county_id=self.county_id, as_of=as_of)
        return self.grids.call(self.who, request).scheme

    def published(self) -> list[dict[str, Any]]:
        events = self.grids.events(self.county_id)
        return [each for each in events if each["type"].endswith("scheme.published.v1")]


@pytest.fixture
def county(grids: Grids, county_id: str) -> County:
    return County(grids, county_id)


def pointers(findings: Any) -> list[str]:
    assert all(each.en and each.zh for each in findings)
    return [each.pointer for each in findings]


def test_a_draft_is_saved_read_and_thrown_away(county: County) -> None:
    assert county.refused("GetDraft").reason == "SCHEME_DRAFT_NOT_FOUND"

    first = county.patch({"name": "新方案"})
    second = county.patch({"template": None})

    assert (first.version, first.based_on, second.version) == (1, 1, 2)
    document = orjson.loads(second.document_json)
    assert document["name"] == "新方案"
    assert "template" not in document
    assert county.ask("GetDraft").draft == second
    assert county.ask("DiscardDraft", expected_version=2).discarded_version == 2
    assert county.refused("DiscardDraft").reason == "SCHEME_DRAFT_NOT_FOUND"
    assert county.patch({"name": "再来"}).version == 4, "a version is never used twice"
    assert county.document()["name"] != "新方案"


def test_a_draft_may_have_faults_but_must_be_one_that_can_be_kept(county: County) -> None:
    draft = county.ask("SaveDraft", document_json='{"levels": 7}').draft

    assert orjson.loads(draft.document_json) == {"levels": 7}
    for given, pointer in (
        ({"document_json": "[]"}, "/document"),
        ({"document_json": "{"}, "/document"),
        ({"merge_patch_json": '"x"'}, "/merge_patch"),
        ({}, "/document"),
        ({"document_json": "{}", "merge_patch_json": "{}"}, "/document"),
        ({"document_json": '{"name": "a\\u0000"}'}, "/document/name"),
        ({"merge_patch_json": '{"name": "a\\u0000"}'}, "/merge_patch/name"),
        ({"document_json": "{}", "based_on": 2}, "/based_on"),
    ):
        refused = county.refused("SaveDraft", **given)
        assert refused.status is grpc.StatusCode.INVALID_ARGUMENT
        assert pointers_of(refused) == [pointer]
    assert county.ask("GetDraft").draft == draft


def pointers_of(refused: Any) -> list[str]:
    assert all(v.detail.en and v.detail.zh for v in refused.violations)
    return [violation.pointer for violation in refused.violations]


def test_every_fault_and_warning_of_a_draft_is_named_at_once(county: County) -> None:
    county.patch(
        {
            "nonsense": 1,
            "levels": [
                {"id": "town", "number": 2, "rank": "township", "scope": "own", "name": "两级网格"},
                {"id": "village", "number": 3, "rank": "village", "scope": "own", "name": "村"},
            ],
            "role_types": [
                {"id": "town.direct", "title": "责任人", "kind": "direct", "at": "grid",
                 "level": "town", "min": 3, "max": 1},
            ],
            "patrol": [
                {"id": "check", "kind": "supervision_check", "level": "hamlet", "actor": "环保办",
                 "quote": "检查四级网格"},
                {"id": "look", "kind": "patrol", "level": "hamlet", "actor": "网格员"},
            ],
            "overrides": [{"admin_code": "110101001", "patrol": [{"id": "no", "kind": "patrol"}]}],
            "calendar": {"time_zone": "Asia/Urumqi"},
        }
    )  # fmt: skip

    answer = county.ask("ValidateDraft")

    assert {
        "/nonsense",
        "/role_types/0/min",
        "/patrol/1/level",
        "/overrides/0/admin_code",
        "/overrides/0/patrol/0/id",
        "/calendar/time_zone",
    } <= set(pointers(answer.faults))
    assert "/patrol/0/level" not in pointers(answer.faults)
    assert pointers(answer.warnings) == [
        "/levels/0/name",
        "/levels/1",
        "/patrol/0/actor",
        "/patrol/0/level",
        "/patrol/0/quote",
        "/patrol/1/actor",
    ]
    refused = county.refused("PublishDraft")
    assert refused.reason == "SCHEME_INVALID"
    assert set(pointers_of(refused)) == set(pointers(answer.faults))
    assert county.refused("PreviewDraft").reason == "SCHEME_INVALID"
    assert len(county.published()) == 1


@pytest.mark.parametrize(
    ("template_id", "expected"),
    [
        ("S01", "/levels/1/quote"),
        ("S12", "/levels/2"),
        ("S13", "/patrol/0/quote"),
        ("S17", "/patrol/2/actor"),
    ],
)
def test_the_odd_readings_of_real_documents_are_warned_of_and_do_not_stop(
    grids: Grids, county_id: str, template_id: str, expected: str
) -> None:
    county = County(grids, county_id, template_id=template_id)
    county.patch({"name": "下一版"})

    answer = county.ask("ValidateDraft")

    assert expected in pointers(answer.warnings)
    assert list(answer.faults) == []
    assert county.ask("PublishDraft").scheme.version == 2


def test_a_published_draft_is_the_next_version_and_told_of(county: County) -> None:
    before = county.scheme()
    draft = county.patch({"name": "第二版"})

    published = county.ask("PublishDraft", expected_version=draft.version).scheme

    assert (published.version, published.effective_on) == (2, day())
    assert county.scheme() == published
    assert county.scheme("2026-01-01") == before, "what old records rest on stays"
    assert county.ask("GetVersion", scheme_version=1).scheme == before
    assert county.refused("GetDraft").reason == "SCHEME_DRAFT_NOT_FOUND"
    told = county.published()[-1]
    assert int(told["sequence"]) == 2
    assert told["data"]["document"] == orjson.loads(published.document_json)
    assert told["data"]["effective_on"] == day()


def test_a_version_of_a_later_day_holds_from_that_day(county: County) -> None:
    county.patch({"name": "以后"})
    later = county.ask("PublishDraft", effective_on=day(30)).scheme

    assert county.scheme().version == 1
    assert county.scheme(day(29)).version == 1
    assert county.scheme(day(30)) == later
    draft = county.patch({"name": "更后"})
    assert draft.based_on == 2, "the next version follows the newest, in force or not"
    refused = county.refused("PublishDraft", effective_on=day(29))
    assert pointers_of(refused) == ["/effective_on"]
    assert county.ask("PublishDraft", effective_on=day(30)).scheme.version == 3
    assert county.scheme(day(30)).version == 3


@pytest.mark.parametrize("wrong", [day(-1), "2026-13-01", "tomorrow"])
def test_a_version_begins_today_or_later(county: County, wrong: str) -> None:
    county.patch({"name": "早"})

    assert pointers_of(county.refused("PublishDraft", effective_on=wrong)) == ["/effective_on"]


@pytest.mark.requirement("R-GRID-46")
def test_a_level_that_has_grids_needs_a_responsible_body(grids: Grids, county_id: str) -> None:
    county = County(grids, county_id, template_id="S06")
    county.patch({"name": "无网格时可发布"})
    assert county.ask("PublishDraft").scheme.version == 2
    grids.bring(county_id, TOWN)
    county.patch({"name": "有网格"})

    refused = county.refused("PublishDraft")

    assert (refused.reason, pointers_of(refused)) == (
        "SCHEME_INVALID",
        ["/levels/1/responsible_body"],
    )
    levels = county.document()["levels"]
    county.patch({"levels": [levels[0], {**levels[1], "responsible_body": "村委会"}]})
    assert county.ask("PublishDraft").scheme.version == 3


def test_a_draft_that_rests_on_an_older_version_is_not_published_over_the_newer(
    county: County,
) -> None:
    county.patch({"name": "草稿"})
    county.ask("SwitchFeature", feature="veto", on=True)

    refused = county.refused("PublishDraft")

    assert (refused.status.name, refused.reason) == ("FAILED_PRECONDITION", "SCHEME_DRAFT_OUTDATED")
    county.patch({"features": {"veto": True}}, based_on=2)
    assert county.ask("PublishDraft").scheme.version == 3
    assert county.document()["features"]["veto"] is True


def test_a_stale_version_changes_nothing(county: County) -> None:
    county.patch({"name": "一"})
    county.patch({"name": "二"}, expected_version=1)

    for name, given in (
        ("SaveDraft", {"merge_patch_json": "{}"}),
        ("PublishDraft", {}),
        ("DiscardDraft", {}),
        ("CopyScheme", {"from_county_id": county.county_id}),
    ):
        refused = county.refused(name, expected_version=1, **given)
        assert (refused.status.name, refused.reason) == ("ABORTED", "STALE_VERSION")
    assert county.ask("GetDraft").draft.version == 2


def test_of_two_who_publish_at_once_one_wins(county: County) -> None:
    county.patch({"name": "争"})

    def attempt(_: int) -> str:
        try:
            county.ask("PublishDraft", expected_version=1)
        except grpc.RpcError as error:
            return error.code().name
        return "OK"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, range(4)))

    assert outcomes == ["NOT_FOUND"] * 3 + ["OK"]
    assert [int(event["sequence"]) for event in county.published()] == [1, 2]


def test_of_many_who_save_at_once_each_gets_a_version_of_its_own(county: County) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: county.patch({"name": f"第{n}"}).version, range(8)))

    assert sorted(made) == list(range(1, 9))


def test_the_same_request_twice_publishes_once(grids: Grids, county: County) -> None:
    county.patch({"name": "一次"})
    who = grids.person(county.county_id, configure=["g:"])
    request = county.request("PublishDraft", request_id="once")

    assert grids.call(who, request).scheme.version == 2
    again = grids.refusal(county.who, request)
    assert again.reason == "SCHEME_DRAFT_NOT_FOUND", "another person's key is another request"
    operator = grids.city("city_operator", person_id=uuid4())
    county.patch({"name": "再次"})
    replies = [grids.call(operator, request) for _ in range(3)]
    assert {reply.scheme.version for reply in replies} == {3}


@pytest.mark.parametrize("template_id", [f"S{number:02}" for number in range(1, 18)])
def test_every_template_comes_back_byte_for_byte(
    grids: Grids, county_id: str, template_id: str
) -> None:
    county = County(grids, county_id, template_id=template_id)
    exported = county.scheme().document_json

    draft = county.ask("SaveDraft", document_json=exported).draft
    published = county.ask("PublishDraft").scheme

    assert draft.document_json == exported
    assert published.document_json == exported
    assert county.scheme().document_json == exported


def test_what_a_draft_would_change_is_said_in_numbers(grids: Grids, county_id: str) -> None:
    county = County(grids, county_id, template_id="S13", settings=SMALL)
    grids.bring(county_id, TOWN)
    villages = len(grids.all(county_id, level_id="village"))
    document = county.document()
    levels = [{**document["levels"][0], "name": "二级"}]
    roles = [
        {**role, "min": 2, "max": 3} if role["id"] == "grid.officer" else role
        for role in document["role_types"]
        if role["id"] != "grid.patroller"
    ]
    county.patch(
        {
            "levels": levels,
            "role_types": roles,
            "patrol": [{**SMALL["patrol"][0], "at_least": 3, "per": "month"},
                       {"id": "silent", "kind": "patrol", "level": "township"}],
            "categories": [{"id": "smoke", "name": "烟尘"}, {"id": "noise", "name": "噪声"}],
            "departments": [{"id": "a", "name": "甲", "duties": [
                {"category": "smoke", "mode": "lead"}, {"category": "noise", "mode": "assist"}]}],
            "cases": {"powers": [], "clocks": [
                {"kind": "dispose", "from": "opened", "stops": "handled", "within": {"days": 3}}]},
            "features": {"veto": True},
        }
    )  # fmt: skip

    impact = county.ask("PreviewDraft").impact

    assert impact.against == 1
    changed = {each.level_id: each for each in impact.levels}
    assert changed["township"].change == schemes_pb2.CHANGE_CHANGED
    assert (changed["village"].change, changed["village"].grids) == (
        schemes_pb2.CHANGE_REMOVED,
        villages,
    )
    assert len(changed["village"].first_grids) == min(villages, 10)
    roles_changed = {each.id: each.change for each in impact.role_types}
    assert roles_changed["grid.officer"] == schemes_pb2.CHANGE_CHANGED
    assert roles_changed["grid.patroller"] == schemes_pb2.CHANGE_REMOVED
    required = {(each.role_type, each.level_id): each for each in impact.required_posts}
    assert required["grid.officer", "township"].posts == 2
    assert (impact.posts_required, impact.posts_required_before) == (2, 0)
    patrol = {each.rule_id: each for each in impact.patrol}
    assert patrol["town_weekly"].per_month_before == pytest.approx(365 / 84, abs=0.01)
    assert patrol["town_weekly"].per_month_after == 3
    assert patrol["village_daily"].per_month_before == pytest.approx(365 / 12 * villages, abs=0.01)
    assert not patrol["village_daily"].HasField("per_month_after")
    assert not patrol["silent"].HasField("per_month_after")
    dropped = 365 / 84 - 3 + 365 / 12 * villages
    assert impact.per_month_dropped == pytest.approx(dropped, abs=0.02)
    assert impact.per_month_added == 0
    assert {each.id for each in impact.departments} == {"a", "b"}
    assert [(r.category, list(r.before), list(r.after)) for r in impact.routing] == [
        ("smoke", ["lead:b"], ["lead:a"]),
        ("noise", [], ["assist:a"]),
    ]
    assert [(each.id, each.change) for each in impact.categories] == [
        ("noise", schemes_pb2.CHANGE_ADDED)
    ]
    assert [each.id for each in impact.clocks] == ["dispose.opened.handled.*.*"]
    assert [(each.id, each.change) for each in impact.features] == [
        ("veto", schemes_pb2.CHANGE_ADDED)
    ]
    assert county.scheme().version == 1


SMALL: dict[str, Any] = {
    "patrol": [
        {"id": "town_weekly", "kind": "patrol", "level": "township", "at_least": 1, "per": "week"},
        {"id": "village_daily", "kind": "patrol", "level": "village", "at_least": 1, "per": "day"},
    ],
    "reports": [],
    "meetings": [],
    "staffing": {"totals": []},
    "categories": [{"id": "smoke", "name": "烟尘"}],
    "departments": [
        {"id": "b", "name": "乙", "duties": [{"category": "smoke", "mode": "lead"}]},
    ],
    "cases": {"types": [], "powers": [], "clocks": [], "escalation": [], "rewards": None,
              "joint_enforcement": None},
    "notifications": {"rules": []},
    "features": {"veto": False},
    "role_types": [
        {"id": "grid.officer", "title": "经办人", "kind": "officer", "at": "grid"},
        {"id": "grid.patroller", "title": "网格员", "kind": "patroller", "at": "grid"},
    ],
}  # fmt: skip


def test_who_may_work_the_scheme(grids: Grids, county: County, county_id: str) -> None:
    grids.create(f"{county_id}-b")
    county.patch({"name": "草稿"})
    for name in ("GetDraft", "SaveDraft", "ValidateDraft", "PreviewDraft", "PublishDraft",
                 "DiscardDraft", "CopyScheme", "ListShelvedSchemes", "SwitchFeature"):  # fmt: skip
        request = county.request(name)
        if name == "SaveDraft":
            request.merge_patch_json = "{}"
        if name == "CopyScheme":
            request.from_county_id = county_id
        if name == "SwitchFeature":
            request.feature = "veto"
        assert grids.refusal([], request).status.name == "UNAUTHENTICATED"
        for who in (
            grids.person(county_id, read=["g:"], staff=["g:"]),
            grids.person(county_id, configure=["g:1."]),
            grids.person(county_id, configure=["d:ecology"]),
            grids.city("city_supervisor"),
        ):
            assert grids.refusal(who, request).status.name == "PERMISSION_DENIED"
        foreign = grids.person(f"{county_id}-b", configure=["g:"])
        refused = grids.refusal(foreign, request)
        assert (refused.status.name, refused.reason) == ("NOT_FOUND", "COUNTY_NOT_FOUND")
    operator = grids.operator()
    assert grids.call(operator, county.request("GetDraft")).draft.version == 1
    assert grids.call(operator, county.request("PublishDraft")).scheme.version == 2


def test_the_city_has_no_scheme_of_its_own(grids: Grids) -> None:
    request = scheme_drafts_pb2.SaveDraftRequest(
        county_id="nowhere", request_id="x", merge_patch_json="{}"
    )

    assert grids.refusal(grids.operator(), request).reason == "COUNTY_NOT_FOUND"
