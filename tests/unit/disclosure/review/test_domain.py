"""Drafts: made, masked, and approved by a second person."""

import pytest

from services.disclosure.review import domain as review
from services.disclosure.review.domain import SourceWords
from shared.errors import InvalidArgument
from tests.unit.disclosure.examples import REVIEWER, SCHEME, WRITER, draft, item


def test_nobody_approves_what_they_submitted() -> None:
    submitted = review.submit(item(), draft(submitted_by=WRITER))

    with pytest.raises(review.FourEyes) as refused:
        review.approve(submitted, WRITER)

    assert (refused.value.status, refused.value.reason) == (
        "PERMISSION_DENIED",
        "DISCLOSURE_FOUR_EYES",
    )
    approved = review.approve(submitted, REVIEWER)
    assert approved.draft is not None
    assert (approved.draft.submitted_by, approved.draft.approved_by) == (WRITER, REVIEWER)


def test_a_new_draft_takes_the_place_of_the_one_before() -> None:
    first = review.submit(item(), draft(body="初稿"))

    second = review.submit(first, draft(body="改稿", submitted_by=REVIEWER))

    assert second.draft == draft(body="改稿", submitted_by=REVIEWER)


def test_personal_data_is_masked_in_title_and_body_and_counted_by_kind() -> None:
    made = review.make_draft(
        "关于陈大有的通报",
        "当事人陈大有,电话13812345678,座机0731-5551234,身份证430223198001011234",
        ["陈大有", " ", ""],
        submitted_by=WRITER,
    )

    assert made.title == "关于***的通报"
    assert made.body == "当事人***,电话***,座机***,身份证***"
    counts = {(found.field, found.kind): found.count for found in made.redactions}
    assert counts == {
        ("title", "name"): 1,
        ("body", "name"): 1,
        ("body", "phone"): 2,
        ("body", "identity_number"): 1,
    }


@pytest.mark.parametrize(
    ("title", "body", "pointers"),
    [
        ("标题", "", {"/body"}),
        ("标题", " \n", {"/body"}),
        ("", "", {"/title", "/body"}),
        ("长" * 201, "文" * 20_001, {"/title", "/body"}),
    ],
)
def test_a_draft_without_a_text_of_sound_length_is_refused(
    title: str, body: str, pointers: set[str]
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        review.make_draft(title, body, [], submitted_by=WRITER)

    assert {violation.pointer for violation in refused.value.violations} == pointers


def test_the_cases_result_is_worded_with_the_countys_own_names() -> None:
    words = SourceWords("430223-20260918-0001", "已责令整改,当场扑灭。")

    title, body = review.wording(item(), words, SCHEME)

    assert title == "秸秆焚烧案件查处结果(杜口村)"
    assert body.splitlines() == [
        "案件编号:430223-20260918-0001",
        "问题类别:秸秆焚烧",
        "所在网格:杜口村",
        "结案日期:2026-09-18",
        "处理结果:已责令整改,当场扑灭。",
    ]
    assert review.make_draft(title, body, [], submitted_by=WRITER).redactions == ()


def test_a_case_without_a_written_result_gives_no_body() -> None:
    assert review.wording(item(), SourceWords("1", " "), SCHEME)[1] == ""
