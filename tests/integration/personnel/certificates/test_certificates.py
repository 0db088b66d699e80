"""Certificates and who is certified, over gRPC and a real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from shared.rpc.errors import problem_of
from shared.working_time import Calendar
from tests.integration.personnel.conftest import County, Personnel
from tests.integration.personnel.records import SCHEME_OF_RECORDS, events_of, faults
from tests.support.refusals import refusal
from wangge.personnel.v1 import certificates_pb2
from wangge.personnel.v1 import trainings_service_pb2 as pb
from wangge.personnel.v1 import trainings_service_pb2_grpc as pb_grpc

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
TODAY = Calendar().local_day(NOW)
KIND = "行政执法证"


def state_of(name: str) -> int:
    return certificates_pb2.CertificateState.Value(f"CERTIFICATE_STATE_{name.upper()}")


def days(number: int) -> str:
    """A day so many days from today."""
    return (TODAY + timedelta(days=number)).isoformat()


class Certifying:
    """A county's certificates as a client sees them."""

    def __init__(self, personnel: Personnel, county: County) -> None:
        self.personnel = personnel
        self.county = county
        self.calls: Any = pb_grpc.TrainingServiceStub(personnel.channel)
        self.admin = personnel.admin(county.id)

    def person(self, name: str = "测试执法员") -> str:
        return self.personnel.person(self.county.id, name)

    def record(self, person_id: str, caller: Any = None, **given: Any) -> Any:
        details = {
            "kind": KIND,
            "number": uuid4().hex[:12].upper(),
            "issuer": "省司法厅",
            "issued_on": days(-100),
            "valid_until": days(100),
            **given,
        }
        request = pb.RecordCertificateRequest(
            county_id=self.county.id, person_id=person_id, **details
        )
        return self.calls.RecordCertificate(request, metadata=caller or self.admin).certificate

    def change(self, method: str, certificate: Any, caller: Any = None, **given: Any) -> Any:
        request = getattr(pb, f"{method}Request")(
            county_id=self.county.id, certificate_id=certificate.certificate_id, **given
        )
        return getattr(self.calls, method)(request, metadata=caller or self.admin).certificate

    def listed(self, caller: Any = None, **wanted: Any) -> list[str]:
        request = pb.ListCertificatesRequest(county_id=self.county.id, **wanted)
        answer = self.calls.ListCertificates(request, metadata=caller or self.admin)
        return [each.certificate_id for each in answer.certificates]

    def certified(self, *people: str, caller: Any = None, **asked: Any) -> list[bool]:
        request = pb.CheckCertifiedRequest(county_id=self.county.id, person_ids=people, **asked)
        answer = self.calls.CheckCertified(request, metadata=caller or self.admin)
        assert [each.person_id for each in answer.certifications] == list(people)
        return [each.certified for each in answer.certifications]


@pytest.fixture
def county(make_county: Callable[..., County], county_id: str) -> County:
    return make_county(county_id, SCHEME_OF_RECORDS)


@pytest.fixture
def certifying(personnel: Personnel, county: County) -> Certifying:
    return Certifying(personnel, county)


def test_only_those_with_a_valid_certificate_of_the_kind_are_certified(
    certifying: Certifying,
) -> None:
    holder, nobody, expired, other = (certifying.person() for _ in range(4))
    certifying.record(holder)
    lasting = certifying.record(holder, valid_until="")
    certifying.record(expired, valid_until=days(-1))
    certifying.record(other, kind="网格员证")

    people = (holder, nobody, expired, other)
    assert certifying.certified(*people, kind=KIND) == [True, False, False, False]
    assert certifying.certified(*people) == [True, False, False, True]
    assert certifying.certified(*people, kind=KIND, at=NOW - 2 * DAY) == [True, False, True, False]
    assert certifying.certified(*people, at=NOW - 101 * DAY) == [False] * 4
    request = pb.CheckCertifiedRequest(county_id=certifying.county.id, person_ids=[holder])
    [said] = certifying.calls.CheckCertified(request, metadata=certifying.admin).certifications
    # Of several the one that lasts longest is named.
    assert (said.certificate_id, said.number, said.valid_until) == (
        lasting.certificate_id, lasting.number, "",
    )  # fmt: skip


def test_the_last_day_of_validity_still_counts(certifying: Certifying) -> None:
    person_id = certifying.person()
    certificate = certifying.record(person_id, valid_until=days(0))

    assert certificate.state == state_of("valid")
    assert certifying.certified(person_id) == [True]
    assert certifying.certified(person_id, at=NOW + DAY) == [False]


def test_a_suspension_interrupts_and_a_revocation_ends(certifying: Certifying) -> None:
    person_id = certifying.person()
    certificate = certifying.record(person_id)

    unsaid = refusal(certifying.change, "SuspendCertificate", certificate)
    early = refusal(certifying.change, "RestoreCertificate", certificate, reason="复查合格")
    suspended = certifying.change(
        "SuspendCertificate", certificate, reason="违规执法", expected_version=1
    )

    assert set(faults(unsaid)) == {"/reason"}
    assert early.reason == "CERTIFICATE_STEP_NOT_ALLOWED"
    assert (suspended.state, suspended.reason, suspended.version) == (
        state_of("suspended"), "违规执法", 2,
    )  # fmt: skip
    assert certifying.certified(person_id) == [False]
    assert certifying.certified(person_id, at=NOW) == [True]
    restored = certifying.change("RestoreCertificate", certificate, reason="复查合格")
    assert (restored.state, restored.reason) == (state_of("valid"), "")
    assert certifying.certified(person_id) == [True]
    certifying.change("RevokeCertificate", certificate, reason="调离岗位")
    assert certifying.certified(person_id) == [False]
    for method, given in (
        ("RestoreCertificate", {"reason": "复查合格"}),
        ("SuspendCertificate", {"reason": "违规执法"}),
        ("RevokeCertificate", {"reason": "调离岗位"}),
        ("AmendCertificate", {"issuer": "省司法厅", "issued_on": days(-100)}),
    ):
        problem = refusal(certifying.change, method, certificate, **given)
        assert problem.reason == "CERTIFICATE_STEP_NOT_ALLOWED"
    request = pb.GetCertificateRequest(
        county_id=certifying.county.id, certificate_id=certificate.certificate_id
    )
    read = certifying.calls.GetCertificate(request, metadata=certifying.admin)
    assert [each.reason for each in read.steps] == ["违规执法", "复查合格", "调离岗位"]
    events = events_of(certifying.personnel, certifying.county.id, "certificate.changed.v1")
    assert [(each["sequence"], each["data"]["state"]) for each in events] == [
        ("1", "valid"), ("2", "suspended"), ("3", "valid"), ("4", "revoked"),
    ]  # fmt: skip
    assert events[0]["data"] == {
        "certificate_id": certificate.certificate_id,
        "person_id": person_id,
        "kind": KIND,
        "valid_from": days(-100),
        "valid_until": days(100),
        "state": "valid",
    }


def test_certificates_are_listed_by_what_they_are_worth(certifying: Certifying) -> None:
    person_id = certifying.person()
    soon = certifying.record(person_id, valid_until=days(30)).certificate_id
    late = certifying.record(person_id, valid_until=days(31)).certificate_id
    over = certifying.record(person_id, valid_until=days(-1)).certificate_id
    endless = certifying.record(person_id, valid_until="").certificate_id
    stopped = certifying.record(person_id, valid_until=days(10))
    certifying.change("SuspendCertificate", stopped, reason="违规执法")

    assert certifying.listed() == [soon, late, over, endless, stopped.certificate_id]
    assert certifying.listed(expiring_within_days=30) == [soon]
    assert certifying.listed(state=state_of("expired")) == [over]
    assert certifying.listed(state=state_of("valid")) == [soon, late, endless]
    assert certifying.listed(state=state_of("suspended")) == [stopped.certificate_id]
    assert certifying.listed(state=state_of("revoked")) == []
    assert certifying.listed(state=state_of("expired"), as_of=NOW + 31 * DAY) == [soon, over]
    assert certifying.listed(as_of=NOW - 200 * DAY) == []
    assert certifying.listed(kind="网格员证") == []
    assert certifying.listed(person_id=str(uuid4())) == []
    out_of_range = refusal(certifying.listed, expiring_within_days=-1)
    assert set(faults(out_of_range)) == {"/expiring_within_days"}


def test_a_number_stands_once_in_a_county(
    certifying: Certifying, make_county: Callable[..., County]
) -> None:
    person_id = certifying.person()
    certifying.record(person_id, number="湘 2026-0001a")

    problem = refusal(certifying.record, certifying.person(), number="湘2026-0001A")

    assert (problem.status, problem.reason) == (
        grpc.StatusCode.ALREADY_EXISTS, "CERTIFICATE_NUMBER_TAKEN",
    )  # fmt: skip
    other = Certifying(
        certifying.personnel, make_county(f"{certifying.county.id}-b", SCHEME_OF_RECORDS)
    )
    assert other.record(other.person(), number="湘2026-0001A").number == "湘2026-0001A"


def test_of_many_records_of_one_number_at_once_one_stands(certifying: Certifying) -> None:
    people = [certifying.person() for _ in range(6)]

    def record(person_id: str) -> str:
        try:
            certifying.record(person_id, number="湘2026-0002")
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "recorded"

    with ThreadPoolExecutor(6) as pool:
        outcome = sorted(pool.map(record, people))

    assert outcome == ["CERTIFICATE_NUMBER_TAKEN"] * 5 + ["recorded"]


def test_a_certificate_names_every_fault_at_once(certifying: Certifying) -> None:
    wrong = refusal(
        certifying.record, certifying.person(), kind=" ", number="", issuer="",
        issued_on="2026-13-01", valid_until="soon",
    )  # fmt: skip
    order = refusal(certifying.record, certifying.person(), issued_on=days(1), valid_until=days(-1))

    assert set(faults(wrong)) == {"/kind", "/number", "/issuer", "/issued_on", "/valid_until"}
    assert set(faults(order)) == {"/issued_on", "/valid_until"}
    for person_id in ("", "no-uuid", str(uuid4())):
        assert set(faults(refusal(certifying.record, person_id))) == {"/person_id"}
    assert set(faults(refusal(certifying.certified))) == {"/person_ids"}
    assert set(faults(refusal(certifying.certified, *[str(uuid4())] * 101))) == {"/person_ids"}
    assert set(faults(refusal(certifying.certified, "no-uuid"))) == {"/person_ids/0"}


def test_a_certificate_is_corrected_at_the_version_that_was_read(certifying: Certifying) -> None:
    certificate = certifying.record(certifying.person())
    details = {"issuer": "市司法局", "issued_on": days(-50), "valid_until": days(500)}

    stale = refusal(
        certifying.change, "AmendCertificate", certificate, **details, expected_version=3
    )
    changed = certifying.change("AmendCertificate", certificate, **details, expected_version=1)

    assert stale.reason == "STALE_VERSION"
    assert (changed.issuer, changed.valid_until, changed.version) == ("市司法局", days(500), 2)
    assert (changed.number, changed.kind) == (certificate.number, certificate.kind)


def test_staff_and_readers_reach_those_of_their_places(certifying: Certifying) -> None:
    county, personnel = certifying.county, certifying.personnel
    near, far = certifying.person(), certifying.person()
    personnel.post(county.id, near, "any.observer", grid_id=county.village)
    personnel.post(county.id, far, "any.observer", grid_id=county.far_village)
    township = personnel.caller(county.id, staff=["g:1."], read=["g:1."])

    own = certifying.record(near, township)
    other = certifying.record(far)
    for attempt in (
        lambda: certifying.record(far, township),
        lambda: certifying.change("RevokeCertificate", other, township, reason="调离岗位"),
    ):
        assert refusal(attempt).status is grpc.StatusCode.PERMISSION_DENIED
    assert certifying.listed(township) == [own.certificate_id]
    himself = personnel.caller(county.id, UUID(far), read=["d:water"])
    assert certifying.listed(himself) == [other.certificate_id]
    request = pb.GetCertificateRequest(county_id=county.id, certificate_id=other.certificate_id)
    read = certifying.calls.GetCertificate
    assert read(request, metadata=himself).certificate == other
    assert refusal(read, request, metadata=township).status is grpc.StatusCode.PERMISSION_DENIED
    # Whoever reads anything in the county may ask who is certified: nothing else is details.
    assert certifying.certified(far, caller=township) == [True]


def test_another_county_has_nothing_to_do_with_it(
    certifying: Certifying, make_county: Callable[..., County]
) -> None:
    person_id = certifying.person()
    certificate = certifying.record(person_id)
    other = Certifying(
        certifying.personnel, make_county(f"{certifying.county.id}-b", SCHEME_OF_RECORDS)
    )

    assert other.listed() == []
    assert other.certified(person_id) == [False]
    assert set(faults(refusal(other.record, person_id))) == {"/person_id"}
    foreign = refusal(other.change, "RevokeCertificate", certificate, reason="调离岗位")
    assert foreign.reason == "CERTIFICATE_NOT_FOUND"
    assert refusal(certifying.listed, other.admin).reason == "COUNTY_NOT_FOUND"
    request = pb.CheckCertifiedRequest(county_id=certifying.county.id, person_ids=[person_id])
    assert refusal(certifying.calls.CheckCertified, request).reason == "UNAUTHENTICATED"


def test_the_same_request_records_once(certifying: Certifying) -> None:
    asked = {"person_id": certifying.person(), "number": "湘2026-0003", "request_id": str(uuid4())}

    assert certifying.record(**asked) == certifying.record(**asked)
    assert len(certifying.listed()) == 1


def test_lists_and_checks_cost_the_same_however_long_they_are(
    certifying: Certifying, statements: Callable[[], int]
) -> None:
    people = [certifying.person() for _ in range(4)]
    made = [certifying.record(person_id).certificate_id for person_id in people]

    def cost(ask: Callable[[], Any]) -> int:
        before = statements()
        ask()
        return statements() - before

    assert cost(lambda: certifying.listed(page_size=1)) == cost(certifying.listed)
    assert cost(lambda: certifying.certified(people[0])) == cost(
        lambda: certifying.certified(*people)
    )
    request = pb.ListCertificatesRequest(county_id=certifying.county.id, page_size=3)
    first = certifying.calls.ListCertificates(request, metadata=certifying.admin)
    assert [each.certificate_id for each in first.certificates] == made[:3]
    assert certifying.listed(page_token=first.next_page_token) == made[3:]
