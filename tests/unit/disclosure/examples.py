"""Items and drafts as the unit tests need them. People are made up."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from services.disclosure.register import domain as register
from services.disclosure.register.domain import Draft, RegisterItem
from shared.structure.scheme import Scheme

WRITER, REVIEWER = UUID(int=1), UUID(int=2)
CLOSED = datetime(2026, 9, 18, 6, 0, tzinfo=UTC)
NOW = datetime(2026, 9, 21, 2, 30, tzinfo=UTC)
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
        state=register.DUE,
        arose_at=CLOSED,
        due_at=None,
        draft=None,
        publication_id=None,
        version=1,
    )
    return replace(made, **given)


def draft(**given: object) -> Draft:
    return replace(Draft("标题", "正文", (), submitted_by=WRITER), **given)
