"""Lists of sources that departments supply: taken in, merged, split by grid, verified on site."""

import time
from uuid import uuid4

import grpc
import orjson
import pytest

from tests.integration.grid.conftest import Grids
from tests.integration.grid.sources.ledger import Ledger, code, make_ledger
from wangge.grid.v1 import sources_pb2

OPERATING = sources_pb2.SOURCE_VERIFICATION_OPERATING


@pytest.fixture
def ledger(grids: Grids, channel: grpc.Channel, county_id: str) -> Ledger:
    return make_ledger(grids, channel, county_id)


def counts(outcome) -> tuple[int, int, int]:
    assert list(outcome.faults) == []
    return outcome.created, outcome.updated, outcome.unchanged


def faults(outcome) -> set[tuple[int, str]]:
    assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, 0)
    assert all(fault.detail.isascii() or "'" in fault.detail for fault in outcome.faults)
    assert not any(fault.detail_zh.isascii() for fault in outcome.faults)
    return {(fault.row, fault.column) for fault in outcome.faults}


@pytest.mark.requirement("R-SRC-06")
def test_a_list_becomes_sources_that_know_who_supplied_them(ledger: Ledger) -> None:
    first = ledger.supplied("ecology", "排污名单")
    second = ledger.supplied("agriculture", "养殖名单")
    village = ledger.village.admin_code

    made = ledger.bring(
        first.list_id,
        {"name": "甲场", "credit_code": code(1), "grid_code": village, "address": "甲路1号"},
        {"name": "乙场", "grid_name": ledger.village_b.name, "type": "concrete_plant"},
    )
    merged = ledger.bring(
        second.list_id,
        {"name": "甲场有限公司", "credit_code": code(1), "grid_code": ledger.village_b.admin_code,
         "address": "乙路2号", "industry": "畜牧"},
        {"name": "乙 场", "grid_code": ledger.village_b.admin_code, "grade": "one"},
        {"name": "丙场", "grid_code": village, "grade": "一级"},
    )  # fmt: skip

    assert (counts(made), counts(merged)) == ((2, 0, 0), (1, 2, 0))
    farm, other = (ledger.all(name=name)[0] for name in ("甲场", "乙场"))
    assert (farm.name, farm.address, farm.industry) == ("甲场", "甲路1号", "畜牧")
    assert list(farm.departments) == list(other.departments) == ["agriculture", "ecology"]
    assert (farm.grid_code, farm.version, other.version) == (village, 2, 1)
    origins = ledger.call("GetSourceHistory", pollution_source_id=farm.pollution_source_id).origins
    assert [(each.department_id, each.title, each.row_number) for each in origins] == [
        ("ecology", "排污名单", 2), ("agriculture", "养殖名单", 2)
    ]  # fmt: skip
    assert list(origins[0].conflicts) == []
    assert set(origins[1].conflicts) == {"name", "address", "grid_code"}
    assert orjson.loads(origins[1].said_json)["address"] == "乙路2号"
    assert ledger.ids(department_id="agriculture") == ledger.ids(list_id=second.list_id)
    assert len(ledger.ids(department_id="ecology")) == 2
    [graded] = ledger.all(grade="one")
    assert graded.name == "丙场"
    lists = ledger.call("ListSourceLists").lists
    assert [(each.title, each.sources, each.received_on) for each in lists] == [
        ("养殖名单", 3, "2026-03-05"), ("排污名单", 2, "2026-03-05")
    ]  # fmt: skip


def test_the_same_file_twice_changes_nothing(ledger: Ledger) -> None:
    supplied = ledger.supplied()
    rows = [
        {"name": f"测试{number}场", "grid_code": ledger.village.admin_code, "industry": "畜牧"}
        for number in range(20)
    ]

    first = ledger.bring(supplied.list_id, *rows, request_id=str(uuid4()))
    before = ledger.all()
    events = len(ledger.events("source.recorded.v1"))
    again = ledger.bring(supplied.list_id, *rows, request_id=str(uuid4()))

    assert (counts(first), counts(again)) == ((20, 0, 0), (0, 0, 20))
    assert ledger.all() == before
    assert len(ledger.events("source.recorded.v1")) == events == 20
    more = ledger.bring(supplied.list_id, {**rows[0], "address": "甲路"}, *rows[1:])
    assert counts(more) == (0, 1, 19)


def test_a_dry_run_tells_and_writes_nothing(ledger: Ledger) -> None:
    supplied = ledger.supplied()
    row = {"name": "甲场", "grid_code": ledger.village.admin_code}

    outcome = ledger.bring(supplied.list_id, row, dry_run=True)

    assert (counts(outcome), outcome.dry_run) == ((1, 0, 0), True)
    assert ledger.all() == []
    assert counts(ledger.bring(supplied.list_id, row)) == (1, 0, 0)


def test_every_faulty_row_is_named_and_nothing_is_taken(ledger: Ledger) -> None:
    supplied = ledger.supplied()
    good = {"grid_code": ledger.village.admin_code}

    outcome = ledger.bring(
        supplied.list_id,
        {"name": "甲场", "credit_code": code(1), **good},
        {"name": "乙场", "credit_code": "1", "type": "shop", "grid_code": "430223999"},
        {"grid_name": "没有的村", "longitude": "east", "zone": "moon", "grade": "nine"},
        {"name": "丙场", "credit_code": code(1), **good},
        {"name": "(甲)场", **good},
        {"name": "甲场", **good},
    )

    assert faults(outcome) == {
        *((3, "credit_code"), (3, "type"), (3, "grid_code")),
        *((4, "name"), (4, "grid_code"), (4, "longitude"), (4, "zone"), (4, "grade")),
        *((5, ""), (6, ""), (7, "")),
    }
    assert ledger.all() == []
    assert ledger.events("source.recorded.v1") == []


def test_one_imports_where_one_configures(ledger: Ledger) -> None:
    supplied = ledger.supplied()
    who = ledger.person(configure=[f"g:{ledger.village.path}"])
    known = ledger.source(ledger.village_b, name="乙场", credit_code=code(7))

    outcome = ledger.bring(
        supplied.list_id,
        {"name": "甲场", "grid_code": ledger.village.admin_code},
        {"name": "丁场", "grid_code": ledger.village_b.admin_code},
        {"name": "乙场", "credit_code": code(7), "grid_code": ledger.village.admin_code},
        who=who,
    )

    assert faults(outcome) == {(3, "grid_code"), (4, "")}
    assert ledger.all() == [known]
    for nobody in (ledger.person(patrol=["g:"]), ledger.person(configure=["d:ecology"])):
        refused = ledger.refusal("ImportSources", nobody, list_id=supplied.list_id)
        assert refused.status.name == "PERMISSION_DENIED"
    assert ledger.refusal("ImportSources", list_id=str(uuid4())).reason == "SOURCE_LIST_NOT_FOUND"


@pytest.mark.requirement("R-SRC-07")
def test_each_grid_verifies_its_share_of_a_list(ledger: Ledger) -> None:
    old = ledger.source(ledger.village, name="旧场")
    ledger.call("VerifySource", pollution_source_id=old.pollution_source_id, result=OPERATING)
    supplied = ledger.supplied()
    rows = [
        {"name": f"{number}场", "grid_code": grid.admin_code}
        for grid, names in ((ledger.village, "甲乙"), (ledger.village_b, "丙丁戊"))
        for number in names
    ]
    ledger.bring(supplied.list_id, *rows, {"name": "旧场", "grid_code": ledger.village.admin_code})

    def progress(grid=None) -> dict[str, tuple[int, int]]:
        of = {"grid_id": grid.grid_id} if grid else {}
        reply = ledger.call("GetSourceListProgress", list_id=supplied.list_id, **of)
        assert reply.verified == sum(share.verified for share in reply.shares)
        assert reply.unverified == sum(share.unverified for share in reply.shares)
        return {share.grid_path: (share.verified, share.unverified) for share in reply.shares}

    assert progress() == {ledger.township.path: (0, 6)}
    assert progress(ledger.township) == {ledger.village.path: (0, 3), ledger.village_b.path: (0, 3)}
    who = ledger.person(read=[f"g:{ledger.village.path}"], patrol=[f"g:{ledger.village.path}"])
    share = ledger.all(who, list_id=supplied.list_id)
    assert {each.name for each in share} == {"甲场", "乙场", "旧场"}
    results = (OPERATING, sources_pb2.SOURCE_VERIFICATION_CLOSED,
               sources_pb2.SOURCE_VERIFICATION_NOT_FOUND)  # fmt: skip
    for source, result in zip(share, results, strict=True):
        ledger.call(
            "VerifySource", who, pollution_source_id=source.pollution_source_id, result=result
        )
    assert progress(ledger.township) == {ledger.village.path: (3, 0), ledger.village_b.path: (0, 3)}
    assert progress(ledger.village) == {ledger.village.path: (3, 0)}
    found = {each.verification for each in ledger.all(who)}
    assert found == set(results)


def test_a_list_is_recorded_once(ledger: Ledger) -> None:
    first = ledger.supplied()

    again = ledger.refusal(
        "CreateSourceList", department_id="ecology", title="排污名单", received_on="2026-03-05"
    )

    assert (again.reason, again.metadata["list_id"]) == ("SOURCE_LIST_EXISTS", first.list_id)
    wrong = ledger.refusal("CreateSourceList", title=" ", received_on="2026-13-01")
    assert {fault.pointer for fault in wrong.violations} == {
        *("/department_id", "/title", "/received_on")
    }
    ahead = ledger.refusal(
        "CreateSourceList", department_id="ecology", title="名单", received_on="2999-01-01"
    )
    assert [fault.pointer for fault in ahead.violations] == ["/received_on"]
    refused = ledger.refusal(
        "CreateSourceList", department_id="ecology", title="名单", received_on="20260305"
    )
    assert [fault.pointer for fault in refused.violations] == ["/received_on"]
    assert len(ledger.call("ListSourceLists").lists) == 1


def test_only_departments_of_the_scheme_supply_lists(
    grids: Grids, channel: grpc.Channel, county_id: str
) -> None:
    settings = {"departments": [{"id": "water", "name": "水利局"}]}
    ledger = make_ledger(grids, channel, county_id, settings=settings)

    refused = ledger.refusal(
        "CreateSourceList", department_id="moon", title="名单", received_on="2026-03-05"
    )

    assert [fault.pointer for fault in refused.violations] == ["/department_id"]
    supplied = ledger.supplied("water")
    ledger.bring(supplied.list_id, {"name": "甲场", "grid_code": ledger.village.admin_code})
    ledger.source(name="乙场")
    found = ledger.call("GetSourceDistribution", by="department")
    assert {(group.name, group.count) for group in found.groups} == {("水利局", 1), ("", 1)}
    assert found.count == 2


@pytest.mark.requirement("R-SRC-09")
def test_a_district_s_whole_list_of_3500_is_taken_at_once(ledger: Ledger) -> None:
    supplied = ledger.supplied()
    villages = [
        grid.admin_code
        for grid in ledger.grids.all(ledger.county_id, parent_id=ledger.township.grid_id)
    ]
    rows = [
        {"name": f"测试{number}场", "grid_code": villages[number % len(villages)],
         "credit_code": code(number)}
        for number in range(3500)
    ]  # fmt: skip

    started = time.process_time()
    first = ledger.bring(supplied.list_id, *rows)
    again = ledger.bring(supplied.list_id, *rows)

    assert (counts(first), counts(again)) == ((3500, 0, 0), (0, 0, 3500))
    assert ledger.call("GetSourceDistribution").count == 3500
    assert time.process_time() - started < 60
