from collections.abc import Callable
from uuid import UUID, uuid4

import grpc
import pytest

from services.disclosure.publications.domain import Publication, content_of
from shared.hash_chain import content_hash
from tests.integration.disclosure.office import DOCUMENT, Office
from tests.support.refusals import code_of, refusal
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc
from wangge.disclosure.v1 import register_pb2


@pytest.mark.requirement("R-DISC-15")
def test_anyone_reads_what_was_published_and_nothing_before(office: Office) -> None:
    item_id = office.item()
    steps = (("admin", "SubmitItem"), ("reviewer", "ApproveItem"), ("admin", "PublishItem"))

    for post, step in steps:
        page = office.public("ListPublications")
        assert (list(page.publications), page.county_name) == ([], "测试县")
        assert code_of(lambda: office.public("GetPublication", publication_id=item_id)) == (
            "NOT_FOUND",
            "PUBLICATION_NOT_FOUND",
        )
        reply = office.call(post, step, item_id=item_id)

    assert office.public("ListPublications").publications == [reply.publication]
    found = office.public("GetPublication", publication_id=reply.publication.publication_id)
    assert found.publication == reply.publication


def test_the_register_itself_is_not_for_everyone(office: Office) -> None:
    stub = pb_grpc.DisclosureServiceStub(office.channel)

    assert code_of(
        lambda: stub.ListRegister(pb.ListRegisterRequest(county_id=office.county_id))
    ) == ("UNAUTHENTICATED", "UNAUTHENTICATED")


def test_the_hash_that_is_shown_is_that_of_what_is_kept(office: Office) -> None:
    shown = office.published().publication

    (row,) = office.rows("publications", "1")
    names = (name for name in Publication.__slots__ if name != "withdrawn_at")
    kept = Publication(**{name: getattr(row, name) for name in names})
    assert kept.publication_id == UUID(shown.publication_id)
    assert content_hash(content_of(kept)) == shown.content_hash == row.content_hash


def test_of_what_was_withdrawn_the_public_sees_that_it_was(office: Office) -> None:
    standing = office.published()
    item_id = standing.item.item_id

    item = office.call("reviewer", "WithdrawItem", item_id=item_id, reason="结果有误").item

    assert register_pb2.RegisterState.Name(item.state) == "REGISTER_STATE_WITHDRAWN"
    (listed,) = office.public("ListPublications").publications
    got = office.public("GetPublication", publication_id=item.publication_id).publication
    assert listed == got
    assert (listed.title, listed.body) == (standing.publication.title, "")
    assert listed.HasField("withdraw_time")
    assert listed.content_hash == standing.publication.content_hash
    (withdrawal,) = office.rows("withdrawals", "1")
    assert withdrawal.reason == "结果有误"
    (row,) = office.rows("publications", "1")
    assert row.body == standing.publication.body


def test_a_withdrawal_tells_of_the_publication_it_ends(office: Office) -> None:
    standing = office.published()
    office.call("admin", "WithdrawItem", item_id=standing.item.item_id, reason="结果有误")

    published, withdrawn = office.events()

    assert withdrawn["type"] == "wangge.disclosure.publication.withdrawn.v1"
    assert withdrawn["data"] == published["data"]
    assert withdrawn["subject"] == published["subject"] == standing.item.publication_id
    assert int(withdrawn["sequence"]) > int(published["sequence"])
    assert "结果有误" not in str(withdrawn)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_withdrawal_needs_a_reason(office: Office, reason: str) -> None:
    item_id = office.published().item.item_id

    problem = refusal(lambda: office.call("admin", "WithdrawItem", item_id=item_id, reason=reason))

    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.pointer for violation in problem.violations] == ["/reason"]
    assert not office.rows("withdrawals", "1")


def test_each_county_shows_its_own_publications_under_its_own_publisher(
    open_office: Callable[..., Office],
) -> None:
    silent = {**DOCUMENT, "disclosure": {**DOCUMENT["disclosure"], "publisher": None}}
    mine, other = open_office(), open_office(silent)
    here, there = mine.published().publication, other.published().publication

    assert mine.public("ListPublications").publications == [here]
    assert other.public("ListPublications").publications == [there]
    assert (here.publisher, there.publisher) == ("环委会办公室", "")
    assert code_of(lambda: mine.public("GetPublication", publication_id=there.publication_id)) == (
        "NOT_FOUND",
        "PUBLICATION_NOT_FOUND",
    )


@pytest.mark.parametrize("county_id", ["nowhere", "city", ""])
def test_a_county_that_is_not_there_is_not_found(office: Office, county_id: str) -> None:
    for method, given in (
        ("ListPublications", {}),
        ("GetPublication", {"publication_id": str(uuid4())}),
    ):
        refused = code_of(
            lambda m=method, g=given: office.public(m, **{**g, "county_id": county_id})
        )
        assert refused == ("NOT_FOUND", "COUNTY_NOT_FOUND")


def test_the_newest_comes_first_page_by_page(office: Office) -> None:
    made = [office.published().publication.publication_id for _ in range(5)]

    seen, page_token = [], ""
    while True:
        page = office.public("ListPublications", page_size=2, page_token=page_token)
        assert len(page.publications) <= 2
        seen += [publication.publication_id for publication in page.publications]
        if not (page_token := page.next_page_token):
            break

    assert seen == made[::-1]
    assert len(office.public("ListPublications", kind="case_results").publications) == 5
    assert not office.public("ListPublications", kind="hidden_hazards").publications


@pytest.mark.parametrize("page_token", ["nonsense", "WzEsMl0", "W251bGwsMl0"])
def test_a_page_token_of_another_list_is_refused(office: Office, page_token: str) -> None:
    problem = refusal(lambda: office.public("ListPublications", page_token=page_token))

    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.pointer for violation in problem.violations] == ["/page_token"]
