"""The ledger of pollution sources through the real guard, gRPC and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import grpc
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.grid.sources.usecases import ledger as sources
from services.grid.store import make_transaction
from shared.db.transaction import SET_COUNTY, UnitOfWork
from tests.integration.grid.conftest import Grids
from tests.integration.grid.sources.ledger import Ledger, code, make_ledger
from tests.integration.service_fixtures import Databases, context_of
from wangge.grid.v1 import sources_pb2


@pytest.fixture
def ledger(grids: Grids, channel: grpc.Channel, county_id: str) -> Ledger:
    return make_ledger(grids, channel, county_id)


def test_what_is_entered_is_read_back_whole(ledger: Ledger) -> None:
    given = {
        "name": "测试养殖场", "type": "livestock_farming", "grade": "one", "key_object": True,
        "credit_code": code(1), "address": "甲路1号", "industry": "畜牧", "longitude": 113.3,
        "latitude": 27.0, "zone": "limited", "state": sources_pb2.SOURCE_STATE_OPERATING,
        "automatic_monitoring": "AM-7", "patrol_monitoring": "PM-7", "law_record": "无处罚记录",
        "off_list": True,
    }  # fmt: skip

    made = ledger.source(**given)

    assert {name: getattr(made, name) for name in given} == given
    assert (made.grid_path, made.grid_name, made.grid_code) == (
        *(ledger.village.path, ledger.village.name, ledger.village.admin_code),
    )
    assert (made.supervision.at_least, made.supervision.per) == (2, "month")
    assert ledger.call("GetSource", pollution_source_id=made.pollution_source_id).source == made
    assert ledger.all() == [made]
    [event] = ledger.events("source.recorded.v1")
    assert (event["subject"], event["sequence"]) == (made.pollution_source_id, "1")
    assert event["data"]["grade"] == "one"
    assert "测试养殖场" not in str(event)


def test_the_same_request_twice_makes_one_source(ledger: Ledger) -> None:
    members = {"request_id": str(uuid4()), "name": "测试甲场"}
    who = ledger.person(patrol=["g:"])

    first, second = (ledger.source(who=who, **members) for _ in range(2))

    assert first == second
    assert len(ledger.all()) == 1


def test_what_the_ledger_has_is_not_entered_again(ledger: Ledger) -> None:
    first = ledger.source(name="测试(甲)场", credit_code=code(1))

    for members in (
        {"name": "乙场", "credit_code": code(1), "grid": ledger.village_b},
        {"name": "测试(甲)场"},
    ):
        refused = ledger.refusal(
            "CreateSource", grid_id=members.pop("grid", ledger.village).grid_id,
            type="livestock_farming", **members,
        )  # fmt: skip
        assert refused.reason == "SOURCE_EXISTS"
        assert refused.metadata["source_id"] == first.pollution_source_id
    ledger.source(ledger.village_b, name="测试(甲)场")
    ledger.source(name="测试(甲)场", credit_code=code(2))
    assert len(ledger.all()) == 3


def test_of_two_who_enter_the_same_source_one_is_told_so(ledger: Ledger) -> None:
    def enter(_: int) -> str:
        try:
            return ledger.source(name="同名场", credit_code=code(3)).pollution_source_id
        except grpc.RpcError as error:
            return error.code().name

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(enter, range(8)))

    assert answers.count("ALREADY_EXISTS") == 7
    assert len(ledger.all()) == 1


def test_every_fault_is_named_in_both_languages(ledger: Ledger) -> None:
    refused = ledger.refusal(
        "CreateSource", grid_id=str(uuid4()), name="。", type="shop", grade="nine",
        credit_code="1", zone="moon", longitude=1.0,
    )  # fmt: skip

    assert refused.status.name == "INVALID_ARGUMENT"
    assert {fault.pointer for fault in refused.violations} == {
        *("/name", "/type", "/grade", "/credit_code", "/zone", "/longitude", "/grid_id")
    }
    assert all(fault.detail.en and fault.detail.zh for fault in refused.violations)


def test_one_writes_where_one_patrols_or_configures(ledger: Ledger) -> None:
    here, there = f"g:{ledger.village.path}", f"g:{ledger.village_b.path}"
    for capability in ("patrol", "configure"):
        made = ledger.source(who=ledger.person(**{capability: [here]}))
        own = {"pollution_source_id": made.pollution_source_id}
        result = sources_pb2.SOURCE_VERIFICATION_OPERATING
        for who in (
            ledger.person(**{capability: [there]}),
            ledger.person(read=["g:"]),
            ledger.person(patrol=["d:ecology"]),
        ):
            for method, members in (
                (
                    "CreateSource",
                    {"grid_id": ledger.village.grid_id, "name": "x", "type": "aquaculture"},
                ),
                ("UpdateSource", {**own, "address": "x"}),
                ("VerifySource", {**own, "result": result}),
                ("GradeSource", {**own, "grade": "one", "reason": "x"}),
            ):
                assert ledger.refusal(method, who, **members).status.name == "PERMISSION_DENIED"
        elsewhere = ledger.refusal(
            "UpdateSource", ledger.person(**{capability: [here]}), **own,
            grid_id=ledger.village_b.grid_id,
        )  # fmt: skip
        assert elsewhere.status.name == "PERMISSION_DENIED"
    refused = ledger.refusal("GetSource", [], pollution_source_id=made.pollution_source_id)
    assert refused.status.name == "UNAUTHENTICATED"


@pytest.mark.requirement("R-SRC-01")
@pytest.mark.requirement("R-SRC-04")
def test_a_township_s_ledger_holds_its_villages_entries(ledger: Ledger) -> None:
    own = ledger.source(ledger.township).pollution_source_id
    mine = ledger.source(ledger.village).pollution_source_id
    other = ledger.source(ledger.village_b).pollution_source_id

    def of(path: str) -> set[str]:
        return ledger.ids(ledger.person(read=[f"g:{path}"]))

    assert of(ledger.township.path) == {own, mine, other}
    assert of(ledger.village.path) == {mine}
    assert ledger.ids(grid_id=ledger.village_b.grid_id) == {other}
    assert [each.grid_path for each in ledger.all()] == [
        *(ledger.township.path, ledger.village.path, ledger.village_b.path)
    ]
    who = ledger.person(read=[f"g:{ledger.village.path}"])
    assert (
        ledger.refusal("GetSource", who, pollution_source_id=other).status.name
        == "PERMISSION_DENIED"
    )
    refused = ledger.refusal("ListSources", who, grid_id=ledger.township.grid_id)
    assert refused.status.name == "PERMISSION_DENIED"


@pytest.mark.requirement("R-SRC-14")
def test_departments_share_the_ledger_and_its_totals(ledger: Ledger) -> None:
    made = ledger.source(ledger.village)
    who = ledger.person(read=["d:water"])

    assert ledger.all(who) == [made]
    assert (
        ledger.call("GetSource", who, pollution_source_id=made.pollution_source_id).source == made
    )
    assert ledger.call("GetSourceDistribution", who).count == 1
    in_grid = ledger.person(read=[f"g:{ledger.village.path}"])
    shares = ledger.call("GetSourceDistribution", in_grid, grid_id=ledger.village.grid_id)
    assert shares.count == 1


@pytest.mark.requirement("R-SRC-03")
@pytest.mark.requirement("R-SRC-15")
@pytest.mark.requirement("R-SRC-17")
def test_the_ledger_is_read_along_every_key(ledger: Ledger) -> None:
    farm = ledger.source(
        zone="forbidden", industry="畜牧", grade="one", key_object=True, name="猪场",
        state=sources_pb2.SOURCE_STATE_CLOSED, automatic_monitoring="AM-1",
    )  # fmt: skip
    plant = ledger.source(type="concrete_plant", off_list=True, name="百分100%场")
    verified = ledger.call(
        "VerifySource",
        pollution_source_id=plant.pollution_source_id,
        result=sources_pb2.SOURCE_VERIFICATION_NOT_FOUND,
    ).source
    supplied = ledger.supplied("ecology")
    ledger.bring(supplied.list_id, {"name": "猪场", "grid_code": ledger.village.admin_code})

    for filters in (
        *({"type": "livestock_farming"}, {"grade": "one"}, {"zone": "forbidden"}),
        *({"industry": "畜牧"}, {"key_object": True}, {"off_list": False}, {"name": "猪"}),
        {"state": sources_pb2.SOURCE_STATE_CLOSED},
        {"verification": sources_pb2.SOURCE_VERIFICATION_UNVERIFIED},
        *({"department_id": "ecology"}, {"list_id": supplied.list_id}),
    ):
        assert ledger.ids(**filters) == {farm.pollution_source_id}, filters
    assert ledger.ids(name="0%") == ledger.ids(off_list=True) == {plant.pollution_source_id}
    assert ledger.ids(name="%猪") == set()
    found = ledger.call("GetSource", pollution_source_id=farm.pollution_source_id).source
    assert (found.automatic_monitoring, found.patrol_monitoring) == ("AM-1", "")
    assert list(found.departments) == ["ecology"]
    assert verified.verification == sources_pb2.SOURCE_VERIFICATION_NOT_FOUND


@pytest.mark.requirement("R-SRC-12")
def test_farms_are_told_apart_by_zone_and_by_what_was_done_there(ledger: Ledger) -> None:
    closed, operating = sources_pb2.SOURCE_STATE_CLOSED, sources_pb2.SOURCE_STATE_OPERATING
    forbidden = ledger.source(zone="forbidden", state=operating)
    ledger.source(zone="suitable", state=operating, law_record="已升级改造,达标排放")

    def still_open() -> set[str]:
        return ledger.ids(zone="forbidden", state=operating)

    assert still_open() == {forbidden.pollution_source_id}
    ledger.call(
        "VerifySource",
        pollution_source_id=forbidden.pollution_source_id,
        result=sources_pb2.SOURCE_VERIFICATION_CLOSED,
    )
    assert still_open() == set()
    assert ledger.ids(zone="forbidden", state=closed) == {forbidden.pollution_source_id}
    by_zone = ledger.call("GetSourceDistribution", by="zone").groups
    assert {(group.name, group.count) for group in by_zone} == {("禁养区", 1), ("适养区", 1)}


def test_pages_hold_every_source_once_in_one_order(ledger: Ledger) -> None:
    made = [
        ledger.source(grid).pollution_source_id
        for grid in (ledger.village_b, ledger.village, ledger.township)
        for _ in range(5)
    ]
    who = ledger.person(read=["g:"])

    for size in (1, 2, 4, 5, 7, 15, 500):
        found = [each.pollution_source_id for each in ledger.all(who, page_size=size)]
        assert found == [*made[10:], *made[5:10], *made[:5]], size
    for token in ("x", "WzFd", "WzEsMl0"):
        assert (
            ledger.refusal("ListSources", page_token=token).violations[0].pointer == "/page_token"
        )
    assert ledger.refusal("ListSources", page_size=501).violations[0].pointer == "/page_size"


def test_a_change_leaves_what_it_does_not_name(ledger: Ledger) -> None:
    made = ledger.source(address="甲路1号", industry="畜牧", longitude=113.0, latitude=27.0)

    after = ledger.call(
        "UpdateSource", pollution_source_id=made.pollution_source_id, expected_version=1, industry="",
        law_record="守法", credit_code=code(5).lower(), state=sources_pb2.SOURCE_STATE_SUSPENDED,
    ).source  # fmt: skip

    assert (after.address, after.industry, after.longitude) == ("甲路1号", "", 113.0)
    assert (after.law_record, after.credit_code, after.version) == ("守法", code(5), 2)
    again = ledger.call(
        "UpdateSource", pollution_source_id=made.pollution_source_id, law_record="守法"
    ).source
    assert again == after
    stale = ledger.refusal(
        "UpdateSource", pollution_source_id=made.pollution_source_id, expected_version=1, name="x"
    )
    assert (stale.status.name, stale.reason) == ("ABORTED", "STALE_VERSION")
    moved = ledger.call(
        "UpdateSource",
        pollution_source_id=made.pollution_source_id,
        grid_id=ledger.village_b.grid_id,
    ).source
    assert moved.grid_path == ledger.village_b.path
    assert [event["sequence"] for event in ledger.events("source.recorded.v1")] == ["1", "2", "3"]
    twin = ledger.source(ledger.village_b, name="另一场")
    refused = ledger.refusal(
        "UpdateSource", pollution_source_id=twin.pollution_source_id, credit_code=code(5)
    )
    assert refused.reason == "SOURCE_EXISTS"
    for unknown in ("no-uuid", str(uuid4())):
        assert (
            ledger.refusal("UpdateSource", pollution_source_id=unknown).reason == "SOURCE_NOT_FOUND"
        )


@pytest.mark.requirement("R-SRC-08")
def test_a_source_found_on_site_is_added_at_once_and_marked(ledger: Ledger) -> None:
    who = ledger.person(patrol=[f"g:{ledger.village.path}"])

    made = ledger.source(who=who, off_list=True)

    assert made.off_list
    assert list(made.departments) == []
    assert ledger.ids(off_list=True) == {made.pollution_source_id}
    assert ledger.events("source.recorded.v1")[0]["data"]["off_list"] is True


def test_looks_on_site_are_kept_in_order(ledger: Ledger) -> None:
    made = ledger.source()
    who = ledger.grids.person(ledger.county_id, patrol=["g:"])
    results = (
        sources_pb2.SOURCE_VERIFICATION_OPERATING,
        sources_pb2.SOURCE_VERIFICATION_NOT_FOUND,
        sources_pb2.SOURCE_VERIFICATION_CLOSED,
    )

    for version, result in enumerate(results, 1):
        after = ledger.call(
            "VerifySource", who,
            pollution_source_id=made.pollution_source_id, result=result, note=f"第{version}次",
            expected_version=version,
        ).source  # fmt: skip
        assert (after.verification, after.version) == (result, version + 1)

    assert after.state == sources_pb2.SOURCE_STATE_CLOSED
    looks = ledger.call("GetSourceHistory", pollution_source_id=made.pollution_source_id).looks
    assert [(look.number, look.result, look.note) for look in looks] == [
        (number, result, f"第{number}次") for number, result in enumerate(results, 1)
    ]
    assert {look.look_time.seconds > 0 and bool(look.actor_id) for look in looks} == {True}
    events = ledger.events("source.verified.v1")
    assert [event["data"]["result"] for event in events] == ["operating", "not_found", "closed"]
    assert all("第" not in str(event["data"]) for event in events)
    for nothing in (0, sources_pb2.SOURCE_VERIFICATION_UNVERIFIED):
        refused = ledger.refusal(
            "VerifySource", pollution_source_id=made.pollution_source_id, result=nothing
        )
        assert [fault.pointer for fault in refused.violations] == ["/result"]
    stale = ledger.refusal(
        "VerifySource",
        pollution_source_id=made.pollution_source_id,
        result=results[0],
        expected_version=2,
    )
    assert stale.reason == "STALE_VERSION"


@pytest.mark.requirement("R-SRC-10")
def test_a_grade_sets_how_often_a_source_is_looked_at(ledger: Ledger) -> None:
    made = ledger.source()
    assert not made.HasField("supervision")

    graded = ledger.call(
        "GradeSource",
        pollution_source_id=made.pollution_source_id, grade="one", key_object=True, reason="重点监管",
        expected_version=1,
    ).source  # fmt: skip
    lowered = ledger.call(
        "GradeSource", pollution_source_id=made.pollution_source_id, grade="two", reason="整改完成"
    ).source

    assert (graded.supervision.at_least, graded.supervision.per) == (2, "month")
    assert graded.key_object
    assert not lowered.key_object
    assert not lowered.supervision.HasField("at_least")
    gradings = ledger.call(
        "GetSourceHistory", pollution_source_id=made.pollution_source_id
    ).gradings
    assert [(each.grade, each.key_object, each.reason) for each in gradings] == [
        ("one", True, "重点监管"), ("two", False, "整改完成")
    ]  # fmt: skip
    assert all(each.actor_id and each.grade_time.seconds for each in gradings)
    assert [event["data"]["grade"] for event in ledger.events("source.graded.v1")] == ["one", "two"]
    refused = ledger.refusal(
        "GradeSource", pollution_source_id=made.pollution_source_id, grade="nine", reason="x"
    )
    assert {fault.pointer for fault in refused.violations} == {"/grade"}
    refused = ledger.refusal("GradeSource", pollution_source_id=made.pollution_source_id)
    assert {fault.pointer for fault in refused.violations} == {"/reason"}
    settings = ledger.call("GetSourceSettings")
    assert [(grade.id, grade.supervision.per) for grade in settings.grades] == [
        ("one", "month"), ("two", "")
    ]  # fmt: skip


def test_histories_are_only_ever_added_to(ledger: Ledger, databases: Databases) -> None:
    made = ledger.source(grade="one")
    ledger.call(
        "VerifySource",
        pollution_source_id=made.pollution_source_id,
        result=sources_pb2.SOURCE_VERIFICATION_OPERATING,
    )

    for table in ("source_looks", "source_gradings"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET number = 9"):
            with databases.engine("grid").connect() as connection:
                connection.execute(SET_COUNTY, {"county": ledger.county_id})
                with pytest.raises(ProgrammingError, match="permission denied"):
                    connection.execute(text(statement))


@pytest.mark.requirement("R-SRC-09", part="what lacks from the stated minimum")
def test_totals_add_up_and_meet_the_minimum_or_say_what_lacks(ledger: Ledger) -> None:
    ledger.source(ledger.township, grade="one")
    for grid, count in ((ledger.village, 3), (ledger.village_b, 2)):
        for _ in range(count):
            ledger.source(grid)
    ledger.source(ledger.village_b, type="concrete_plant", zone="limited", industry="建材")

    whole = ledger.call("GetSourceDistribution")
    town = ledger.call("GetSourceDistribution", grid_id=ledger.township.grid_id)
    by_type = ledger.call("GetSourceDistribution", grid_id=ledger.township.grid_id, by="type")

    assert (whole.count, whole.minimum_count, whole.lacking) == (7, 10, 3)
    assert not town.HasField("minimum_count")
    counts = {share.grid_path: share.count for share in town.shares if not share.own}
    own = [share.count for share in town.shares if share.own]
    assert (own, counts[ledger.village.path], counts[ledger.village_b.path]) == ([1], 3, 3)
    assert town.count == sum(own) + sum(counts.values()) == 7
    assert len(counts) == len(ledger.grids.all(ledger.county_id, parent_id=ledger.township.grid_id))
    assert {group.name: group.count for group in by_type.groups} == {"畜禽养殖": 6, "商砼站": 1}
    for by in ("grade", "zone", "state", "industry", "type"):
        found = ledger.call("GetSourceDistribution", by=by)
        assert sum(group.count for group in found.groups) == found.count == 7
        for share in found.shares:
            assert sum(group.count for group in share.groups) == share.count
    assert ledger.refusal("GetSourceDistribution", by="moon").violations[0].pointer == "/by"
    who = ledger.person(read=[f"g:{ledger.village.path}"])
    assert ledger.refusal("GetSourceDistribution", who).status.name == "PERMISSION_DENIED"


def test_the_city_reads_every_ledger_and_writes_none(ledger: Ledger) -> None:
    made = ledger.source()
    for who in (ledger.grids.operator(), ledger.grids.city("city_supervisor")):
        assert ledger.all(who) == [made]
        assert ledger.call("GetSourceDistribution", who).count == 1
        refused = ledger.refusal(
            "UpdateSource", who, pollution_source_id=made.pollution_source_id, name="x"
        )
        assert refused.status.name == "PERMISSION_DENIED"


def test_of_two_who_verify_one_version_one_is_told_that_it_changed(ledger: Ledger) -> None:
    made = ledger.source()

    def look(_: int) -> str:
        try:
            ledger.call(
                "VerifySource",
                pollution_source_id=made.pollution_source_id,
                expected_version=1,
                result=sources_pb2.SOURCE_VERIFICATION_OPERATING,
            )
        except grpc.RpcError as error:
            return error.code().name
        return "OK"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(look, range(8)))

    assert sorted(answers) == [*["ABORTED"] * 7, "OK"]
    assert (
        len(ledger.call("GetSourceHistory", pollution_source_id=made.pollution_source_id).looks)
        == 1
    )


def test_counties_never_meet(grids: Grids, channel: grpc.Channel, county_id: str) -> None:
    mine = make_ledger(grids, channel, county_id)
    theirs = make_ledger(grids, channel, f"{county_id}-b")
    secret = theirs.source(name="同名场", credit_code=code(9))
    own = mine.source(name="同名场", credit_code=code(9))

    assert mine.ids() == {own.pollution_source_id}
    assert mine.call("GetSourceDistribution").count == 1
    for method in ("GetSource", "UpdateSource", "GetSourceHistory", "GradeSource"):
        members = {"reason": "x"} if method == "GradeSource" else {}
        refused = mine.refusal(method, pollution_source_id=secret.pollution_source_id, **members)
        assert refused.reason == "SOURCE_NOT_FOUND"
    foreign = mine.person(read=["g:"], patrol=["g:"])
    refused = theirs.refusal("GetSource", foreign, pollution_source_id=secret.pollution_source_id)
    assert refused.reason == "COUNTY_NOT_FOUND"
    refused = mine.refusal(
        "CreateSource", grid_id=theirs.village.grid_id, name="x", type="aquaculture"
    )
    assert [fault.pointer for fault in refused.violations] == ["/grid_id"]


def test_sources_follow_to_the_grid_that_takes_over(ledger: Ledger, databases: Databases) -> None:
    made = {ledger.source(ledger.village).pollution_source_id for _ in range(3)}
    stays = ledger.source(ledger.village_b).pollution_source_id
    unit_of_work = UnitOfWork(databases.engine("grid"), make_transaction)

    with unit_of_work(context_of(ledger.county_id)) as tx:
        moved = sources.rehome(tx, UUID(ledger.village.grid_id), UUID(ledger.village_b.grid_id))

    assert moved == 3
    assert ledger.ids(grid_id=ledger.village.grid_id) == set()
    assert ledger.ids(grid_id=ledger.village_b.grid_id) == {*made, stays}
    told = ledger.events("source.recorded.v1")[-3:]
    assert {event["data"]["grid_path"] for event in told} == {ledger.village_b.path}


def test_a_county_without_its_own_words_has_the_platform_s(
    grids: Grids, channel: grpc.Channel, county_id: str
) -> None:
    ledger = make_ledger(grids, channel, county_id, settings={})

    found = ledger.call("GetSourceSettings")

    assert {zone.id for zone in found.zones} == {"forbidden", "limited", "suitable"}
    assert (len(found.types) > 20, list(found.grades), list(found.file_standard)) == (True, [], [])
    assert not found.HasField("minimum_count")
    assert not ledger.call("GetSourceDistribution").HasField("lacking")
