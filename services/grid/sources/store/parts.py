"""Which parts of a source's file there are, as questions to the database."""

from typing import Final

from sqlalchemy import ColumnElement, exists, select

from services.grid.sources.domain.files import PARTS_OF_EVENTS, PARTS_OF_KINDS
from services.grid.sources.models.files import (
    FileEntryRow,
    LedgerObjectRow,
    ObjectLinkRow,
    SourceEventRow,
)
from services.grid.sources.models.ledger import SourceRow
from shared.db.scoped import same_county

MONITORING: Final = "monitoring"


def has_part(part: str) -> ColumnElement[bool]:
    """Whether a row of ``sources`` has a part in its file."""
    entries = exists().where(
        same_county(FileEntryRow, SourceRow, "source_id"),
        FileEntryRow.part == part,
    )
    if part == MONITORING:
        return (
            entries | (SourceRow.automatic_monitoring != "") | (SourceRow.patrol_monitoring != "")
        )
    if part in PARTS_OF_KINDS:
        return entries | _linked(PARTS_OF_KINDS[part])
    if part in PARTS_OF_EVENTS:
        return entries | exists().where(
            same_county(SourceEventRow, SourceRow, "source_id"),
            SourceEventRow.key.in_(PARTS_OF_EVENTS[part]),
        )
    return entries


def _linked(kinds: tuple[str, ...]) -> ColumnElement[bool]:
    return (
        select(ObjectLinkRow.object_id)
        .join(
            LedgerObjectRow,
            same_county(LedgerObjectRow, ObjectLinkRow, "object_id"),
        )
        .where(
            same_county(ObjectLinkRow, SourceRow, "source_id"),
            LedgerObjectRow.kind.in_(kinds),
        )
        .exists()
    )
