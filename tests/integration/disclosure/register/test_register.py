from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from sqlalchemy import text

from services.disclosure.serve_grpc import build
from shared.contracts.disclosure import PublicationPublished
from shared.db import migrate
from shared.eventing.contracts import subscription_to
from tests.integration.disclosure.office import CLOSED, DOCUMENT, Office
from tests.integration.service_fixtures import Databases, RpcServers
from tests.support.refusals import code_of, refusal
from wangge.disclosure.v1 import publications_pb2
from wangge.disclosure.v1 import register_pb2 as pb

NAMES = pb.RegisterState.Name


def test_models_and_migrations_agree(databases: Databases) -> None:
    databases.engine("disclosure")
    migrate.check("disclosure", databases.admin_url)


def test_a_closed_case_enters_the_register_once_due_in_working_days(office: Office) -> None:
    case_id = uuid4()

    (made,) = office.close_case(case_id=case_id)

    assert office.close_case(case_id=case_id) == []
    (item,) = office.call("admin", "ListRegister").items
    assert item.item_id == str(made.item_id)
    assert (item.kind, item.about_type, item.about_id) == ("case_results", "case", str(case_id))
    assert (item.grid_name, item.category, NAMES(item.state)) == (
        "杜口村",
        "straw_burning",
        "REGISTER_STATE_DUE",
    )
    assert item.arise_time.ToDatetime(tzinfo=UTC) == CLOSED
    # Friday 6 March 2026 and twenty working days, to the end of Friday 3 April in China.
    assert item.due_time.ToDatetime(tzinfo=UTC) == datetime(2026, 4, 3, 16, 0, tzinfo=UTC)
    assert not item.HasField("draft")


@pytest.mark.requirement("R-DISC-01", part="items that an event makes due, with their limit")
def test_each_county_publishes_what_its_own_list_says(
    open_office: Callable[..., Office],
) -> None:
    def listing(*items: dict[str, Any]) -> Office:
        return open_office({**DOCUMENT, "disclosure": {"items": list(items)}})

    on = {"on": "case.closed.v1"}
    silent = listing({"id": "work_progress"})
    unlimited = listing({"id": "results", **on})
    two = listing({"id": "a", **on, "within": {"days": 1}}, {"id": "b", **on, "within": None})

    assert silent.close_case() == []
    assert [(item.kind, item.due_at) for item in unlimited.close_case()] == [("results", None)]
    due = {item.kind: item.due_at for item in two.close_case()}
    assert due == {"a": datetime(2026, 3, 7, 16, 0, tzinfo=UTC), "b": None}


def test_a_draft_is_made_from_the_cases_result_with_the_callers_own_rights(
    office: Office,
) -> None:
    item_id = office.item(result="已责令整改,当场扑灭。")

    item = office.call("admin", "SubmitItem", item_id=item_id).item

    assert item.draft.title == "秸秆焚烧案件查处结果(杜口村)"
    assert item.draft.body.endswith("处理结果:已责令整改,当场扑灭。")
    assert (NAMES(item.state), item.version) == ("REGISTER_STATE_SUBMITTED", 2)
    assert office.cases.tokens == [f"Bearer {office.bearer_of('admin')}"]


def test_words_of_ones_own_go_before_the_sources(office: Office) -> None:
    item_id = office.item()

    titled = office.call("admin", "SubmitItem", item_id=item_id, title="通报").item
    whole = office.call("reviewer", "SubmitItem", item_id=item_id, title="另题", body="另文").item

    assert titled.draft.title == "通报"
    assert "处理结果" in titled.draft.body
    assert (whole.draft.title, whole.draft.body) == ("另题", "另文")
    assert len(office.cases.tokens) == 1


@pytest.mark.requirement("R-DISC-11")
@pytest.mark.parametrize("told", [True, False])
def test_neither_who_reported_nor_a_number_of_anybody_is_kept_or_shown(
    office: Office, *, told: bool
) -> None:
    item_id = office.item(
        told=told,
        description="举报人林小雨,电话13900001111:邻居在烧秸秆",
        address="杜口村三组17号林小雨家对面",
        origin_id="8f14e45f-ceea-467f-a9b0-000000000001",
        result="经核查属实,已责令王大柱扑灭;王大柱电话13812345678,身份证430223198001011234",
    )
    secrets = ["林小雨", "13900001111", "邻居", "三组17号", "8f14e45f-ceea", "13812345678"]
    secrets += ["王大柱", "430223198001011234"]

    answers = [
        office.call("admin", "SubmitItem", item_id=item_id, request_id="k1", mask_words=["王大柱"]),
        office.call("reviewer", "ApproveItem", item_id=item_id, request_id="k2"),
        office.call("reviewer", "PublishItem", item_id=item_id, request_id="k3"),
        office.call("admin", "ListRegister"),
        office.public("ListPublications"),
    ]

    shown = "".join(str(answer) for answer in answers)
    assert "王大柱" not in shown
    wire = b"".join(answer.SerializeToString() for answer in answers)
    tables = ("register_items", "publications", "outbox", "idempotency_keys")
    kept = repr([tuple(map(bytes_or_text, row)) for t in tables for row in office.rows(t, "1")])
    for secret in secrets:
        assert secret.encode() not in wire
        assert secret not in kept
    assert "已责令***扑灭".encode() in wire
    counts = {(r.field, r.kind): r.count for r in answers[0].item.draft.redactions}
    assert counts == {("body", "name"): 2, ("body", "phone"): 1, ("body", "identity_number"): 1}


APPROVED_FIELDS = (
    "county_id publication_id version kind title body grid_name category category_name publisher "
    "publish_time withdraw_time content_hash"
)


@pytest.mark.requirement("R-DISC-11", part="the fields of a publication")
def test_a_publication_has_the_approved_fields_and_no_other() -> None:
    assert {field.name for field in publications_pb2.Publication.DESCRIPTOR.fields} == set(
        APPROVED_FIELDS.split()
    )


def bytes_or_text(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace")
    return value


def test_without_a_written_result_somebody_must_write_the_text(office: Office) -> None:
    item_id = office.item(result="")

    problem = refusal(lambda: office.call("admin", "SubmitItem", item_id=item_id))

    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.pointer for violation in problem.violations] == ["/body"]
    written = office.call("admin", "SubmitItem", item_id=item_id, body="已整改").item
    assert written.draft.body == "已整改"


def test_cases_being_away_leaves_the_item_as_it_was(
    office: Office, rpc: RpcServers, unused_address: str
) -> None:
    item_id = office.item()
    office.channel = rpc("disclosure", build, peers={"cases": unused_address})

    assert code_of(lambda: office.call("admin", "SubmitItem", item_id=item_id)) == (
        "UNAVAILABLE",
        "PEER_UNAVAILABLE",
    )
    left = office.call("admin", "GetRegisterItem", item_id=item_id).item
    assert (NAMES(left.state), left.version) == ("REGISTER_STATE_DUE", 1)
    given = office.call("admin", "SubmitItem", item_id=item_id, title="题", body="文").item
    assert NAMES(given.state) == "REGISTER_STATE_SUBMITTED"


@pytest.mark.requirement("R-DISC-10")
def test_a_result_goes_from_the_closed_case_to_the_public_page(office: Office) -> None:
    reply = office.published()

    item, publication = reply.item, reply.publication
    assert (NAMES(item.state), item.version) == ("REGISTER_STATE_PUBLISHED", 4)
    assert item.publication_id == publication.publication_id
    assert (publication.version, publication.kind) == (1, "case_results")
    assert (publication.publisher, publication.category_name) == ("环委会办公室", "秸秆焚烧")
    assert office.public("ListPublications").publications == [publication]
    (event,) = office.events()
    assert event["type"] == "wangge.disclosure.publication.published.v1"
    data = subscription_to(PublicationPublished).read(event["data"])
    assert data == PublicationPublished(
        publication_id=UUID(publication.publication_id),
        item_id=UUID(item.item_id),
        kind="case_results",
        published_at=publication.publish_time.ToDatetime(tzinfo=UTC),
        due_on=datetime(2026, 4, 3, tzinfo=UTC).date(),
    )


def test_whoever_submitted_may_not_approve(office: Office) -> None:
    item_id = office.item()
    office.call("reviewer", "SubmitItem", item_id=item_id)

    assert code_of(lambda: office.call("reviewer", "ApproveItem", item_id=item_id)) == (
        "PERMISSION_DENIED",
        "DISCLOSURE_FOUR_EYES",
    )
    with (
        office.databases.admin_engine("disclosure").connect() as connection,
        pytest.raises(Exception, match="ck_register_items_four_eyes"),
    ):
        connection.execute(
            text("UPDATE register_items SET approved_by = submitted_by WHERE item_id = :id"),
            {"id": item_id},
        )


def test_a_step_out_of_turn_names_the_state_and_the_step(office: Office) -> None:
    item_id = office.item()

    problem = refusal(lambda: office.call("admin", "PublishItem", item_id=item_id))

    assert (problem.status.name, problem.reason) == (
        "FAILED_PRECONDITION",
        "DISCLOSURE_STEP_NOT_ALLOWED",
    )
    assert problem.detail.en == "An item that is due cannot be published; it must be approved."
    assert problem.detail.zh == "事项当前为“待公开”,不能发布;须为“待发布”。"
    approved = office.approved()
    assert code_of(lambda: office.call("admin", "SubmitItem", item_id=approved))[0] == (
        "FAILED_PRECONDITION"
    )


def test_a_step_upon_an_old_version_is_refused(office: Office) -> None:
    item_id = office.item()
    office.call("admin", "SubmitItem", item_id=item_id, expected_version=1)

    for post, method in (("admin", "SubmitItem"), ("reviewer", "ApproveItem")):
        stale = code_of(
            lambda p=post, m=method: office.call(p, m, item_id=item_id, expected_version=1)
        )
        assert stale == ("ABORTED", "STALE_VERSION")
    office.call("reviewer", "ApproveItem", item_id=item_id, expected_version=2)


def test_the_same_request_again_publishes_once(office: Office) -> None:
    item_id = office.approved()

    replies = [
        office.call("admin", "PublishItem", item_id=item_id, request_id="key-1") for _ in range(3)
    ]

    assert replies[0] == replies[1] == replies[2]
    assert len(office.rows("publications", "1")) == len(office.events()) == 1
    assert code_of(
        lambda: office.call("admin", "PublishItem", item_id=office.item(), request_id="key-1")
    ) == ("INVALID_ARGUMENT", "IDEMPOTENCY_KEY_REUSED")


def test_of_many_who_publish_at_once_one_does(office: Office) -> None:
    item_id = office.approved()

    def publish(_: int) -> str:
        try:
            office.call("admin", "PublishItem", item_id=item_id)
        except grpc.RpcError as error:
            return error.code().name
        return "OK"

    office.bearer_of("admin")
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(publish, range(8)))

    assert outcomes.count("OK") == 1
    assert set(outcomes) <= {"OK", "ABORTED", "FAILED_PRECONDITION"}
    assert len(office.rows("publications", "1")) == len(office.events()) == 1
