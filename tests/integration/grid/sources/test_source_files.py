"""Files of pollution sources (一企一档), the ledger of supervision, and what lies around sources."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.grid.sources.usecases import files as source_files
from services.grid.sources.usecases import ledger as sources
from services.grid.sources.usecases.files import Occurrence
from services.grid.store import make_transaction
from shared.db.transaction import SET_COUNTY, UnitOfWork
from shared.rpc.errors import Problem
from tests.integration.grid.conftest import Grids, request_of
from tests.integration.grid.sources.ledger import Ledger, make_ledger
from tests.integration.service_fixtures import Databases, context_of
from tests.support.refusals import refusal
from tests.support.waiting import LIMIT_SECONDS
from wangge.grid.v1 import source_files_service_pb2_grpc as pb_grpc
from wangge.grid.v1 import sources_pb2

NOW = datetime(2026, 3, 5, 1, tzinfo=UTC)


class Files:
    """One county's files, called as somebody who may do everything unless said."""

    def __init__(self, ledger: Ledger, channel: grpc.Channel, databases: Databases) -> None:
        self.ledger = ledger
        self._stub = pb_grpc.SourceFileServiceStub(channel)
        self._unit_of_work = UnitOfWork(databases.engine("grid"), make_transaction)

    def call(self, method: str, who: Any = None, **members: Any) -> Any:
        request = request_of(method, county_id=self.ledger.county_id, **members)
        who = who or self.ledger.person(read=["g:"], patrol=["g:"])
        return getattr(self._stub, method)(request, metadata=who, timeout=LIMIT_SECONDS)

    def refusal(self, method: str, who: Any = None, **members: Any) -> Problem:
        return refusal(self.call, method, who, **members)

    def file(self, source: Any) -> Any:
        return self.call("GetSourceFile", pollution_source_id=source.pollution_source_id).file

    def entry(self, source: Any, part: str = "filing", title: str = "备案表", **more: Any) -> Any:
        return self.call(
            "AddSourceFileEntry",
            pollution_source_id=source.pollution_source_id,
            part=part,
            title=title,
            **more,
        ).entry

    def object(self, kind: str, name: str, grid: Any = None, **more: Any) -> Any:
        grid_id = (grid or self.ledger.village).grid_id
        return self.call("CreateLedgerObject", kind=kind, name=name, grid_id=grid_id, **more).object

    def link(self, made: Any, source: Any) -> Any:
        return self.call(
            "LinkSource", object_id=made.object_id, pollution_source_id=source.pollution_source_id
        ).object

    def happened(self, source: Any, key: str, minutes: int = 0, **facts: Any) -> UUID:
        told = Occurrence(uuid4(), key, uuid4(), NOW + timedelta(minutes=minutes), facts)
        with self._unit_of_work(context_of(self.ledger.county_id)) as tx:
            source_files.record(tx, [UUID(source.pollution_source_id)], told)
        return told.event_id


@pytest.fixture
def files(grids: Grids, channel: grpc.Channel, county_id: str, databases: Databases) -> Files:
    return Files(make_ledger(grids, channel, county_id), channel, databases)


@pytest.mark.requirement("R-SRC-11")
def test_a_filing_says_whether_treatment_was_done(files: Files) -> None:
    sources = [files.ledger.source() for _ in range(5)]

    for source in sources:
        files.entry(source, treated=True, dated_on="2026-03-01", reference="备〔2026〕1号")

    shown = [files.file(source).entries[0] for source in sources]
    assert all(entry.treated and entry.dated_on == "2026-03-01" for entry in shown)
    undone = files.entry(sources[0], title="补充备案", treated=False)
    assert (undone.HasField("treated"), undone.treated) == (True, False)
    assert not files.entry(sources[0], part="permit").HasField("treated")


@pytest.mark.requirement("R-SRC-02")
def test_a_file_holds_filings_permits_discharge_treatment_inspections_and_cases(
    files: Files,
) -> None:
    source = files.ledger.source(patrol_monitoring="PM-1")
    parts = ("filing", "permit", "eia", "discharge", "treatment", "document")
    for part in parts:
        files.entry(source, part, f"{part}材料", reference="https://example.test/1.pdf")
    files.happened(source, "patrol.submitted.v1", 1)
    files.happened(source, "case.opened.v1", 2)

    shown = files.file(source)

    assert shown.source.pollution_source_id == source.pollution_source_id
    assert {entry.part for entry in shown.entries} == set(parts)
    assert [event.key for event in shown.events] == ["case.opened.v1", "patrol.submitted.v1"]
    present = {part.id for part in shown.parts if part.present}
    assert present == {*parts, "monitoring", "patrols", "cases"}


@pytest.mark.requirement("R-SRC-18")
def test_a_file_that_lacks_a_required_part_is_reported(files: Files) -> None:
    bare, filed, whole = (files.ledger.source(name=name) for name in ("甲场", "乙场", "丙场"))
    files.entry(filed)
    files.entry(whole)
    files.ledger.call(
        "UpdateSource", pollution_source_id=whole.pollution_source_id, automatic_monitoring="AM-1"
    )

    def incomplete(**more: Any) -> dict[str, list[str]]:
        found = files.call("ListIncompleteSourceFiles", **more).files
        return {each.source.name: list(each.missing) for each in found}

    assert incomplete() == {"甲场": ["filing", "monitoring"], "乙场": ["monitoring"]}
    assert list(files.file(bare).missing) == ["filing", "monitoring"]
    assert list(files.file(whole).missing) == []
    parts = {part.id: (part.required, part.present) for part in files.file(whole).parts}
    assert parts["training"] == (False, False)
    assert parts["monitoring"] == parts["filing"] == (True, True)
    assert incomplete(grid_id=files.ledger.village_b.grid_id) == {}
    first = files.call("ListIncompleteSourceFiles", page_size=1)
    second = files.call("ListIncompleteSourceFiles", page_size=1, page_token=first.next_page_token)
    assert [each.source.name for each in (*first.files, *second.files)] == ["甲场", "乙场"]
    assert second.next_page_token == ""


def test_without_a_standard_no_file_is_incomplete(
    grids: Grids, channel: grpc.Channel, county_id: str, databases: Databases
) -> None:
    files = Files(make_ledger(grids, channel, county_id, settings={}), channel, databases)
    source = files.ledger.source()

    assert list(files.call("ListIncompleteSourceFiles").files) == []
    assert list(files.file(source).missing) == []
    assert len(files.file(source).parts) > 5


def test_an_entry_changes_as_told_and_says_what_is_wrong(files: Files) -> None:
    source = files.ledger.source()
    made = files.entry(
        source, "discharge", "一月监测", pollutant="COD", amount=12.5, unit="mg/L",
        request_id=str(uuid4()),
    )  # fmt: skip

    change = {"entry_id": made.entry_id, "amount": 14.0, "unit": "", "dated_on": "2026-01-31"}
    after = files.call("UpdateSourceFileEntry", expected_version=1, **change).entry

    assert (after.pollutant, after.amount, after.unit, after.version) == ("COD", 14.0, "", 2)
    assert files.call("UpdateSourceFileEntry", **change).entry == after
    stale = files.refusal("UpdateSourceFileEntry", expected_version=1, **{**change, "unit": "g"})
    assert stale.reason == "STALE_VERSION"
    wrong = files.refusal(
        "AddSourceFileEntry", pollution_source_id=source.pollution_source_id, part="moon", amount=-1.0,
        reference="长" * 201,
    )  # fmt: skip
    assert {fault.pointer for fault in wrong.violations} == {*("/title", "/amount", "/reference")}
    assert all(not fault.detail.zh.isascii() for fault in wrong.violations)
    wrong = files.refusal(
        "AddSourceFileEntry", pollution_source_id=source.pollution_source_id, part="moon", title="x"
    )
    assert {fault.pointer for fault in wrong.violations} == {"/part"}
    elsewhere = files.ledger.person(patrol=[f"g:{files.ledger.village_b.path}"], read=["g:"])
    for method, members in (
        (
            "AddSourceFileEntry",
            {"pollution_source_id": source.pollution_source_id, "part": "eia", "title": "x"},
        ),
        ("UpdateSourceFileEntry", change),
    ):
        assert files.refusal(method, elsewhere, **members).status.name == "PERMISSION_DENIED"
    refused = files.refusal("UpdateSourceFileEntry", entry_id=str(uuid4()))
    assert refused.reason == "SOURCE_FILE_ENTRY_NOT_FOUND"


@pytest.mark.requirement("R-SRC-16")
def test_the_ledger_shows_the_record_of_obeying_the_law(files: Files) -> None:
    source = files.ledger.source(law_record="2025年处罚一次")
    other = files.ledger.source(files.ledger.village_b)
    files.happened(source, "case.opened.v1", 1, number="甲-1")
    files.happened(source, "case.opened.v1", 2, number="甲-2")
    files.happened(source, "case.closed.v1", 3, number="甲-1")

    shown = {each.pollution_source_id: each for each in files.ledger.all()}

    mine = shown[source.pollution_source_id]
    assert (mine.law_record, mine.cases_opened, mine.cases_closed) == ("2025年处罚一次", 2, 1)
    assert (
        shown[other.pollution_source_id].cases_opened,
        shown[other.pollution_source_id].law_record,
    ) == (0, "")
    assert files.ledger.call("GetSourceDistribution").count == 2


@pytest.mark.requirement("R-SRC-05")
def test_each_level_keeps_the_ledger_of_what_it_supervised(files: Files) -> None:
    ledger = files.ledger
    source, other = ledger.source(ledger.village, grade="two"), ledger.source(ledger.village_b)
    seen = files.happened(source, "patrol.submitted.v1", 1)
    found = files.happened(other, "finding.reported.v1", 2, category="straw_burning")
    closed = files.happened(source, "case.closed.v1", 3)

    def ids(who: Any = None, **more: Any) -> list[str]:
        return [each.event_id for each in files.call("ListSourceEvents", who, **more).events]

    everything = [str(each) for each in (closed, found, seen)]
    assert ids() == ids(grid_id=ledger.township.grid_id) == everything
    assert ids(grid_id=ledger.village.grid_id) == [str(closed), str(seen)]
    assert ids(ledger.person(read=[f"g:{ledger.village_b.path}"])) == [str(found)]
    assert ids(pollution_source_id=source.pollution_source_id) == [str(closed), str(seen)]
    pages, token = [], ""
    while True:
        reply = files.call("ListSourceEvents", page_size=1, page_token=token)
        pages += [each.event_id for each in reply.events]
        if not (token := reply.next_page_token):
            break
    assert pages == everything
    ledger.call(
        "VerifySource",
        pollution_source_id=source.pollution_source_id,
        result=sources_pb2.SOURCE_VERIFICATION_CLOSED,
    )
    ledger.call(
        "GradeSource", pollution_source_id=source.pollution_source_id, grade="one", reason="重点"
    )
    told = files.call("ListSourceEvents", pollution_source_id=source.pollution_source_id).events[:2]
    assert [each.key for each in told] == ["source.graded.v1", "source.verified.v1"]
    assert orjson.loads(told[1].facts_json)["result"] == "closed"
    assert files.refusal("ListSourceEvents", page_token="WzEsMiwzXQ").violations


def test_what_happened_is_kept_once_and_only_of_the_county_s_own(
    files: Files, databases: Databases
) -> None:
    source = files.ledger.source()
    told = Occurrence(uuid4(), "case.opened.v1", uuid4(), NOW, {})
    unit_of_work = UnitOfWork(databases.engine("grid"), make_transaction)

    for _ in range(2):
        with unit_of_work(context_of(files.ledger.county_id)) as tx:
            source_files.record(tx, [UUID(source.pollution_source_id), uuid4()], told)
            source_files.record(tx, [], told)

    assert len(files.call("ListSourceEvents").events) == 1
    with databases.engine("grid").connect() as connection:
        connection.execute(SET_COUNTY, {"county": files.ledger.county_id})
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("DELETE FROM source_events"))


@pytest.mark.requirement("R-SRC-22")
@pytest.mark.requirement("R-SRC-24")
@pytest.mark.requirement("R-SRC-27")
def test_what_lies_around_a_source_is_recorded_and_linked(files: Files) -> None:
    farms = [files.ledger.source(name=name) for name in ("甲场", "乙场")]
    cooperative = files.object("service_organisation", "粪便收集合作社", state="active")
    school = files.object("sensitive_point", "测试小学", type="school", place="村口")
    river = files.object("water", "测试河", type="river", longitude=113.0, latitude=27.0)
    boiler = files.object(
        "equipment", "一号锅炉", type="boiler", state="in_use",
        details_json='{"fuel": "coal", "dust_mg_m3": 30.5}',
    )  # fmt: skip

    for farm in farms:
        files.link(cooperative, farm)
        files.link(school, farm)
    files.link(river, farms[0])
    files.link(boiler, farms[0])
    again = files.link(boiler, farms[0])

    assert list(again.pollution_source_ids) == [farms[0].pollution_source_id]
    assert orjson.loads(again.details_json) == {"fuel": "coal", "dust_mg_m3": 30.5}
    for made in (cooperative, school):
        assert files.ledger.ids(object_id=made.object_id) == {
            farm.pollution_source_id for farm in farms
        }
    shown = files.file(farms[0])
    assert {each.name for each in shown.objects} == {
        *("粪便收集合作社", "测试小学", "测试河", "一号锅炉")
    }
    present = {part.id for part in shown.parts if part.present}
    assert present == {"service", "surroundings", "equipment"}
    listed = files.call(
        "ListLedgerObjects", pollution_source_id=farms[1].pollution_source_id
    ).objects
    assert [each.name for each in listed] == ["粪便收集合作社", "测试小学"]
    ended = files.call(
        "UnlinkSource", object_id=school.object_id, pollution_source_id=farms[1].pollution_source_id
    ).object
    assert list(ended.pollution_source_ids) == [farms[0].pollution_source_id]


@pytest.mark.requirement("R-SRC-28")
def test_remediation_is_recorded_as_projects_with_place_type_and_state(files: Files) -> None:
    made = files.object(
        "remediation_project", "生活污水整治", type="污水管网", state="planned", place="测试村一组"
    )

    change = {"object_id": made.object_id, "state": "under_way"}
    after = files.call("UpdateLedgerObject", expected_version=1, **change).object

    assert (after.state, after.place, after.type, after.version) == (
        *("under_way", "测试村一组", "污水管网", 2),
    )
    assert files.call("UpdateLedgerObject", **change).object == after
    listed = files.call("ListLedgerObjects", kind="remediation_project", state="under_way").objects
    assert list(listed) == [after]
    assert not files.call("ListLedgerObjects", kind="remediation_project", state="planned").objects
    stale = files.refusal("UpdateLedgerObject", expected_version=1, **{**change, "state": "done"})
    assert stale.reason == "STALE_VERSION"
    wrong = files.refusal(
        "CreateLedgerObject",
        kind="remediation_project",
        grid_id=files.ledger.village.grid_id,
        name="x",
    )
    assert {fault.pointer for fault in wrong.violations} == {"/type", "/state", "/place"}
    nameless = files.refusal(
        "CreateLedgerObject", kind="water", grid_id=files.ledger.village.grid_id
    )
    assert {fault.pointer for fault in nameless.violations} == {"/name"}


def test_what_lies_in_a_grid_follows_to_the_one_that_takes_over(
    files: Files, databases: Databases
) -> None:
    ledger = files.ledger
    made = files.object("water", "测试河", type="river")
    unit_of_work = UnitOfWork(databases.engine("grid"), make_transaction)

    with unit_of_work(context_of(ledger.county_id)) as tx:
        sources.rehome(tx, UUID(ledger.village.grid_id), UUID(ledger.village_b.grid_id))

    [moved] = files.call("ListLedgerObjects", grid_id=ledger.village_b.grid_id).objects
    assert (moved.object_id, moved.version) == (made.object_id, 2)


def test_faults_and_reach_of_what_lies_around(files: Files) -> None:
    here = files.ledger.village.grid_id
    for members, pointers in (
        ({"kind": "moon", "name": "x"}, {"/kind"}),
        ({"kind": "water", "name": "x", "type": "sea", "state": "x"}, {"/type", "/state"}),
        ({"kind": "sensitive_point", "name": "x", "longitude": 1.0}, {"/type", "/longitude"}),
        ({"kind": "equipment", "name": "x", "details_json": '{"a": []}'}, {"/details"}),
        ({"kind": "equipment", "name": "x", "details_json": "[]"}, {"/details"}),
    ):
        refused = files.refusal("CreateLedgerObject", grid_id=here, **members)
        assert {fault.pointer for fault in refused.violations} == pointers
    made = files.object("water", "测试河", type="river")
    source = files.ledger.source()
    stranger = files.ledger.person(patrol=[f"g:{files.ledger.village_b.path}"], read=["d:water"])
    link = {"object_id": made.object_id, "pollution_source_id": source.pollution_source_id}
    for method, members in (
        ("CreateLedgerObject", {"kind": "water", "name": "x", "type": "lake", "grid_id": here}),
        ("UpdateLedgerObject", {"object_id": made.object_id, "name": "y"}),
        ("LinkSource", link),
        ("UnlinkSource", link),
    ):
        assert files.refusal(method, stranger, **members).status.name == "PERMISSION_DENIED"
    assert list(files.call("ListLedgerObjects", stranger).objects) == [made]
    near = files.ledger.person(read=[f"g:{files.ledger.village_b.path}"])
    assert list(files.call("ListLedgerObjects", near).objects) == []
    missing = files.refusal("LinkSource", **{**link, "object_id": str(uuid4())})
    assert missing.reason == "LEDGER_OBJECT_NOT_FOUND"


def test_files_of_two_counties_never_meet(
    grids: Grids, channel: grpc.Channel, county_id: str, databases: Databases
) -> None:
    mine = Files(make_ledger(grids, channel, county_id), channel, databases)
    theirs = Files(make_ledger(grids, channel, f"{county_id}-b"), channel, databases)
    source = theirs.ledger.source()
    entry = theirs.entry(source)
    made = theirs.object("water", "测试河", type="river")
    own = mine.ledger.source()
    theirs.happened(source, "case.opened.v1")
    mine.happened(source, "case.opened.v1")

    for method, members, reason in (
        ("GetSourceFile", {"pollution_source_id": source.pollution_source_id}, "SOURCE_NOT_FOUND"),
        ("UpdateSourceFileEntry", {"entry_id": entry.entry_id}, "SOURCE_FILE_ENTRY_NOT_FOUND"),
        ("UpdateLedgerObject", {"object_id": made.object_id}, "LEDGER_OBJECT_NOT_FOUND"),
        (
            "LinkSource",
            {"object_id": made.object_id, "pollution_source_id": own.pollution_source_id},
            "LEDGER_OBJECT_NOT_FOUND",
        ),
    ):
        assert mine.refusal(method, **members).reason == reason
    assert list(mine.call("ListLedgerObjects").objects) == []
    assert list(mine.call("ListSourceEvents").events) == []
    assert len(theirs.call("ListSourceEvents").events) == 1
    assert mine.refusal("GetSourceFile", [("x", "y")]).status.name == "UNAUTHENTICATED"
