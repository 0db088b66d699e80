"""Members, attendance and certificates from files of rows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest

from tests.integration.personnel.conftest import County, Personnel
from tests.integration.personnel.records import SCHEME_OF_RECORDS, events_of, faults
from tests.support.refusals import refusal
from wangge.personnel.v1 import groups_pb2
from wangge.personnel.v1 import groups_service_pb2 as group_pb
from wangge.personnel.v1 import groups_service_pb2_grpc as group_grpc
from wangge.personnel.v1 import trainings_service_pb2 as pb
from wangge.personnel.v1 import trainings_service_pb2_grpc as pb_grpc
from wangge.table.v1 import table_pb2

NOW = datetime.now(UTC)
CERTIFICATE = {"kind": "行政执法证", "issuer": "省司法厅", "issued_on": "2024-03-05"}
Cells = dict[str, str]


def rows_of(cells: tuple[Cells, ...]) -> list[table_pb2.Row]:
    """The rows as a file has them, below its line of headings."""
    return [table_pb2.Row(number=number, cells=each) for number, each in enumerate(cells, 2)]


def counts(outcome: Any) -> tuple[int, int, int]:
    assert list(outcome.faults) == []
    return outcome.created, outcome.updated, outcome.unchanged


def told(outcome: Any) -> set[tuple[int, str]]:
    """Where the faults are; nothing was counted, and all speak both languages."""
    assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, 0)
    for fault in outcome.faults:
        assert fault.detail
        assert fault.detail_zh
        assert not fault.detail_zh.isascii()
    return {(fault.row, fault.column) for fault in outcome.faults}


class Files:
    """A county with a group and a training, and files of rows for them."""

    def __init__(self, personnel: Personnel, county: County) -> None:
        self.personnel = personnel
        self.county = county
        self.admin = personnel.admin(county.id)
        self.groups: Any = group_grpc.GroupServiceStub(personnel.channel)
        self.trainings: Any = pb_grpc.TrainingServiceStub(personnel.channel)
        self.group_id = self.groups.CreateGroup(
            group_pb.CreateGroupRequest(
                county_id=county.id,
                kind=groups_pb2.GROUP_KIND_LEADING_GROUP,
                name="环保领导小组",
                grid_id=county.township,
                valid_from=datetime(2025, 1, 1, tzinfo=UTC),
            ),
            metadata=self.admin,
        ).group.group_id
        kind = pb.SetTrainingKindRequest(county_id=county.id, kind="basic", name="业务培训")
        self.trainings.SetTrainingKind(kind, metadata=self.admin)
        training = pb.RecordTrainingRequest(
            county_id=county.id, title="业务培训", kind="basic", held_on="2026-03-05", hours=4
        )
        self.training_id = self.trainings.RecordTraining(
            training, metadata=self.admin
        ).training.training_id

    def person(self, name: str) -> str:
        return self.personnel.person(self.county.id, name)

    def members(self, *cells: Cells, caller: Any = None, **more: Any) -> Any:
        request = group_pb.ImportGroupMembersRequest(
            county_id=self.county.id, group_id=self.group_id, rows=rows_of(cells), **more
        )
        answer = self.groups.ImportGroupMembers(request, metadata=caller or self.admin)
        return answer.outcome

    def listed_members(self) -> list[Any]:
        request = group_pb.GetGroupRequest(county_id=self.county.id, group_id=self.group_id)
        return list(self.groups.GetGroup(request, metadata=self.admin).members)

    def attendance(self, *cells: Cells, caller: Any = None, **more: Any) -> Any:
        request = pb.ImportAttendanceRequest(
            county_id=self.county.id, training_id=self.training_id, rows=rows_of(cells), **more
        )
        return self.trainings.ImportAttendance(request, metadata=caller or self.admin).outcome

    def certificates(self, *cells: Cells, caller: Any = None, **more: Any) -> Any:
        request = pb.ImportCertificatesRequest(
            county_id=self.county.id, rows=rows_of(cells), **more
        )
        return self.trainings.ImportCertificates(request, metadata=caller or self.admin).outcome

    def listed_certificates(self) -> list[Any]:
        request = pb.ListCertificatesRequest(county_id=self.county.id)
        answer = self.trainings.ListCertificates(request, metadata=self.admin)
        return list(answer.certificates)


@pytest.fixture
def county(make_county: Callable[..., County], county_id: str) -> County:
    return make_county(county_id, SCHEME_OF_RECORDS)


@pytest.fixture
def files(personnel: Personnel, county: County) -> Files:
    return Files(personnel, county)


def test_members_come_from_a_file_and_the_same_file_changes_nothing(files: Files) -> None:
    mayor = files.person("测试乡长")
    files.person("测试书记")
    rows = (
        {"seat": "chair", "person_id": mayor, "person_name": "测试乡长"},
        {"seat": "组长", "person_name": "测试书记", "valid_from": "2025-03-05"},
        {"seat": "成员", "department_id": "ecology"},
        {"seat": "member", "body": "派出所", "source": "街道科室", "title": "站所"},
    )

    tried = files.members(*rows, dry_run=True)
    assert counts(tried) == (4, 0, 0)
    assert tried.dry_run
    assert files.listed_members() == []
    assert counts(files.members(*rows)) == (4, 0, 0)
    before = files.listed_members()
    assert counts(files.members(*rows)) == (0, 0, 4)
    assert files.listed_members() == before
    assert len(before) == 4
    secretary = next(each for each in before if each.person_name == "测试书记")
    # A day begins at midnight in the county.
    assert secretary.valid_from.ToDatetime(tzinfo=UTC) == datetime(2025, 3, 4, 16, tzinfo=UTC)

    changed = files.members(*rows[:3], {**rows[3], "title": "所长", "source": "helper"})

    assert counts(changed) == (0, 1, 3)
    station = files.listed_members()[-1]
    assert (station.title, station.source, station.version) == (
        "所长", groups_pb2.MEMBER_SOURCE_HELPER, 2,
    )  # fmt: skip


def test_every_fault_of_a_file_of_members_is_told_and_nothing_is_written(files: Files) -> None:
    first, second, third = (files.person(name) for name in ("测试甲", "测试乙", "测试丙"))
    files.person("测试同名")
    files.person("测试同名")

    outcome = files.members(
        {"seat": "chair", "person_id": first},
        {"seat": "chair", "person_id": second},
        {"seat": "chair", "person_id": third},
        {"seat": "king", "person_id": "no-uuid", "source": "moon", "valid_from": "soon"},
        {"seat": "member", "person_name": "测试同名"},
        {"seat": "member", "person_name": "测试无人"},
        {"seat": "member", "person_id": str(uuid4())},
        {"seat": "member", "person_id": first, "person_name": "测试乙"},
        {"seat": "deputy", "person_id": first},
        {"body": "派出所"},
        {"seat": "member", "department_id": "navy"},
        {"seat": "member", "body": "派出所", "valid_from": "2026-02-01", "valid_to": "2026-01-01"},
    )

    assert told(outcome) == {
        (4, ""),
        (5, "seat"), (5, "person_id"), (5, "source"), (5, "valid_from"),
        (6, "person_name"), (7, "person_name"), (8, "person_id"), (9, "person_name"),
        (10, ""), (11, "seat"), (12, "department_id"), (13, "valid_to"),
    }  # fmt: skip
    assert [fault.row for fault in outcome.faults] == sorted(f.row for f in outcome.faults)
    assert "may have 2" in outcome.faults[0].detail
    assert files.listed_members() == []


def test_attendance_comes_from_a_file_and_the_same_file_changes_nothing(files: Files) -> None:
    first = files.person("测试甲")
    files.person("测试乙")
    rows = (
        {"person_id": first, "attended": "是", "result": "合格", "file_reference": "签到表-1"},
        {"person_name": "测试乙", "attended": "false"},
    )

    assert counts(files.attendance(*rows, dry_run=True)) == (2, 0, 0)
    assert counts(files.attendance(*rows)) == (2, 0, 0)
    assert counts(files.attendance(*rows)) == (0, 0, 2)
    assert counts(files.attendance(rows[0], {**rows[1], "attended": "参加"})) == (0, 1, 1)
    request = pb.GetTrainingRequest(county_id=files.county.id, training_id=files.training_id)
    training = files.trainings.GetTraining(request, metadata=files.admin).training
    assert (training.attended_count, training.called_count) == (2, 2)


def test_every_fault_of_a_file_of_attendance_is_told(files: Files) -> None:
    first, second = files.person("测试甲"), files.person("测试乙")

    outcome = files.attendance(
        {"person_id": first, "attended": "是"},
        {"person_id": first, "attended": "否"},
        {"person_id": second, "attended": "否", "result": "合格"},
        {"attended": "perhaps", "result": "excellent", "file_reference": "x" * 201},
    )

    assert told(outcome) == {
        (3, "person_id"), (4, "result"),
        (5, "person_id"), (5, "attended"), (5, "result"), (5, "file_reference"),
    }  # fmt: skip
    request = pb.ListAttendanceRequest(county_id=files.county.id)
    assert files.trainings.ListAttendance(request, metadata=files.admin).attendance == []


def test_certificates_come_from_a_file_and_the_same_file_changes_nothing(files: Files) -> None:
    first = files.person("测试甲")
    files.person("测试乙")
    rows = (
        {**CERTIFICATE, "person_id": first, "number": "湘 01", "valid_until": "2029-03-04"},
        {**CERTIFICATE, "person_name": "测试乙", "number": "湘02"},
    )

    assert counts(files.certificates(*rows, dry_run=True)) == (2, 0, 0)
    assert files.listed_certificates() == []
    assert counts(files.certificates(*rows)) == (2, 0, 0)
    before = files.listed_certificates()
    assert counts(files.certificates(*rows)) == (0, 0, 2)
    assert files.listed_certificates() == before
    assert [each.number for each in before] == ["湘01", "湘02"]
    renewed = {**rows[0], "valid_until": "2034-03-04"}
    assert counts(files.certificates(renewed, rows[1])) == (0, 1, 1)
    assert files.listed_certificates()[0].valid_until == "2034-03-04"
    events = events_of(files.personnel, files.county.id, "certificate.changed.v1")
    assert [each["sequence"] for each in events] == ["1", "1", "2"]


def test_every_fault_of_a_file_of_certificates_is_told(files: Files) -> None:
    county, personnel = files.county, files.personnel
    near, far = files.person("测试甲"), files.person("测试乙")
    personnel.post(county.id, near, "any.observer", grid_id=county.village)
    personnel.post(county.id, far, "any.observer", grid_id=county.far_village)
    taken = {**CERTIFICATE, "person_id": near, "number": "湘01"}
    files.certificates(taken, {**CERTIFICATE, "person_id": near, "number": "湘02"})
    revoked = files.listed_certificates()[1].certificate_id
    revoke = pb.RevokeCertificateRequest(
        county_id=county.id, certificate_id=revoked, reason="调离岗位"
    )
    files.trainings.RevokeCertificate(revoke, metadata=files.admin)
    township = personnel.caller(county.id, staff=["g:1."], read=["g:1."])

    outcome = files.certificates(
        {**CERTIFICATE, "person_id": near, "number": "湘01", "kind": "另一种"},
        {**CERTIFICATE, "person_id": near, "number": "湘02", "issuer": "市司法局"},
        {**CERTIFICATE, "person_id": far, "number": "湘03"},
        {**CERTIFICATE, "person_id": near, "number": "湘04"},
        {**CERTIFICATE, "person_id": near, "number": "湘 04"},
        {"person_name": "测试甲", "issued_on": "2026", "valid_until": "later"},
        caller=township,
    )

    assert told(outcome) == {
        (2, ""), (3, ""), (4, "person_id"), (6, "number"),
        (7, "kind"), (7, "number"), (7, "issuer"), (7, "issued_on"), (7, "valid_until"),
    }  # fmt: skip
    assert len(files.listed_certificates()) == 2


def test_files_are_taken_where_staff_reaches_and_once(files: Files) -> None:
    county, personnel = files.county, files.personnel
    someone = files.person("测试甲")
    elsewhere = personnel.caller(county.id, staff=["g:10."], read=["g:10."])
    member = {"seat": "member", "person_id": someone}
    attended = {"person_id": someone, "attended": "是"}

    for attempt in (
        lambda: files.members(member, caller=elsewhere),
        lambda: files.attendance(attended, caller=elsewhere),
    ):
        assert refusal(attempt).status is grpc.StatusCode.PERMISSION_DENIED
    key = str(uuid4())
    assert files.members(member, request_id=key) == files.members(member, request_id=key)
    too_many = refusal(files.certificates, *[{} for _ in range(5001)])
    assert set(faults(too_many)) == {"/rows"}


def test_a_long_file_costs_no_more_statements_than_a_short_one(
    files: Files, statements: Callable[[], int]
) -> None:
    people = [files.person(f"测试{number}") for number in range(20)]
    rows = [{**CERTIFICATE, "person_id": each, "number": f"湘{each[-12:]}"} for each in people]
    members = [{"seat": "member", "person_id": each} for each in people]
    attended = [{"person_id": each, "attended": "是"} for each in people]

    def cost(ask: Callable[..., Any], cells: list[Cells]) -> int:
        before = statements()
        assert counts(ask(*cells))[0] == len(cells)
        return statements() - before

    for ask, cells in (
        (files.certificates, rows), (files.members, members), (files.attendance, attended),
    ):  # fmt: skip
        assert cost(ask, cells[:1]) == cost(ask, cells[1:])


def test_a_member_s_end_comes_from_a_file(files: Files) -> None:
    someone = files.person("测试甲")
    row = {"seat": "member", "person_id": someone}
    files.members(row)
    end = (NOW + timedelta(days=5)).isoformat()

    assert counts(files.members({**row, "valid_to": end})) == (0, 1, 0)
    assert counts(files.members({**row, "valid_to": end})) == (0, 0, 1)
    later = (NOW + timedelta(days=9)).isoformat()
    assert told(files.members({**row, "valid_to": later})) == {(2, "valid_to")}
