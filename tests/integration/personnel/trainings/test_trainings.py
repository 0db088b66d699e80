"""Trainings, attendance and who still lacks one, over gRPC and a real database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from shared.working_time import Calendar
from tests.integration.personnel.conftest import County, Personnel
from tests.integration.personnel.records import SCHEME_OF_RECORDS, faults
from tests.integration.service_fixtures import grid_row
from tests.support.refusals import refusal
from wangge.personnel.v1 import groups_pb2, trainings_pb2
from wangge.personnel.v1 import groups_service_pb2 as group_pb
from wangge.personnel.v1 import groups_service_pb2_grpc as group_grpc
from wangge.personnel.v1 import trainings_service_pb2 as pb
from wangge.personnel.v1 import trainings_service_pb2_grpc as pb_grpc

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
TODAY = Calendar().local_day(NOW)
PASSED, FAILED = trainings_pb2.TRAINING_RESULT_PASSED, trainings_pb2.TRAINING_RESULT_FAILED


def days(number: int) -> str:
    """A day so many days from today."""
    return (TODAY + timedelta(days=number)).isoformat()


class Training:
    """A county's trainings as a client sees them; it has the kind ``basic``, valid for a year."""

    def __init__(self, personnel: Personnel, county: County) -> None:
        self.personnel = personnel
        self.county = county
        self.calls: Any = pb_grpc.TrainingServiceStub(personnel.channel)
        self.admin = personnel.admin(county.id)
        self.set_kind(validity_months=12)

    def set_kind(self, kind: str = "basic", caller: Any = None, **given: Any) -> Any:
        request = pb.SetTrainingKindRequest(
            county_id=self.county.id, kind=kind, **{"name": "业务培训", **given}
        )
        answer = self.calls.SetTrainingKind(request, metadata=caller or self.admin)
        return answer.training_kind

    def person(self, role_type: str = "", grid_id: str = "", name: str = "测试监管员") -> str:
        person_id = self.personnel.person(self.county.id, name)
        if role_type:
            self.personnel.post(self.county.id, person_id, role_type, grid_id=grid_id)
        return person_id

    def hold(self, caller: Any = None, **given: Any) -> Any:
        told = {
            "title": "网格监管责任人业务培训",
            "kind": "basic",
            "held_on": days(-10),
            "hours": 4.5,
            "trainer": "测试讲师",
            "place": "镇会议室",
            "content": "巡查、上报与设备使用",
            "role_types": ["village.head"],
            **given,
        }
        request = pb.RecordTrainingRequest(county_id=self.county.id, **told)
        return self.calls.RecordTraining(request, metadata=caller or self.admin).training

    def attend(
        self, training: Any, *entries: tuple[Any, ...], caller: Any = None, **more: Any
    ) -> Any:
        """Entries are person, attended, and if given result and file reference."""
        names = ("person_id", "attended", "result", "file_reference")
        request = pb.RecordAttendanceRequest(
            county_id=self.county.id,
            training_id=training.training_id,
            entries=[
                trainings_pb2.AttendanceEntry(**dict(zip(names, entry, strict=False)))
                for entry in entries
            ],
            **more,
        )
        return self.calls.RecordAttendance(request, metadata=caller or self.admin).training

    def attendance(self, caller: Any = None, **wanted: Any) -> Any:
        request = pb.ListAttendanceRequest(county_id=self.county.id, **wanted)
        return self.calls.ListAttendance(request, metadata=caller or self.admin).attendance

    def lacking(
        self,
        kind: str = "basic",
        role_type: str = "village.head",
        caller: Any = None,
        **wanted: Any,
    ) -> dict[str, str]:
        request = pb.ListLackingTrainingRequest(
            county_id=self.county.id, kind=kind, role_type=role_type, **wanted
        )
        answer = self.calls.ListLackingTraining(request, metadata=caller or self.admin)
        return {each.person_id: each.last_held_on for each in answer.lacking}

    def listed(self, caller: Any = None, **wanted: Any) -> list[str]:
        request = pb.ListTrainingsRequest(county_id=self.county.id, **wanted)
        answer = self.calls.ListTrainings(request, metadata=caller or self.admin)
        return [each.training_id for each in answer.trainings]

    def get(self, training: Any, caller: Any = None) -> Any:
        request = pb.GetTrainingRequest(county_id=self.county.id, training_id=training.training_id)
        return self.calls.GetTraining(request, metadata=caller or self.admin).training


@pytest.fixture
def county(make_county: Callable[..., County], county_id: str) -> County:
    return make_county(county_id, SCHEME_OF_RECORDS)


@pytest.fixture
def training(personnel: Personnel, county: County) -> Training:
    return Training(personnel, county)


@pytest.mark.requirement("R-PERS-38")
def test_attendance_is_recorded_per_person_and_the_untrained_are_named(training: Training) -> None:
    county = training.county
    trained, absent, failed, never = (
        training.person("village.head", grid_id, name)
        for grid_id, name in (
            (county.village, "测试甲"), (county.second_village, "测试乙"),
            (county.far_village, "测试丙"), (county.village, "测试丁"),
        )
    )  # fmt: skip
    held = training.hold()

    after = training.attend(
        held, (trained, True, PASSED, "签到表-3"), (absent, False), (failed, True, FAILED)
    )

    assert (after.attended_count, after.called_count) == (2, 3)
    assert [
        (each.person_name, each.attended, each.result, each.file_reference)
        for each in sorted(
            training.attendance(training_id=held.training_id), key=lambda each: each.person_name
        )
    ] == [
        ("测试丙", True, FAILED, ""),
        ("测试乙", False, 0, ""),
        ("测试甲", True, PASSED, "签到表-3"),
    ]
    [own] = training.attendance(person_id=trained)
    assert (own.kind, own.held_on) == ("basic", days(-10))
    assert [each.person_id for each in training.attendance(attended=False)] == [absent]
    assert training.lacking() == {absent: "", failed: "", never: ""}
    training.attend(held, (failed, True, PASSED))
    assert set(training.lacking()) == {absent, never}
    # Others are trained in the same way: whoever uses devices, and enforcement staff.
    officer = training.personnel.person(county.id)
    training.personnel.post(county.id, officer, "department.officer", department_id="ecology")
    assert set(training.lacking(role_type="department.officer")) == {officer}
    training.attend(held, (officer, True))
    assert training.lacking(role_type="department.officer") == {}


def test_a_training_counts_for_the_months_of_its_kind(training: Training) -> None:
    head = training.person()
    training.personnel.post(
        training.county.id, head, "village.head", grid_id=training.county.village,
        valid_from=datetime(2025, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    training.attend(training.hold(held_on="2025-03-05"), (head, True))
    last_evening = datetime(2026, 3, 4, 15, 59, tzinfo=UTC)  # still 4 March in the county
    next_morning = datetime(2026, 3, 4, 16, 1, tzinfo=UTC)

    assert training.lacking(as_of=datetime(2025, 3, 1, tzinfo=UTC)) == {head: ""}
    assert training.lacking(as_of=last_evening) == {}
    assert training.lacking(as_of=next_morning) == {head: "2025-03-05"}
    training.set_kind(validity_months=24)
    assert training.lacking(as_of=next_morning) == {}
    training.set_kind()
    assert training.lacking(as_of=NOW + 4000 * DAY) == {}
    assert "no such kind" in faults(refusal(training.lacking, "dancing"))["/kind"]


def test_a_training_to_come_does_not_count_yet(training: Training) -> None:
    head = training.person("village.head", training.county.village)
    training.attend(training.hold(held_on=days(5)), (head, True))

    assert training.lacking() == {head: ""}
    assert training.lacking(as_of=NOW + 6 * DAY) == {}


@pytest.mark.requirement("R-PERS-19")
def test_a_liaison_team_shows_its_qualities_and_who_is_trained(training: Training) -> None:
    county = training.county
    groups = group_grpc.GroupServiceStub(training.personnel.channel)
    made = groups.CreateGroup(
        group_pb.CreateGroupRequest(
            county_id=county.id,
            kind=groups_pb2.GROUP_KIND_LIAISON_TEAM,
            name="村服务联络员队伍",
            grid_id=county.village,
            qualities=["文化素养高", "熟悉网格居民情况", "具有一定组织管理能力"],
            training_kind="basic",
        ),
        metadata=training.admin,
    ).group
    trained, expired, untrained = (training.person() for _ in range(3))
    for person_id in (trained, expired, untrained):
        groups.AddGroupMember(
            group_pb.AddGroupMemberRequest(
                county_id=county.id,
                group_id=made.group_id,
                seat=groups_pb2.GROUP_SEAT_MEMBER,
                person_id=person_id,
            ),
            metadata=training.admin,
        )
    training.set_kind("other")
    training.attend(training.hold(), (trained, True))
    training.attend(training.hold(held_on=days(-500)), (expired, True))
    training.attend(training.hold(kind="other"), (untrained, True))

    read = groups.GetGroup(
        group_pb.GetGroupRequest(county_id=county.id, group_id=made.group_id),
        metadata=training.admin,
    )

    assert list(read.group.qualities) == ["文化素养高", "熟悉网格居民情况", "具有一定组织管理能力"]
    assert {each.person_id: each.trained_on for each in read.members} == {
        trained: days(-10), expired: "", untrained: "",
    }  # fmt: skip
    listed = groups.ListGroupMembers(
        group_pb.ListGroupMembersRequest(county_id=county.id, group_id=made.group_id),
        metadata=training.admin,
    ).members
    assert list(listed) == list(read.members)


def test_a_training_names_every_fault_at_once(
    training: Training, structure: Callable[..., None]
) -> None:
    form = refusal(training.hold, title=" ", held_on="soon", hours=0.0)
    wrong = refusal(training.hold, kind="dancing", role_types=["mayor", "village.head"])
    retired = grid_row("1.9.", valid_to=NOW - DAY)
    structure("personnel", training.county.id, dict(SCHEME_OF_RECORDS), [retired])

    found = faults(wrong)
    assert set(found) == {"/kind", "/role_types/0"}
    assert set(faults(form)) == {"/title", "/held_on", "/hours"}
    assert "it has: basic" in found["/kind"]
    assert set(faults(refusal(training.hold, hours=float("nan")))) == {"/hours"}
    assert set(faults(refusal(training.hold, grid_id=str(retired["grid_id"])))) == {"/grid_id"}
    assert set(faults(refusal(training.hold, grid_id=str(uuid4())))) == {"/grid_id"}
    assert set(faults(refusal(training.set_kind, "Basic!"))) == {"/kind"}
    kind = refusal(training.set_kind, "basic", name="", validity_months=0)
    assert set(faults(kind)) == {"/name", "/validity_months"}


def test_attendance_names_every_fault_and_then_records_nothing(
    training: Training, make_county: Callable[..., County]
) -> None:
    held, someone = training.hold(), training.person()
    other = Training(training.personnel, make_county(f"{training.county.id}-b", SCHEME_OF_RECORDS))
    stranger = other.person()

    problem = refusal(
        training.attend, held, (someone, True), (someone, True), (stranger, True),
        (training.person(), False, PASSED),
    )  # fmt: skip

    assert set(faults(problem)) == {
        "/entries/1/person_id", "/entries/2/person_id", "/entries/3/result",
    }  # fmt: skip
    assert set(faults(refusal(training.attend, held))) == {"/entries"}
    assert training.attendance() == []


def test_a_training_is_corrected_at_the_version_that_was_read(training: Training) -> None:
    held = training.hold()
    told = {"title": "设备使用培训", "kind": "basic", "held_on": days(-9), "hours": 2.0}

    def amend(**given: Any) -> Any:
        request = pb.AmendTrainingRequest(
            county_id=training.county.id, training_id=held.training_id, **told, **given
        )
        return training.calls.AmendTraining(request, metadata=training.admin).training

    assert refusal(amend, expected_version=5).reason == "STALE_VERSION"
    after = amend(expected_version=1)
    assert (after.title, after.hours, after.trainer, list(after.role_types), after.version) == (
        "设备使用培训", 2.0, "", [], 2,
    )  # fmt: skip
    assert training.get(held) == after


def test_a_kind_is_set_at_the_version_that_was_read(training: Training) -> None:
    assert refusal(training.set_kind, expected_version=7).reason == "STALE_VERSION"
    assert refusal(training.set_kind, "new", expected_version=1).reason == "STALE_VERSION"
    changed = training.set_kind(name="岗位培训", expected_version=1)
    assert (changed.name, changed.version, changed.HasField("validity_months")) == (
        "岗位培训", 2, False,
    )  # fmt: skip
    township = training.personnel.caller(training.county.id, staff=["g:1."])
    problem = refusal(training.set_kind, caller=township)
    assert problem.status is grpc.StatusCode.PERMISSION_DENIED
    request = pb.ListTrainingKindsRequest(county_id=training.county.id)
    answer = training.calls.ListTrainingKinds(request, metadata=training.admin)
    assert list(answer.training_kinds) == [changed]


def test_staff_and_readers_reach_their_own_places(training: Training) -> None:
    county, personnel = training.county, training.personnel
    near = training.person("village.head", county.village)
    far = training.person("village.head", county.far_village)
    of_county, own = training.hold(), training.hold(grid_id=county.township)
    other = training.hold(grid_id=county.far_village)
    training.attend(other, (far, True))
    training.attend(own, (near, True))
    township = personnel.caller(county.id, staff=["g:1."], read=["g:1."])

    for attempt in (
        lambda: training.hold(township),
        lambda: training.hold(township, grid_id=county.far_village),
        lambda: training.attend(other, (near, True), caller=township),
        lambda: training.attend(of_county, (near, True), caller=township),
        lambda: training.get(other, township),
    ):
        assert refusal(attempt).status is grpc.StatusCode.PERMISSION_DENIED
    assert training.attend(own, (near, False), caller=township).attended_count == 0
    assert training.listed(township) == [own.training_id, of_county.training_id]
    assert [each.person_id for each in training.attendance(township)] == [near]
    himself = personnel.caller(county.id, UUID(far), read=["d:water"])
    assert [each.person_id for each in training.attendance(himself)] == [far]
    assert training.lacking(caller=himself) == {}
    assert set(training.lacking(caller=township)) == {near}


def test_another_county_has_nothing_to_do_with_it(
    training: Training, make_county: Callable[..., County]
) -> None:
    held = training.hold()
    other = Training(training.personnel, make_county(f"{training.county.id}-b", SCHEME_OF_RECORDS))

    assert other.listed() == []
    assert refusal(other.get, held).reason == "TRAINING_NOT_FOUND"
    assert refusal(other.attend, held, (other.person(), True)).reason == "TRAINING_NOT_FOUND"
    assert refusal(training.listed, other.admin).reason == "COUNTY_NOT_FOUND"
    request = pb.ListTrainingsRequest(county_id=training.county.id)
    assert refusal(training.calls.ListTrainings, request).reason == "UNAUTHENTICATED"


def test_the_same_request_records_once(training: Training) -> None:
    key = str(uuid4())

    assert training.hold(request_id=key) == training.hold(request_id=key)
    assert len(training.listed()) == 1


def test_trainings_are_found_by_day_and_kind(training: Training) -> None:
    training.set_kind("other")
    made = [
        training.hold(held_on=held_on, kind=kind).training_id
        for held_on, kind in (
            ("2026-03-01", "basic"),
            ("2026-03-05", "other"),
            ("2026-04-01", "basic"),
        )
    ]

    assert training.listed() == made[::-1]
    assert training.listed(held_from="2026-03-01", held_to="2026-03-31") == [made[1], made[0]]
    assert training.listed(kind="other") == [made[1]]
    assert set(faults(refusal(training.listed, held_from="March"))) == {"/held_from"}


def test_pages_cost_the_same_however_long_they_are(
    training: Training, statements: Callable[[], int]
) -> None:
    held = training.hold()
    people = [training.person("village.head", training.county.village) for _ in range(5)]

    def cost(ask: Callable[[], Any]) -> int:
        before = statements()
        ask()
        return statements() - before

    one = cost(lambda: training.attend(held, (people[0], True)))
    assert one == cost(lambda: training.attend(held, *((each, True) for each in people)))
    assert cost(lambda: training.attendance(page_size=1)) == cost(training.attendance)
    assert cost(lambda: training.lacking(page_size=1)) == cost(training.lacking)
    seen, page_token = [], ""
    while True:
        request = pb.ListAttendanceRequest(
            county_id=training.county.id, page_size=2, page_token=page_token
        )
        answer = training.calls.ListAttendance(request, metadata=training.admin)
        seen.append(len(answer.attendance))
        if not (page_token := answer.next_page_token):
            break
    assert seen == [2, 2, 1]
