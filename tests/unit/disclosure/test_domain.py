from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from services.disclosure import domain
from services.disclosure.domain import STEPS, Draft, RegisterItem, SourceWords
from shared.errors import Aborted, FailedPrecondition, InvalidArgument
from shared.structure.scheme import Scheme

CLOSED = datetime(2026, 9, 18, 6, 0, tzinfo=UTC)
NOW = datetime(2026, 9, 21, 2, 30, tzinfo=UTC)
WRITER, REVIEWER = UUID(int=1), UUID(int=2)
STATES = (domain.DUE, domain.SUBMITTED, domain.APPROVED, domain.PUBLISHED, domain.WITHDRAWN)
SCHEME = Scheme(
    1,
    {
        "categories": [{"id": "straw_burning", "name": "秸秆焚烧"}],
        "disclosure": {"publisher": "环委会办公室"},
    },
)


def item(**given: object) -> RegisterItem:
    made = RegisterItem(
        item_id=uuid4(),
        kind="case_results",
        about_type="case",
        about_id=uuid4(),
        grid_id=uuid4(),
        grid_path="3.41.",
        grid_name="杜口村",
        category="straw_burning",
        state=domain.DUE,
        arose_at=CLOSED,
        due_at=None,
        draft=None,
        publication_id=None,
        version=1,
    )
    return replace(made, **given)


def draft(**given: object) -> Draft:
    return replace(Draft("标题", "正文", (), submitted_by=WRITER), **given)


def take(step: str, start: RegisterItem) -> RegisterItem:
    match step:
        case "submit":
            return domain.submit(start, draft())
        case "approve":
            return domain.approve(start, REVIEWER)
        case "publish":
            return domain.publish(start, SCHEME, publication_id=uuid4(), version=1, now=NOW)[0]
        case _:
            return domain.withdraw(start)


ALLOWED = {
    ("submit", domain.DUE): domain.SUBMITTED,
    ("submit", domain.SUBMITTED): domain.SUBMITTED,
    ("approve", domain.SUBMITTED): domain.APPROVED,
    ("publish", domain.APPROVED): domain.PUBLISHED,
    ("withdraw", domain.PUBLISHED): domain.WITHDRAWN,
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_taken_where_the_table_says_and_nowhere_else(step: str, state: str) -> None:
    start = item(state=state, draft=draft(), version=7)

    if (step, state) in ALLOWED:
        after = take(step, start)
        assert (after.state, after.version) == (ALLOWED[step, state], 8)
    else:
        with pytest.raises(FailedPrecondition) as refused:
            take(step, start)
        assert refused.value.metadata["state"] == state
        assert state in refused.value.text.en
        assert STEPS[step].name.en in refused.value.text.en
        assert STEPS[step].name.zh in refused.value.text.zh


def test_nobody_approves_what_they_submitted() -> None:
    submitted = domain.submit(item(), draft(submitted_by=WRITER))

    with pytest.raises(domain.FourEyes) as refused:
        domain.approve(submitted, WRITER)

    assert (refused.value.status, refused.value.reason) == (
        "PERMISSION_DENIED",
        "DISCLOSURE_FOUR_EYES",
    )
    approved = domain.approve(submitted, REVIEWER)
    assert approved.draft is not None
    assert (approved.draft.submitted_by, approved.draft.approved_by) == (WRITER, REVIEWER)


def test_a_new_draft_takes_the_place_of_the_one_before() -> None:
    first = domain.submit(item(), draft(body="初稿"))

    second = domain.submit(first, draft(body="改稿", submitted_by=REVIEWER))

    assert second.draft == draft(body="改稿", submitted_by=REVIEWER)


def test_personal_data_is_masked_in_title_and_body_and_counted_by_kind() -> None:
    made = domain.make_draft(
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
        domain.make_draft(title, body, [], submitted_by=WRITER)

    assert {violation.pointer for violation in refused.value.violations} == pointers


def test_the_cases_result_is_worded_with_the_countys_own_names() -> None:
    words = SourceWords("430223-20260918-0001", "已责令整改,当场扑灭。")

    title, body = domain.wording(item(), words, SCHEME)

    assert title == "秸秆焚烧案件查处结果(杜口村)"
    assert body.splitlines() == [
        "案件编号:430223-20260918-0001",
        "问题类别:秸秆焚烧",
        "所在网格:杜口村",
        "结案日期:2026-09-18",
        "处理结果:已责令整改,当场扑灭。",
    ]
    assert domain.make_draft(title, body, [], submitted_by=WRITER).redactions == ()


def test_a_case_without_a_written_result_gives_no_body() -> None:
    assert domain.wording(item(), SourceWords("1", " "), SCHEME)[1] == ""


def test_due_counts_the_countys_working_days() -> None:
    due = domain.due_at(SCHEME, {"within": {"working_days": 20}}, CLOSED)

    # 25 to 27 September and 1 to 7 October 2026 are holidays; Sunday the 20th of September and
    # Saturday the 10th of October are worked instead.
    assert due == datetime(2026, 10, 22, 16, 0, tzinfo=UTC)
    assert domain.due_on(item(due_at=due), SCHEME.calendar) == date(2026, 10, 22)


@pytest.mark.parametrize("entry", [{}, {"within": None}])
def test_where_the_county_states_no_limit_nothing_is_ever_due(entry: dict) -> None:
    assert domain.due_at(SCHEME, entry, CLOSED) is None
    assert domain.due_on(item(due_at=None), SCHEME.calendar) is None


def test_a_limit_in_hours_is_due_on_its_own_day() -> None:
    due = datetime(2026, 9, 18, 17, 30, tzinfo=UTC)

    assert domain.due_on(item(due_at=due), SCHEME.calendar) == date(2026, 9, 19)


def test_any_change_of_what_was_published_shows_in_its_hash() -> None:
    approved = item(state=domain.APPROVED, draft=draft())
    _, published = domain.publish(approved, SCHEME, publication_id=uuid4(), version=1, now=NOW)

    assert published.publisher == "环委会办公室"
    for field in ("title", "body", "grid_name", "category_name", "publisher"):
        edited = domain.content_of(replace(published, **{field: "改过"}))
        assert domain.content_hash(edited) != published.content_hash
    assert domain.content_hash(domain.content_of(published)) == published.content_hash


def test_of_what_was_withdrawn_the_public_reads_the_title_alone() -> None:
    approved = item(state=domain.APPROVED, draft=draft())
    _, standing = domain.publish(approved, SCHEME, publication_id=uuid4(), version=1, now=NOW)
    withdrawn = replace(standing, withdrawn_at=NOW)

    assert domain.for_the_public(standing) == standing
    assert domain.for_the_public(withdrawn) == replace(withdrawn, body="")
    assert withdrawn.title


def test_a_stale_version_is_refused_and_none_given_is_not() -> None:
    domain.require_version(item(version=3), 0)
    domain.require_version(item(version=3), 3)
    with pytest.raises(Aborted):
        domain.require_version(item(version=3), 2)
