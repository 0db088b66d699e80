from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from uuid import UUID

import grpc
import pytest
from sqlalchemy import text

from services.disclosure.register.store import RegisterStore
from services.disclosure.store import make_transaction
from shared.db.transaction import SET_COUNTY, UnitOfWork
from shared.structure.store import Structure
from tests.integration.disclosure.office import CLOSED, DOCUMENT, SIBLING, VILLAGE, Office
from tests.integration.service_fixtures import Databases, context_of
from tests.support.refusals import code_of, refusal
from wangge.disclosure.v1 import register_pb2 as pb


@pytest.mark.parametrize(
    ("post", "method"),
    [
        ("patroller", "SubmitItem"),
        ("patroller", "ApproveItem"),
        ("patroller", "PublishItem"),
        ("patroller", "WithdrawItem"),
        ("admin", "ApproveItem"),
        ("sibling", "GetRegisterItem"),
        ("sibling", "SubmitItem"),
        ("sibling", "ApproveItem"),
        ("sibling", "PublishItem"),
        ("sibling", "WithdrawItem"),
        ("ecology", "SubmitItem"),
        ("ecology", "PublishItem"),
    ],
)
def test_a_step_needs_the_capability_on_the_items_grid(
    office: Office, post: str, method: str
) -> None:
    item_id = office.item()
    more = {"reason": "有误"} if method == "WithdrawItem" else {}

    assert code_of(lambda: office.call(post, method, item_id=item_id, **more)) == (
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    )
    assert office.cases.tokens == []


def test_everyone_sees_the_items_of_their_own_subtrees(office: Office) -> None:
    here, there = office.item(), office.item(grid=SIBLING)

    def seen(post: str) -> set[str]:
        return {item.item_id for item in office.call(post, "ListRegister").items}

    assert seen("admin") == {here, there}
    assert seen("patroller") == {here}
    assert seen("sibling") == {there}
    assert seen("ecology") == set()


def test_an_item_that_changes_beside_a_move_of_its_grid_stays_with_the_grid(
    office: Office,
) -> None:
    unit_of_work = UnitOfWork(office.databases.engine("disclosure"), make_transaction)
    item_id = UUID(office.item())
    with unit_of_work(context_of(office.county_id, publish=["g:"])) as tx:
        read_before = tx.store(RegisterStore).get(item_id)
        with unit_of_work(context_of(office.county_id)) as moving:
            moving.store(Structure).apply_grids([{**VILLAGE, "version": 2, "path": "8.41."}])
            moving.store(RegisterStore).follow_grids([VILLAGE["grid_id"]])
        tx.store(RegisterStore).save(replace(read_before, version=2))

    (row,) = office.rows("register_items", "1")
    assert (row.version, row.grid_path) == (2, "8.41.")


def test_what_is_not_published_goes_to_the_heir_of_its_grid(office: Office) -> None:
    unit_of_work = UnitOfWork(office.databases.engine("disclosure"), make_transaction)
    published, waiting = UUID(office.published().item.item_id), UUID(office.item())

    with unit_of_work(context_of(office.county_id)) as tx:
        tx.store(RegisterStore).hand_over({VILLAGE["grid_id"]: SIBLING["grid_id"]})
        found = {item: tx.store(RegisterStore).get(item) for item in (published, waiting)}

    assert found[published].grid_id == VILLAGE["grid_id"]
    moved = found[waiting]
    assert (moved.grid_id, moved.grid_path) == (SIBLING["grid_id"], SIBLING["path"])
    # The name stays that of the grid in which the case was dealt with.
    assert moved.grid_name == VILLAGE["name"]


def test_the_earliest_due_comes_first_and_what_has_no_limit_last(
    open_office: Callable[..., Office],
) -> None:
    entries = [
        {"id": "limited", "on": "case.closed.v1", "within": {"days": 3}},
        {"id": "open", "on": "case.closed.v1"},
    ]
    office = open_office({**DOCUMENT, "disclosure": {"items": entries}})
    for day in (2, 0, 1):
        office.close_case(closed_at=CLOSED + timedelta(days=day))

    seen, page_token = [], ""
    while True:
        page = office.call("admin", "ListRegister", page_size=2, page_token=page_token)
        assert len(page.items) <= 2
        seen += page.items
        if not (page_token := page.next_page_token):
            break

    assert [item.kind for item in seen] == ["limited"] * 3 + ["open"] * 3
    assert [item.arise_time.ToDatetime(tzinfo=UTC) - CLOSED for item in seen[:3]] == [
        timedelta(days=day) for day in range(3)
    ]
    assert len({item.item_id for item in seen}) == 6


def test_the_register_is_filtered_by_state_and_by_what_it_is_about(office: Office) -> None:
    due, submitted = office.item(), office.item()
    about = office.call("admin", "SubmitItem", item_id=submitted).item.about_id

    by_state = office.call("admin", "ListRegister", state=pb.REGISTER_STATE_DUE).items
    by_case = office.call("admin", "ListRegister", about_id=about).items

    assert [item.item_id for item in by_state] == [due]
    assert [item.item_id for item in by_case] == [submitted]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"state": 99}, "/state"),
        ({"about_id": "nonsense"}, "/about_id"),
        ({"page_token": "nonsense"}, "/page_token"),
        ({"page_token": "WzEsMl0"}, "/page_token"),
        ({"page_size": 501}, "/page_size"),
    ],
)
def test_a_list_that_cannot_be_is_refused_with_the_field(
    office: Office, given: dict, pointer: str
) -> None:
    problem = refusal(lambda: office.call("admin", "ListRegister", **given))

    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.pointer for violation in problem.violations] == [pointer]


@pytest.mark.parametrize("item_id", ["nonsense", "6f1c0a52-93d4-4b7e-8a21-5d0c47e1b9f3"])
def test_an_item_that_is_not_there_is_not_found(office: Office, item_id: str) -> None:
    for method in ("GetRegisterItem", "SubmitItem", "PublishItem"):
        assert code_of(lambda m=method: office.call("admin", m, item_id=item_id)) == (
            "NOT_FOUND",
            "DISCLOSURE_ITEM_NOT_FOUND",
        )


def test_two_counties_see_nothing_of_each_other(open_office: Callable[..., Office]) -> None:
    mine, other = open_office(), open_office()
    item_id = mine.item()

    assert not other.call("admin", "ListRegister").items
    for named in (mine.county_id, other.county_id):
        refused = code_of(
            lambda c=named: other.call("admin", "GetRegisterItem", item_id=item_id, county_id=c)
        )
        assert refused[0] == "NOT_FOUND"
    published = mine.published().publication
    with mine.databases.engine("disclosure").connect() as connection:
        count = text("SELECT count(*) FROM publications")
        assert connection.execute(count).scalar() == 0
        connection.execute(SET_COUNTY, {"county": other.county_id})
        assert connection.execute(count).scalar() == 0
        connection.execute(SET_COUNTY, {"county": mine.county_id})
        assert connection.execute(count).scalar() == 1
    assert published.county_id == mine.county_id


def test_the_application_itself_cannot_change_what_was_published(databases: Databases) -> None:
    for statement in (
        "UPDATE publications SET body = ''",
        "DELETE FROM publications",
        "TRUNCATE publications CASCADE",
        "UPDATE withdrawals SET reason = ''",
        "DELETE FROM withdrawals",
    ):
        with (
            databases.engine("disclosure").connect() as connection,
            pytest.raises(Exception, match="permission denied"),
        ):
            connection.execute(text(statement))
