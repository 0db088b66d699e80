"""The inbox over gRPC: one's own notices, and their confirmation."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import grpc
import orjson
import pytest
from sqlalchemy import text

from services.notifications import schemas
from services.notifications.serve_grpc import build
from shared.db import migrate
from shared.rpc import paging
from tests.integration.notifications.conftest import Town
from tests.integration.service_fixtures import Databases, RpcServers, Tokens, bearer
from tests.support.refusals import refusal
from wangge.notifications.v1 import inbox_service_pb2 as pb
from wangge.notifications.v1 import inbox_service_pb2_grpc as pb_grpc

GOLDEN = Path(__file__).parents[3] / "contract" / "events" / "notice.confirmed.v1.json"


class Inbox:
    """One person's inbox."""

    def __init__(self, stub: pb_grpc.InboxServiceStub, county: str, metadata: list) -> None:
        self.stub, self.county, self.metadata = stub, county, metadata

    def page(self, **asked: object) -> pb.ListInboxResponse:
        request = pb.ListInboxRequest(county_id=self.county, **asked)
        return self.stub.ListInbox(request, metadata=self.metadata)

    def ids(self, **asked: object) -> list[str]:
        return [notice.notice_id for notice in self.page(**asked).notices]

    def confirm(self, notice_id: str, request_id: str = "") -> pb.ConfirmNoticeResponse:
        request = pb.ConfirmNoticeRequest(
            county_id=self.county, request_id=request_id, notice_id=notice_id
        )
        return self.stub.ConfirmNotice(request, metadata=self.metadata)


@pytest.fixture
def open_inbox(rpc: RpcServers, token: Tokens) -> Callable[[str, UUID], Inbox]:
    stub = pb_grpc.InboxServiceStub(rpc("notifications", build))

    def open_one(county: str, person: UUID) -> Inbox:
        return Inbox(stub, county, bearer(token(county_id=county, person_id=person)))

    return open_one


@pytest.fixture
def person(town: Town) -> UUID:
    rule = {"to_kinds": ["direct"], "at": "responsible_grid", "confirm_within": {"hours": 2}}
    town.rules(rule)
    return town.post("1.2.")


@pytest.fixture
def inbox(open_inbox: Callable, town: Town, person: UUID) -> Inbox:
    return open_inbox(town.id, person)


def outbox(databases: Databases, county: str) -> list[dict]:
    with databases.admin_engine("notifications").connect() as connection:
        query = text("SELECT body FROM outbox WHERE county_id = :county ORDER BY event_id")
        return [orjson.loads(row.body) for row in connection.execute(query, {"county": county})]


def test_models_and_migrations_agree(databases: Databases) -> None:
    databases.engine("notifications")
    migrate.check("notifications", databases.admin_url)


def test_the_inbox_shows_ones_own_notices_newest_first(
    town: Town, inbox: Inbox, open_inbox: Callable
) -> None:
    colleague = town.post("1.2.")
    made = [notice for _ in range(3) for notice in town.tell()]
    mine = [n for n in made if n.person_id != colleague]

    assert inbox.ids() == [str(notice.notice_id) for notice in reversed(mine)]
    assert len(open_inbox(town.id, colleague).ids()) == 3
    shown = inbox.page(page_size=1).notices[0]
    assert (shown.title, shown.county_id) == ("新案件 2026-000001:秸秆焚烧", town.id)
    assert shown.confirm_due_time.ToSeconds() - shown.send_time.ToSeconds() == 7200
    assert not shown.HasField("confirm_time")


@pytest.mark.requirement("R-NOTIF-11", part="the receiver confirms, and the unconfirmed are listed")
def test_unconfirmed_notices_are_listed_until_they_are_confirmed(town: Town, inbox: Inbox) -> None:
    (first,), (second,) = town.tell(), town.tell()

    confirmed = inbox.confirm(str(first.notice_id)).notice

    assert confirmed.HasField("confirm_time")
    assert inbox.ids(unconfirmed_only=True) == [str(second.notice_id)]
    assert len(inbox.ids()) == 2
    assert inbox.ids(about_id=str(first.about_id)) == [str(first.notice_id)]
    assert inbox.ids(about_id=str(uuid4())) == []


def test_confirming_again_changes_nothing_and_is_told_once(
    town: Town, inbox: Inbox, databases: Databases
) -> None:
    (notice,) = town.tell()

    answers = [inbox.confirm(str(notice.notice_id), key) for key in ("a", "a", "b", "")]

    assert len({answer.SerializeToString() for answer in answers}) == 1
    (event,) = outbox(databases, town.id)
    assert event["type"] == "wangge.notifications.notice.confirmed.v1"
    assert event["subject"] == str(notice.notice_id)
    assert event["sequence"] == "2"


@pytest.mark.parametrize("same_key", [True, False])
def test_confirming_from_eight_devices_at_once_is_told_once(
    town: Town, inbox: Inbox, databases: Databases, same_key: bool
) -> None:
    (notice,) = town.tell()

    def send(number: int) -> pb.ConfirmNoticeResponse:
        return inbox.confirm(str(notice.notice_id), "key" if same_key else f"key-{number}")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert len({answer.SerializeToString() for answer in answers}) == 1
    assert len(outbox(databases, town.id)) == 1


def test_the_event_is_as_its_golden_sample(town: Town, inbox: Inbox, databases: Databases) -> None:
    (notice,) = town.tell()
    inbox.confirm(str(notice.notice_id))

    (event,) = outbox(databases, town.id)

    sample = orjson.loads(GOLDEN.read_bytes())
    assert event["data"].keys() == sample.keys()
    assert {name: type(value) for name, value in event["data"].items()} == {
        name: type(value) for name, value in sample.items()
    }
    (emission,) = schemas.EVENTS.values()
    assert set(sample) == set(emission.schema.fields)


def test_anothers_notice_and_none_at_all_look_the_same(
    town: Town, inbox: Inbox, open_inbox: Callable, databases: Databases
) -> None:
    (notice,) = town.tell()
    colleague = open_inbox(town.id, uuid4())
    stranger = open_inbox(f"{town.id}-b", inbox_person(notice))

    for who, notice_id in (
        (colleague, str(notice.notice_id)),
        (stranger, str(notice.notice_id)),
        (inbox, str(uuid4())),
        (inbox, "nonsense"),
    ):
        problem = refusal(who.confirm, notice_id)
        assert (problem.status.name, problem.reason) == ("NOT_FOUND", "NOTICE_NOT_FOUND")
    assert stranger.ids() == colleague.ids() == []
    assert outbox(databases, town.id) == []


def inbox_person(notice: object) -> UUID:
    return notice.person_id


def test_pages_join_to_the_whole_even_while_new_notices_arrive(town: Town, inbox: Inbox) -> None:
    made = [str(town.tell()[0].notice_id) for _ in range(5)]

    seen, page_token = [], ""
    while True:
        page = inbox.page(page_size=2, page_token=page_token)
        seen += [notice.notice_id for notice in page.notices]
        town.tell()
        page_token = page.next_page_token
        if not page_token:
            break

    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"page_size": -1}, "/page_size"),
        ({"page_size": 501}, "/page_size"),
        ({"page_token": "!"}, "/page_token"),
        ({"page_token": paging.encode("no id")}, "/page_token"),
        ({"page_token": paging.encode(1)}, "/page_token"),
        ({"about_id": "no id"}, "/about_id"),
    ],
)
def test_a_bad_question_names_the_field(inbox: Inbox, asked: dict, pointer: str) -> None:
    problem = refusal(inbox.page, **asked)

    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.pointer for violation in problem.violations] == [pointer]
    assert problem.violations[0].detail.zh
