"""Drafts: made from a case's result, masked, and approved by a second person."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from services.disclosure.register.domain import (
    CaseSource,
    Draft,
    Masked,
    Redaction,
    RegisterItem,
    category_name,
    draft_of,
    take_step,
)
from shared.errors import (
    InvalidArgument,
    PermissionDenied,
    Text,
    Violation,
)
from shared.redaction import redact
from shared.structure.scheme import Scheme

MAXIMUM_TITLE = 200
MAXIMUM_BODY = 20_000


class FourEyes(PermissionDenied):
    """The person who submitted a draft may not approve it."""

    reason = "DISCLOSURE_FOUR_EYES"
    title = Text("Another person must approve", "须由他人审核")
    detail = Text(
        "You submitted this draft, so another reviewer must approve it.",
        "该稿件由您提交,须由其他审核人员审核。",
    )


@dataclass(frozen=True, slots=True)
class SourceWords:
    """The parts of a case that may become public; the reporter and their words are not among them.

    ``masked`` counts what is masked in the result already.
    """

    number: str
    result: str
    masked: tuple[Masked, ...] = ()


def words_kept(source: CaseSource, mask_words: Iterable[str]) -> SourceWords | None:
    """The words of the case as the register keeps them; None where the case's own are needed.

    A name may run into a passage that was masked already, and would not be found any more: names
    are masked in the words as they were written.
    """
    if source.masked and any(word.strip() for word in mask_words):
        return None
    return SourceWords(source.number, source.result, source.masked)


def wording(item: RegisterItem, words: SourceWords, scheme: Scheme) -> tuple[str, str]:
    """Title and body made from a case's written result; an empty body where there is none."""
    name = category_name(scheme, item.category)
    title = f"{name}案件查处结果({item.grid_name})"
    if not words.result.strip():
        return title, ""
    closed = scheme.calendar.local_day(item.arose_at)
    lines = (
        f"案件编号:{words.number}",
        f"问题类别:{name}",
        f"所在网格:{item.grid_name}",
        f"结案日期:{closed:%Y-%m-%d}",
        f"处理结果:{words.result.strip()}",
    )
    return title, "\n".join(lines)


def make_draft(
    title: str,
    body: str,
    mask_words: Iterable[str],
    *,
    submitted_by: UUID,
    masked: Iterable[Masked] = (),
) -> Draft:
    """A draft with personal data masked. Raises InvalidArgument for a field empty or too long.

    ``masked`` is what is masked in the body already; it counts.
    """
    fields = {"title": title.strip(), "body": body.strip()}
    _check(fields)
    words = tuple(word for word in (word.strip() for word in mask_words) if word)
    redacted = {field: redact(text, words=words) for field, text in fields.items()}
    counts = {field: found.counts for field, found in redacted.items()}
    counts["body"] += Counter({each.kind: each.count for each in masked})
    return Draft(
        title=redacted["title"].text,
        body=redacted["body"].text,
        redactions=tuple(
            Redaction(field, kind, count)
            for field, found in counts.items()
            for kind, count in sorted(found.items())
        ),
        submitted_by=submitted_by,
    )


def submit(item: RegisterItem, draft: Draft) -> RegisterItem:
    """The item with a draft to be approved, in place of an earlier one. Raises StepNotAllowed."""
    return replace(take_step(item, "submit"), draft=draft)


def approve(item: RegisterItem, approved_by: UUID) -> RegisterItem:
    """The item with its draft approved, without its source. Raises StepNotAllowed or FourEyes."""
    approved = take_step(item, "approve")
    draft = draft_of(item)
    if draft.submitted_by == approved_by:
        raise FourEyes(capability="review")
    return replace(approved, draft=replace(draft, approved_by=approved_by), source=None)


_LIMITS = {"title": MAXIMUM_TITLE, "body": MAXIMUM_BODY}
_EMPTY = Text(
    "There is nothing to publish: the source holds no written result, so give the text.",
    "没有可公开的内容:来源中没有书面结果,请填写。",
)


def _check(fields: Mapping[str, str]) -> None:
    faults = [Violation(f"/{field}", _EMPTY) for field, text in fields.items() if not text]
    faults += [
        Violation(
            f"/{field}",
            Text("At most {limit} characters.", "不得超过 {limit} 个字。").format(
                limit=_LIMITS[field]
            ),
        )
        for field, text in fields.items()
        if len(text) > _LIMITS[field]
    ]
    if faults:
        raise InvalidArgument(faults)
