"""Items of the register as messages, and the tokens and states that come in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.disclosure.register import domain
from services.disclosure.register.domain import Draft, RegisterItem
from shared.errors import InvalidArgument, Text, Violation
from shared.rpc import call, paging
from wangge.disclosure.v1 import disclosure_pb2 as pb

STATES = {
    domain.DUE: pb.REGISTER_STATE_DUE,
    domain.SUBMITTED: pb.REGISTER_STATE_SUBMITTED,
    domain.APPROVED: pb.REGISTER_STATE_APPROVED,
    domain.PUBLISHED: pb.REGISTER_STATE_PUBLISHED,
    domain.WITHDRAWN: pb.REGISTER_STATE_WITHDRAWN,
}
NO_STATE = Text(
    "This is no state of the register; give one of its names, or leave it out.",
    "没有该状态;请使用台账的状态名称,或不填。",
)


def state_from(value: int) -> str | None:
    """The state filtered by; None where none is. Raises InvalidArgument for an unknown one."""
    if value == pb.REGISTER_STATE_UNSPECIFIED:
        return None
    found = next((state for state, number in STATES.items() if number == value), None)
    if found is None:
        raise InvalidArgument([Violation("/state", NO_STATE)])
    return found


def moment_from(token_value: Any) -> datetime:
    """A moment out of a page token. Raises InvalidArgument."""
    try:
        return datetime.fromisoformat(token_value)
    except (TypeError, ValueError) as error:
        raise InvalidArgument([Violation("/page_token", paging.BAD_TOKEN)]) from error


def id_from(token_value: Any) -> UUID:
    """An id out of a page token. Raises InvalidArgument."""
    try:
        return UUID(str(token_value))
    except ValueError as error:
        raise InvalidArgument([Violation("/page_token", paging.BAD_TOKEN)]) from error


def item_message(item: RegisterItem) -> pb.RegisterItem:
    """A register item with its draft."""
    return pb.RegisterItem(
        county_id=call.current().county_id,
        item_id=str(item.item_id),
        kind=item.kind,
        about_type=item.about_type,
        about_id=str(item.about_id),
        grid_id=str(item.grid_id),
        grid_name=item.grid_name,
        category=item.category,
        state=STATES[item.state],
        arise_time=item.arose_at,
        due_time=item.due_at,
        draft=None if item.draft is None else _draft_message(item.draft),
        publication_id=str(item.publication_id or ""),
        version=item.version,
    )


def _draft_message(draft: Draft) -> pb.Draft:
    return pb.Draft(
        title=draft.title,
        body=draft.body,
        redactions=[
            pb.Redaction(field=found.field, kind=found.kind, count=found.count)
            for found in draft.redactions
        ],
        submitted_by=str(draft.submitted_by),
        approved_by=str(draft.approved_by or ""),
    )
