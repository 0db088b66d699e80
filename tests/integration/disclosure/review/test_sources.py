"""Drafts out of what the event of a closed case carried: no call, and the same rights."""

from uuid import UUID, uuid4

import pytest

from services.disclosure.register.store import RegisterStore
from services.disclosure.serve_grpc import build
from services.disclosure.store import make_transaction
from shared.db.transaction import UnitOfWork
from tests.integration.disclosure.office import SIBLING, VILLAGE, Office
from tests.integration.service_fixtures import RpcServers, context_of
from tests.support.refusals import code_of

WITH_NUMBERS = "已责令王大柱扑灭;电话13812345678,身份证430223198001011234"
REFUSED = ("PERMISSION_DENIED", "PERMISSION_DENIED")


def test_a_draft_out_of_the_event_is_the_one_out_of_cases(office: Office) -> None:
    drafts = [
        office.call("admin", "SubmitItem", item_id=office.item(told=told, result=WITH_NUMBERS))
        for told in (True, False)
    ]

    carried, asked = (answer.item.draft for answer in drafts)
    assert carried.body.endswith("处理结果:已责令王大柱扑灭;电话***,身份证***")
    assert {(r.field, r.kind): r.count for r in carried.redactions} == {
        ("body", "phone"): 1,
        ("body", "identity_number"): 1,
    }
    assert carried == asked
    # Only the item of the earlier event needed the answer of cases.
    assert office.cases.tokens == [f"Bearer {office.bearer_of('admin')}"]


def test_cases_may_be_away_where_the_event_carried_the_result(
    office: Office, rpc: RpcServers, unused_address: str
) -> None:
    item_id = office.item(told=True)
    office.channel = rpc("disclosure", build, peers={"cases": unused_address})

    draft = office.call("admin", "SubmitItem", item_id=item_id).item.draft

    assert draft.body.endswith("处理结果:已责令整改,当场扑灭。")


@pytest.mark.parametrize("read", ["g:", "g:3.41.", "g:3.42.", "d:ecology"])
def test_whoever_reads_in_a_grid_or_department_of_the_case_drafts_from_it(
    office: Office, read: str
) -> None:
    item_id = office.item(told=True, grid=VILLAGE, responsible=SIBLING)
    office.admit("publisher", {"publish": ["g:"], "read": [read]})

    draft = office.call("publisher", "SubmitItem", item_id=item_id).item.draft

    assert draft.body.endswith("处理结果:已责令整改,当场扑灭。")
    assert office.cases.tokens == []


@pytest.mark.parametrize("read", [["g:3.43."], ["d:forestry"], []])
def test_whoever_reads_elsewhere_alone_is_refused(office: Office, read: list[str]) -> None:
    item_id = office.item(told=True, grid=VILLAGE, responsible=SIBLING)
    office.admit("publisher", {"publish": ["g:"], "read": read})

    assert code_of(lambda: office.call("publisher", "SubmitItem", item_id=item_id)) == REFUSED
    assert [row.state for row in office.rows("register_items", "1")] == ["due"]
    assert office.cases.tokens == []


def test_the_right_to_read_stays_with_the_grid_where_the_case_was_found(office: Office) -> None:
    item_id = office.item(told=True)
    unit_of_work = UnitOfWork(office.databases.engine("disclosure"), make_transaction)
    with unit_of_work(context_of(office.county_id)) as tx:
        tx.store(RegisterStore).hand_over({VILLAGE["grid_id"]: SIBLING["grid_id"]})

    assert code_of(lambda: office.call("sibling", "SubmitItem", item_id=item_id)) == REFUSED
    assert office.cases.tokens == []


def test_names_are_masked_in_the_words_as_written_where_something_is_masked_already(
    office: Office,
) -> None:
    mixed = office.item(told=True, result="已责令王大柱13812345678扑灭")
    plain = office.item(told=True, result="已责令王大柱扑灭")

    drafts = [
        office.call("admin", "SubmitItem", item_id=item_id, mask_words=[word]).item.draft.body
        for item_id, word in ((mixed, "王大柱13812345678"), (plain, "王大柱"))
    ]

    assert [draft.rpartition(":")[2] for draft in drafts] == ["已责令***扑灭"] * 2
    assert len(office.cases.tokens) == 1


def test_cases_decides_while_a_grid_of_the_case_is_not_known(office: Office) -> None:
    item_id = office.item(told=True, responsible={"grid_id": uuid4()})

    office.call("admin", "SubmitItem", item_id=item_id)

    assert len(office.cases.tokens) == 1


def test_what_the_event_carried_is_kept_until_a_draft_is_approved(office: Office) -> None:
    item_id = office.item(told=True)

    def source() -> object:
        (row,) = office.rows("register_items", "1")
        assert row.item_id == UUID(item_id)
        return row.source

    office.call("admin", "SubmitItem", item_id=item_id)
    assert source() is not None
    again = office.call("admin", "SubmitItem", item_id=item_id).item
    office.call("reviewer", "ApproveItem", item_id=item_id)

    assert again.draft.body.endswith("处理结果:已责令整改,当场扑灭。")
    assert source() is None
    assert office.cases.tokens == []
