"""The ledger in PostgreSQL. Rows never leave this file."""

from collections.abc import Iterator, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, Table, bindparam, false, or_, select, true

from services.patrols.base import STRUCTURE
from services.patrols.ledger.domain import (
    Finding,
    LedgerEntry,
    LedgerHead,
    Patrol,
    PatrolNotFound,
    Signature,
)
from services.patrols.ledger.models import FindingRow, PatrolRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, of_county
from shared.db.statements import Statement, insertion
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest
from shared.structure.following import follow_grids

PLACE_TAKEN = "uq_patrols_county_id_patroller_id_number"
CLIENT_ID_TAKEN = "uq_patrols_county_id_patroller_id_client_id"
PATROLS = cast("Table", PatrolRow.__table__)
FINDINGS = cast("Table", FindingRow.__table__)
NEWEST = SortKey(PatrolRow.patrol_id, descending=True)
CHUNK = 500
"""How many entries of a ledger are in memory at once while it is verified."""


def _place() -> Select[Any]:
    mine = PatrolRow.patroller_id == bindparam("patroller_id")
    head = (
        of_county(select(PatrolRow.number, PatrolRow.record_hash), PatrolRow)
        .where(mine)
        .order_by(PatrolRow.number.desc())
        .limit(1)
        .subquery()
    )
    earlier = (
        of_county(select(PatrolRow.patrol_id), PatrolRow)
        .where(mine, PatrolRow.client_id == bindparam("client_id"))
        .subquery()
    )
    return select(head.c.number, head.c.record_hash, earlier.c.patrol_id).select_from(
        head.outerjoin(earlier, true())
    )


PLACE = Statement(_place())
ADD_PATROL = insertion(PATROLS, PATROLS.columns.keys())
ADD_FINDING = insertion(FINDINGS, FINDINGS.columns.keys())


class LedgerStore:
    """One county's ledger."""

    def __init__(self, tx: Transaction) -> None:
        self._patrols = ScopedTable(tx, PatrolRow, missing=PatrolNotFound)
        self._findings = ScopedTable(tx, FindingRow)

    def place(self, patroller_id: UUID, client_id: str) -> tuple[LedgerHead, UUID | None]:
        """The patroller's last place, and the patrol that has the client id already."""
        row = self._patrols.first(PLACE, patroller_id=patroller_id, client_id=client_id)
        if row is None:
            return LedgerHead(0, ""), None
        return LedgerHead(row.number, row.record_hash), row.patrol_id

    def add(self, entry: LedgerEntry) -> None:
        """Have a new entry written when the transaction ends.

        The end then raises IntegrityError (PLACE_TAKEN, CLIENT_ID_TAKEN) where another was first.
        """
        patrol = entry.patrol
        self._patrols.write(ADD_PATROL, _patrol_values(entry))
        for position, finding in enumerate(patrol.findings):
            self._findings.write(ADD_FINDING, _finding_values(patrol.patrol_id, position, finding))

    def get(self, patrol_id: UUID) -> LedgerEntry:
        """One entry. Raises PatrolNotFound."""
        return self._entries([self._patrols.get(patrol_id=patrol_id)])[0]

    def page(
        self, paths: Sequence[str], patroller_id: UUID | None, asked: PageRequest
    ) -> Page[LedgerEntry]:
        """Entries in any of the subtrees, newest first."""
        inside = or_(false(), *(below(PatrolRow.grid_path, path) for path in paths))
        query = self._patrols.select().where(inside)
        if patroller_id is not None:
            query = query.where(PatrolRow.patroller_id == patroller_id)
        return self._patrols.page(query, NEWEST, asked).map_all(self._entries)

    def last_path(self, patroller_id: UUID) -> str | None:
        """Path of the grid of the patroller's last entry; None without any."""
        query = self._patrols.select(PatrolRow.grid_path).where(
            PatrolRow.patroller_id == patroller_id
        )
        row = self._patrols.first(query.order_by(PatrolRow.number.desc()).limit(1))
        return None if row is None else row.grid_path

    def whole(self, patroller_id: UUID) -> Iterator[LedgerEntry]:
        """A patroller's entries in order, read as they are asked for."""
        query = self._patrols.select().where(PatrolRow.patroller_id == patroller_id)
        query = query.order_by(PatrolRow.number).limit(CHUNK)
        rows = self._patrols.all(query)
        while rows:
            yield from self._entries(rows)
            rows = self._patrols.all(query.where(PatrolRow.number > rows[-1].number))

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Set the paths of patrols to the present paths of their grids, on which access depends."""
        follow_grids(self._patrols, STRUCTURE, grid_ids)

    def _entries(self, rows: Sequence[Row[Any]]) -> list[LedgerEntry]:
        findings = self._findings_of([row.patrol_id for row in rows])
        return [_entry(row, tuple(findings.get(row.patrol_id, ()))) for row in rows]

    def _findings_of(self, patrol_ids: Sequence[UUID]) -> dict[UUID, list[Finding]]:
        query = self._findings.select().where(FindingRow.patrol_id.in_(patrol_ids))
        found: dict[UUID, list[Finding]] = {}
        for row in self._findings.all(query.order_by(FindingRow.patrol_id, FindingRow.position)):
            found.setdefault(row.patrol_id, []).append(_finding(row))
        return found


def _patrol_values(entry: LedgerEntry) -> dict[str, object]:
    patrol = entry.patrol
    return {
        "patrol_id": patrol.patrol_id,
        "grid_id": patrol.grid_id,
        "grid_path": patrol.grid_path,
        "patroller_id": patrol.patroller_id,
        "client_id": patrol.client_id,
        "started_at": patrol.started_at,
        "ended_at": patrol.ended_at,
        "summary": patrol.summary,
        "signed_at": patrol.signature.signed_at,
        "signed_hash": patrol.signature.content_hash,
        "number": entry.number,
        "previous_hash": entry.previous_hash,
        "record_hash": entry.record_hash,
        "submitted_at": entry.submitted_at,
        "source_ids": list(patrol.pollution_source_ids),
    }


FINDING_COLUMNS = {
    name: "source_id" if name == "pollution_source_id" else name for name in Finding.__slots__
}
"""The column of each attribute of a finding."""


def _finding_values(patrol_id: UUID, position: int, finding: Finding) -> dict[str, object]:
    values = {column: getattr(finding, name) for name, column in FINDING_COLUMNS.items()}
    return {"patrol_id": patrol_id, "position": position, **values}


def _finding(row: Row[Any]) -> Finding:
    return Finding(**{name: getattr(row, column) for name, column in FINDING_COLUMNS.items()})


def _entry(row: Row[Any], findings: tuple[Finding, ...]) -> LedgerEntry:
    patrol = Patrol(
        patrol_id=row.patrol_id,
        client_id=row.client_id,
        grid_id=row.grid_id,
        grid_path=row.grid_path,
        patroller_id=row.patroller_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        summary=row.summary,
        findings=findings,
        signature=Signature(row.signed_at, row.signed_hash),
        pollution_source_ids=tuple(row.source_ids),
    )
    return LedgerEntry(patrol, row.number, row.previous_hash, row.record_hash, row.submitted_at)
