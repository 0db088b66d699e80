"""The ledger in PostgreSQL. Rows never leave this file."""

from collections.abc import Callable, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Select, Table, bindparam, or_, select, true, update
from sqlalchemy import Row as Found

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
from shared.db.statements import Row, Statement, insertion
from shared.db.subtree import below

PLACE_TAKEN = "uq_patrols_county_id_patroller_id_number"
CLIENT_ID_TAKEN = "uq_patrols_county_id_patroller_id_client_id"
PATROLS = cast("Table", PatrolRow.__table__)
FINDINGS = cast("Table", FindingRow.__table__)


def _place() -> Select[Any]:
    mine = (
        PatrolRow.county_id == bindparam("county_id"),
        PatrolRow.patroller_id == bindparam("patroller_id"),
    )
    head = (
        select(PatrolRow.number, PatrolRow.record_hash)
        .where(*mine)
        .order_by(PatrolRow.number.desc())
        .limit(1)
        .subquery()
    )
    earlier = (
        select(PatrolRow.patrol_id)
        .where(*mine, PatrolRow.client_id == bindparam("client_id"))
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

    def __init__(
        self, connection: Connection, county_id: str, write: Callable[[Statement, Row], None]
    ) -> None:
        """``write`` has a row written when the transaction ends."""
        self._connection = connection
        self._county_id = county_id
        self._write = write

    def place(self, patroller_id: UUID, client_id: str) -> tuple[LedgerHead, UUID | None]:
        """The patroller's last place, and the patrol that has the client id already."""
        row = PLACE.first(
            self._connection,
            county_id=self._county_id,
            patroller_id=patroller_id,
            client_id=client_id,
        )
        if row is None:
            return LedgerHead(0, ""), None
        return LedgerHead(row.number, row.record_hash), row.patrol_id

    def add(self, entry: LedgerEntry) -> None:
        """Have a new entry written when the transaction ends.

        That raises IntegrityError (PLACE_TAKEN, CLIENT_ID_TAKEN) where another was first.
        """
        patrol = entry.patrol
        self._write(ADD_PATROL, self._patrol_values(entry))
        for position, finding in enumerate(patrol.findings):
            self._write(ADD_FINDING, self._finding_values(patrol.patrol_id, position, finding))

    def get(self, patrol_id: UUID) -> LedgerEntry:
        """One entry. Raises PatrolNotFound."""
        entries = self._entries(self._patrols().where(PatrolRow.patrol_id == patrol_id))
        if not entries:
            raise PatrolNotFound(patrol_id=patrol_id)
        return entries[0]

    def page(
        self,
        paths: Sequence[str],
        patroller_id: UUID | None,
        after: UUID | None,
        limit: int,
    ) -> list[LedgerEntry]:
        """Entries in any of the subtrees, newest first. ``after``: the last patrol id seen."""
        query = self._patrols().where(
            or_(*(below(PatrolRow.grid_path, path) for path in paths)) if paths else ~true()
        )
        if patroller_id is not None:
            query = query.where(PatrolRow.patroller_id == patroller_id)
        if after is not None:
            query = query.where(PatrolRow.patrol_id < after)
        return self._entries(query.order_by(PatrolRow.patrol_id.desc()).limit(limit))

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Take over where the grids lie now; what was signed and sealed stays as it is."""
        grids = STRUCTURE.grids
        self._connection.execute(
            update(PatrolRow)
            .where(
                PatrolRow.county_id == self._county_id,
                PatrolRow.grid_id.in_(grid_ids),
                grids.c.county_id == self._county_id,
                grids.c.grid_id == PatrolRow.grid_id,
                grids.c.path != PatrolRow.grid_path,
            )
            .values(grid_path=grids.c.path)
        )

    def whole(self, patroller_id: UUID) -> list[LedgerEntry]:
        """A patroller's entries, in order."""
        query = self._patrols().where(PatrolRow.patroller_id == patroller_id)
        return self._entries(query.order_by(PatrolRow.number))

    def _patrols(self) -> Select[Any]:
        return select(PatrolRow.__table__).where(PatrolRow.county_id == self._county_id)

    def _entries(self, query: Select[Any]) -> list[LedgerEntry]:
        rows = self._connection.execute(query).all()
        findings = self._findings([row.patrol_id for row in rows])
        return [_entry(row, tuple(findings.get(row.patrol_id, ()))) for row in rows]

    def _findings(self, patrol_ids: Sequence[UUID]) -> dict[UUID, list[Finding]]:
        rows = self._connection.execute(
            select(FindingRow.__table__)
            .where(FindingRow.county_id == self._county_id, FindingRow.patrol_id.in_(patrol_ids))
            .order_by(FindingRow.patrol_id, FindingRow.position)
        )
        found: dict[UUID, list[Finding]] = {}
        for row in rows:
            finding = Finding(*(getattr(row, name) for name in Finding.__slots__))
            found.setdefault(row.patrol_id, []).append(finding)
        return found

    def _patrol_values(self, entry: LedgerEntry) -> dict[str, object]:
        patrol = entry.patrol
        return {
            "county_id": self._county_id,
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
            "source_ids": list(patrol.source_ids),
        }

    def _finding_values(
        self, patrol_id: UUID, position: int, finding: Finding
    ) -> dict[str, object]:
        values = {name: getattr(finding, name) for name in Finding.__slots__}
        return {
            "county_id": self._county_id,
            "patrol_id": patrol_id,
            "position": position,
            **values,
        }


def _entry(row: Found[Any], findings: tuple[Finding, ...]) -> LedgerEntry:
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
        source_ids=tuple(row.source_ids),
    )
    return LedgerEntry(patrol, row.number, row.previous_hash, row.record_hash, row.submitted_at)
