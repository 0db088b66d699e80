"""Responsibility letters signed level by level, over gRPC and a real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.hash_chain import content_hash
from shared.rpc.errors import problem_of
from tests.integration.personnel.conftest import County, Personnel
from tests.integration.personnel.records import SCHEME_OF_RECORDS, events_of, faults
from tests.support.refusals import refusal
from wangge.personnel.v1 import absences_pb2, pledges_pb2
from wangge.personnel.v1 import pledges_service_pb2 as pb
from wangge.personnel.v1 import pledges_service_pb2_grpc as pb_grpc
from wangge.personnel.v1 import staffing_service_pb2 as staffing_pb
from wangge.personnel.v1 import staffing_service_pb2_grpc as staffing_grpc

NOW = datetime.now(UTC)
LOWER, UPPER = pledges_pb2.PLEDGE_SIDE_LOWER, pledges_pb2.PLEDGE_SIDE_UPPER
UNSIGNED = pledges_pb2.PLEDGE_STATE_UNSIGNED
PARTLY, SIGNED = pledges_pb2.PLEDGE_STATE_PARTLY_SIGNED, pledges_pb2.PLEDGE_STATE_SIGNED
SIGNINGS = [
    pledges_pb2.PledgeSigning(
        level="township", role_type="township.direct", upper_role_type="county.leader"
    ),
    pledges_pb2.PledgeSigning(
        level="village",
        role_type="village.head",
        upper_level="township",
        upper_role_type="township.direct",
    ),
]


class Pledging:
    """A county with its leader, its township's and one village's accountable people."""

    def __init__(self, personnel: Personnel, county: County) -> None:
        self.personnel = personnel
        self.county = county
        self.calls: Any = pb_grpc.PledgeServiceStub(personnel.channel)
        self.leader = personnel.person(county.id, "测试县领导")
        self.mayor = personnel.person(county.id, "测试镇长")
        self.head = personnel.person(county.id, "测试村主任")
        personnel.post(county.id, self.leader, "county.leader")
        personnel.post(county.id, self.mayor, "township.direct", grid_id=county.township)
        personnel.post(county.id, self.head, "village.head", grid_id=county.village)

    @property
    def admin(self) -> Any:
        return self.personnel.admin(self.county.id)

    def person(self, person_id: str) -> Any:
        return self.personnel.caller(self.county.id, UUID(person_id), read=["g:"])

    def open(self, caller: Any = None, **given: Any) -> Any:
        request = pb.CreatePledgeRoundRequest(
            county_id=self.county.id,
            **{
                "year": 2026,
                "title": "2026年环境保护目标责任书",
                "goals": ["秸秆零焚烧", "排查率百分之百"],
                "rewards": "年终评优",
                "penalties": "通报批评",
                "signings": SIGNINGS,
                **given,
            },
        )
        return self.calls.CreatePledgeRound(request, metadata=caller or self.admin).round

    def get(self, round_id: str, grid_id: str, caller: Any = None) -> Any:
        request = pb.GetPledgeRequest(county_id=self.county.id, round_id=round_id, grid_id=grid_id)
        return self.calls.GetPledge(request, metadata=caller or self.admin).pledge

    def sign(
        self,
        round_id: str,
        grid_id: str,
        person_id: str,
        side: Any,
        text_hash: str = "",
        **more: Any,
    ) -> Any:
        request = pb.SignPledgeRequest(
            county_id=self.county.id,
            round_id=round_id,
            grid_id=grid_id,
            side=side,
            text_hash=text_hash or self.get(round_id, grid_id).text_hash,
            **more,
        )
        return self.calls.SignPledge(request, metadata=self.person(person_id)).pledge

    def unsigned(self, round_id: str, caller: Any = None, **wanted: Any) -> Any:
        request = pb.ListUnsignedPledgesRequest(
            county_id=self.county.id, round_id=round_id, **wanted
        )
        return self.calls.ListUnsignedPledges(request, metadata=caller or self.admin)

    def counts(self, round_id: str, **wanted: Any) -> Any:
        request = pb.CountPledgesRequest(county_id=self.county.id, round_id=round_id, **wanted)
        return self.calls.CountPledges(request, metadata=self.admin)

    def reissue(self, round_id: str, grid_id: str, caller: Any = None, **given: Any) -> Any:
        request = pb.ReissuePledgeRequest(
            county_id=self.county.id, round_id=round_id, grid_id=grid_id, **given
        )
        return self.calls.ReissuePledge(request, metadata=caller or self.admin).pledge


@pytest.fixture
def county(make_county: Callable[..., County], county_id: str) -> County:
    return make_county(county_id, SCHEME_OF_RECORDS)


@pytest.fixture
def pledging(personnel: Personnel, county: County) -> Pledging:
    return Pledging(personnel, county)


@pytest.mark.requirement("R-PERS-35")
def test_letters_are_signed_level_by_level_and_the_unsigned_are_named(pledging: Pledging) -> None:
    county = pledging.county
    made = pledging.open()
    assert (made.year, list(made.goals), made.rewards, made.penalties) == (
        2026, ["秸秆零焚烧", "排查率百分之百"], "年终评优", "通报批评",
    )  # fmt: skip

    def awaited() -> dict[str, list[tuple[int, str]]]:
        return {
            pledge.grid_id: [(each.side, each.person_name) for each in pledge.awaited]
            for pledge in pledging.unsigned(made.round_id).pledges
        }

    assert awaited() == {
        county.township: [(LOWER, "测试镇长"), (UPPER, "测试县领导")],
        county.village: [(LOWER, "测试村主任"), (UPPER, "测试镇长")],
        county.second_village: [(UPPER, "测试镇长")],
        county.far_village: [],
    }

    pledging.sign(made.round_id, county.township, pledging.mayor, LOWER)
    pledging.sign(made.round_id, county.township, pledging.leader, UPPER)
    half = pledging.sign(made.round_id, county.village, pledging.head, LOWER)

    assert (half.state, half.upper_grid_name) == (PARTLY, "网格1.")
    assert awaited() == {
        county.village: [(UPPER, "测试镇长")],
        county.second_village: [(UPPER, "测试镇长")],
        county.far_village: [],
    }
    whole = pledging.sign(made.round_id, county.village, pledging.mayor, UPPER)
    assert whole.state == SIGNED
    assert [(each.side, each.person_name) for each in whole.signatures] == [
        (LOWER, "测试村主任"), (UPPER, "测试镇长"),
    ]  # fmt: skip
    text_signed = orjson.loads(whole.text_json)
    assert text_signed["goals"] == ["秸秆零焚烧", "排查率百分之百"]
    assert content_hash(text_signed) == whole.text_hash
    assert {each.text_hash for each in whole.signatures} == {whole.text_hash}
    assert set(awaited()) == {county.second_village, county.far_village}
    villages = pledging.unsigned(made.round_id, level="village").pledges
    assert [each.grid_id for each in villages] == [county.second_village, county.far_village]
    assert pledging.unsigned(made.round_id, level="township").pledges == []


def test_letters_are_counted_by_township(pledging: Pledging) -> None:
    county = pledging.county
    made = pledging.open()
    pledging.sign(made.round_id, county.village, pledging.head, LOWER)
    pledging.sign(made.round_id, county.village, pledging.mayor, UPPER)
    pledging.sign(made.round_id, county.township, pledging.mayor, LOWER)

    counted = pledging.counts(made.round_id)

    assert [(c.grid_id, c.total, c.signed, c.partly_signed) for c in counted.counts] == [
        (county.township, 3, 1, 1), ("", 1, 0, 0),
    ]  # fmt: skip
    assert (counted.total, counted.signed, counted.partly_signed) == (4, 1, 1)
    before = pledging.counts(made.round_id, level="village", as_of=NOW - timedelta(days=1))
    assert (before.total, before.signed, before.partly_signed) == (3, 0, 0)


def test_only_the_holder_of_the_post_signs(pledging: Pledging) -> None:
    county, personnel = pledging.county, pledging.personnel
    made = pledging.open()
    stranger = personnel.person(county.id)
    past = personnel.person(county.id)
    personnel.post(
        county.id, past, "village.head", grid_id=county.village,
        valid_from=NOW - timedelta(days=9), valid_to=NOW - timedelta(days=1),
    )  # fmt: skip

    for person_id, side in (
        (stranger, LOWER), (past, LOWER), (pledging.mayor, LOWER), (pledging.head, UPPER),
    ):  # fmt: skip
        problem = refusal(pledging.sign, made.round_id, county.village, person_id, side)
        assert (problem.status, problem.reason) == (
            grpc.StatusCode.PERMISSION_DENIED, "NOT_SIGNATORY",
        )  # fmt: skip
    # No grid of the upper level is above this village, so nobody signs there for it.
    problem = refusal(pledging.sign, made.round_id, county.far_village, pledging.mayor, UPPER)
    assert problem.reason == "NOT_SIGNATORY"
    assert pledging.get(made.round_id, county.village).state == UNSIGNED


def test_who_stands_in_signs_while_the_holder_is_away(pledging: Pledging) -> None:
    county, personnel = pledging.county, pledging.personnel
    made = pledging.open()
    other = personnel.person(county.id, "测试代班员")
    leave = staffing_pb.RecordLeaveRequest(
        county_id=county.id, person_id=pledging.head, kind=absences_pb2.LEAVE_KIND_SICK,
        stand_in_id=other,
    )  # fmt: skip
    leave.valid_from.FromDatetime(datetime.now(UTC) - timedelta(minutes=1))
    leave.valid_to.FromDatetime(NOW + timedelta(days=9))
    refused = refusal(pledging.sign, made.round_id, county.village, other, LOWER)
    staffing_grpc.StaffingServiceStub(personnel.channel).RecordLeave(leave, metadata=pledging.admin)

    [village] = [
        each for each in pledging.unsigned(made.round_id).pledges if each.grid_id == county.village
    ]
    signed = pledging.sign(made.round_id, county.village, other, LOWER)

    assert refused.reason == "NOT_SIGNATORY"
    assert [(each.person_name, each.stands_in) for each in village.awaited] == [
        ("测试代班员", True), ("测试镇长", False),
    ]  # fmt: skip
    assert [(each.person_name, each.stood_in) for each in signed.signatures] == [
        ("测试代班员", True)
    ]
    assert pledging.get(made.round_id, county.village) == signed


def test_one_signs_what_one_has_read_and_once(pledging: Pledging) -> None:
    county = pledging.county
    made = pledging.open()

    other = refusal(
        pledging.sign, made.round_id, county.village, pledging.head, LOWER, text_hash="0" * 64
    )
    pledging.sign(made.round_id, county.village, pledging.head, LOWER)
    again = refusal(pledging.sign, made.round_id, county.village, pledging.head, LOWER)

    assert (other.status, other.reason) == (grpc.StatusCode.ABORTED, "PLEDGE_TEXT_CHANGED")
    assert again.reason == "PLEDGE_SIGNED_ALREADY"


def test_the_same_request_signs_once_and_tells_it_once(pledging: Pledging) -> None:
    county = pledging.county
    made = pledging.open()
    text_hash = pledging.get(made.round_id, county.village).text_hash
    key = str(uuid4())

    def sign() -> Any:
        return pledging.sign(
            made.round_id, county.village, pledging.head, LOWER, text_hash, request_id=key
        )

    first = sign()

    assert sign() == first
    [event] = events_of(pledging.personnel, county.id, "pledge.signed.v1")
    assert (event["subject"], event["sequence"]) == (first.letter_id, "1")
    assert event["data"] | {"signed_at": None, "post_id": None} == {
        "round_id": made.round_id,
        "letter_id": first.letter_id,
        "grid_id": county.village,
        "grid_path": "1.2.",
        "upper_grid_id": county.township,
        "side": "lower",
        "person_id": pledging.head,
        "post_id": None,
        "signed_at": None,
        "complete": False,
    }


def test_both_sides_may_sign_at_the_same_moment(pledging: Pledging) -> None:
    county = pledging.county
    made = pledging.open()
    text_hash = pledging.get(made.round_id, county.village).text_hash

    def sign(who: tuple[str, Any]) -> str:
        try:
            pledging.sign(made.round_id, county.village, *who, text_hash)
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "signed"

    both = [(pledging.head, LOWER), (pledging.mayor, UPPER)] * 3
    with ThreadPoolExecutor(6) as pool:
        outcome = sorted(pool.map(sign, both))

    assert outcome == ["PLEDGE_SIGNED_ALREADY"] * 4 + ["signed"] * 2
    assert pledging.get(made.round_id, county.village).state == SIGNED


def test_a_new_letter_revokes_the_one_before_which_stays_on_record(pledging: Pledging) -> None:
    county = pledging.county
    made = pledging.open()
    first = pledging.sign(made.round_id, county.village, pledging.head, LOWER)

    empty = refusal(pledging.reissue, made.round_id, county.village)
    second = pledging.reissue(
        made.round_id, county.village, reason="目标调整", goals=["排查率百分之九十"]
    )

    assert set(faults(empty)) == {"/reason"}
    assert (second.number, second.state, second.reason) == (2, UNSIGNED, "目标调整")
    assert orjson.loads(second.text_json)["goals"] == ["排查率百分之九十"]
    assert orjson.loads(second.text_json)["rewards"] == "年终评优"
    assert second.letter_id != first.letter_id
    stale = refusal(
        pledging.sign, made.round_id, county.village, pledging.head, LOWER, first.text_hash
    )
    assert stale.reason == "PLEDGE_TEXT_CHANGED"
    assert pledging.sign(made.round_id, county.village, pledging.head, LOWER).state == PARTLY
    with pledging.personnel.databases.admin_engine("personnel").connect() as connection:
        kept = connection.execute(
            text("SELECT count(*) FROM pledge_signatures WHERE county_id = :c"), {"c": county.id}
        ).scalar()
    assert kept == 2


@pytest.mark.parametrize("change", ["UPDATE pledge_signatures SET text_hash = ''",
                                    "DELETE FROM pledge_signatures",
                                    "UPDATE pledge_letters SET text_hash = ''",
                                    "DELETE FROM pledge_letters"])  # fmt: skip
def test_what_was_signed_cannot_be_changed_even_in_the_database(
    personnel: Personnel, change: str
) -> None:
    with (
        personnel.databases.engine("personnel").connect() as connection,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        connection.execute(text(change))


def test_a_closed_round_takes_no_signature(pledging: Pledging) -> None:
    county = pledging.county
    made = pledging.open()

    def close(version: int = 0) -> Any:
        request = pb.ClosePledgeRoundRequest(
            county_id=county.id, round_id=made.round_id, expected_version=version
        )
        return pledging.calls.ClosePledgeRound(request, metadata=pledging.admin).round

    assert refusal(close, 7).reason == "STALE_VERSION"
    assert close(1).version == 2
    assert refusal(close).reason == "PLEDGE_ROUND_CLOSED"
    signed = refusal(pledging.sign, made.round_id, county.village, pledging.head, LOWER)
    assert signed.reason == "PLEDGE_ROUND_CLOSED"


def test_a_round_names_every_fault_at_once(pledging: Pledging) -> None:
    signings = [
        pledges_pb2.PledgeSigning(level="navy", role_type="nobody", upper_role_type="village.head"),
        pledges_pb2.PledgeSigning(
            level="village",
            role_type="township.direct",
            upper_level="village",
            upper_role_type="mayor",
        ),
    ]

    found = faults(refusal(pledging.open, signings=signings))
    form = faults(refusal(pledging.open, year=1800, title=" ", goals=[]))

    assert set(found) == {
        "/signings/0/level", "/signings/0/role_type", "/signings/0/upper_role_type",
        "/signings/1/role_type", "/signings/1/upper_level", "/signings/1/upper_role_type",
    }  # fmt: skip
    assert set(form) == {"/year", "/title", "/goals"}
    assert "township, village" in found["/signings/0/level"]
    assert set(faults(refusal(pledging.open, grid_id=str(uuid4())))) == {"/grid_id"}


def test_a_county_that_does_without_letters_opens_no_round(
    personnel: Personnel, make_county: Callable[..., County], county_id: str
) -> None:
    scheme = {**SCHEME_OF_RECORDS, "assessment": {"responsibility_letter": False}}
    pledging = Pledging(personnel, make_county(county_id, scheme))

    assert refusal(pledging.open).reason == "PLEDGES_NOT_USED"


def test_a_township_runs_its_own_round_within_its_reach(pledging: Pledging) -> None:
    county, personnel = pledging.county, pledging.personnel
    township = personnel.caller(county.id, staff=["g:1."], read=["g:1."])
    villages = SIGNINGS[1:]

    assert refusal(pledging.open, township).status is grpc.StatusCode.PERMISSION_DENIED
    made = pledging.open(township, grid_id=county.township, signings=villages)

    listed = [each.grid_id for each in pledging.unsigned(made.round_id).pledges]
    assert listed == [county.village, county.second_village]
    outside = refusal(pledging.get, made.round_id, county.far_village)
    assert outside.reason == "PLEDGE_NOT_FOUND"
    elsewhere = personnel.caller(county.id, staff=["g:10."], read=["g:10."])
    for attempt in (
        lambda: pledging.get(made.round_id, county.village, elsewhere),
        lambda: pledging.reissue(made.round_id, county.village, elsewhere, reason="目标调整"),
    ):
        assert refusal(attempt).status is grpc.StatusCode.PERMISSION_DENIED
    assert pledging.unsigned(made.round_id, elsewhere).pledges == []


def test_rounds_and_letters_are_read_page_by_page(pledging: Pledging) -> None:
    rounds = [pledging.open(year=year).round_id for year in (2024, 2025, 2026)]
    pages, page_token = [], ""
    while True:
        request = pb.ListPledgeRoundsRequest(
            county_id=pledging.county.id, page_size=2, page_token=page_token
        )
        answer = pledging.calls.ListPledgeRounds(request, metadata=pledging.admin)
        pages.append([each.round_id for each in answer.rounds])
        if not (page_token := answer.next_page_token):
            break
    assert pages == [[rounds[2], rounds[1]], [rounds[0]]]

    seen, page_token = [], ""
    while True:
        answer = pledging.unsigned(rounds[0], page_size=3, page_token=page_token)
        seen.append([each.grid_path for each in answer.pledges])
        if not (page_token := answer.next_page_token):
            break
    assert seen == [["1.", "1.2.", "1.3."], ["10.4."]]
    of_state = pb.ListPledgesRequest(county_id=pledging.county.id, round_id=rounds[0], state=SIGNED)
    assert pledging.calls.ListPledges(of_state, metadata=pledging.admin).pledges == []


def test_another_county_sees_no_round(
    pledging: Pledging, personnel: Personnel, make_county: Callable[..., County]
) -> None:
    made = pledging.open()
    other = Pledging(personnel, make_county(f"{pledging.county.id}-b", SCHEME_OF_RECORDS))

    assert refusal(other.get, made.round_id, other.county.village).reason == (
        "PLEDGE_ROUND_NOT_FOUND"
    )
    foreign = refusal(pledging.unsigned, made.round_id, other.admin)
    assert foreign.reason == "COUNTY_NOT_FOUND"
    request = pb.GetPledgeRequest(county_id=pledging.county.id, round_id=made.round_id)
    assert refusal(pledging.calls.GetPledge, request).reason == "UNAUTHENTICATED"
    assert set(faults(refusal(pledging.unsigned, "no-uuid"))) == {"/round_id"}
    assert set(faults(refusal(pledging.unsigned, ""))) == {"/round_id"}


def test_a_page_takes_the_same_number_of_statements_however_long_it_is(
    pledging: Pledging, statements: Callable[[], int]
) -> None:
    made = pledging.open()

    def cost(size: int) -> int:
        before = statements()
        pledging.unsigned(made.round_id, page_size=size)
        return statements() - before

    assert cost(1) == cost(4)
