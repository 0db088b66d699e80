"""Responsibility letters in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Subquery, false, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from services.personnel.base import STRUCTURE
from services.personnel.common.store import lock
from services.personnel.pledges.domain.letters import (
    Letter,
    PledgeCount,
    PledgeFilter,
    Seat,
    Signature,
    State,
)
from services.personnel.pledges.domain.rounds import (
    Grid,
    Round,
    RoundNotFound,
    Side,
    Signing,
    Wording,
)
from services.personnel.pledges.models import PledgeLetterRow, PledgeRoundRow, PledgeSignatureRow
from services.personnel.posts.domain.posts import Post
from services.personnel.posts.models.posts import PostRow
from services.personnel.posts.store.posts import in_force, post_of, posts_with_paths
from services.personnel.roster.models import PersonRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.subtree import AFTER_DOT, below
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest
from shared.structure import store as structure

GRIDS = STRUCTURE.grids
TOWNSHIP = "township"
"""The rank of grids by which letters are counted."""
GRID_COLUMNS = [GRIDS.c[name] for name in structure.Grid.__slots__]
LETTER = (
    "letter_id",
    "number",
    "upper_grid_id",
    "text",
    "text_hash",
    "reason",
    "issued_at",
    "issued_by",
)
SIGNATURE = ("person_id", "person_name", "post_id", "text_hash", "signed_at", "stood_in")

NEWEST = SortKey(PledgeRoundRow.round_id, descending=True)
BY_PATH = SortKey(GRIDS.c.path)


class PledgeStore:
    """One county's rounds, letters and signatures."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._connection = tx.connection
        self._county_id = tx.county_id
        self._grid_table = ScopedTable(tx, GRIDS)
        self._pledge_letter_table = ScopedTable(tx, PledgeLetterRow)
        self._pledge_round_table = ScopedTable(tx, PledgeRoundRow, missing=RoundNotFound)
        self._pledge_signature_table = ScopedTable(tx, PledgeSignatureRow)

    def add_round(self, new: Round) -> None:
        """Record a round."""
        self._pledge_round_table.insert(
            {
                "round_id": new.round_id,
                "year": new.year,
                "title": new.title,
                "goals": list(new.wording.goals),
                "rewards": new.wording.rewards,
                "penalties": new.wording.penalties,
                "grid_id": new.grid_id,
                "signings": [
                    {name: getattr(signing, name) for name in Signing.__slots__}
                    for signing in new.signings
                ],
                "created_at": new.created_at,
                "closed_at": new.closed_at,
                "version": new.version,
            }
        )

    def get_round(self, round_id: UUID) -> Round:
        """One round. Raises RoundNotFound."""
        query = self._rounds().where(PledgeRoundRow.round_id == round_id)
        row = self._connection.execute(query).first()
        if row is None:
            raise RoundNotFound(round_id=round_id)
        return _round(row)

    def save_round(self, found: Round, expected_version: int) -> None:
        """Keep that the round is closed. Raises Aborted where it is at another version."""
        values = {name: getattr(found, name) for name in ("round_id", "closed_at", "version")}
        self._pledge_round_table.save(values, expected_version)

    def rounds(self, year: int | None, asked: PageRequest) -> Page[Round]:
        """Rounds, newest first."""
        query = self._rounds()
        if year is not None:
            query = query.where(PledgeRoundRow.year == year)
        return self._pledge_round_table.page(query, NEWEST, asked).map(_round)

    def lock(self, round_id: UUID, grid_id: UUID) -> None:
        """Wait until nobody else signs or issues the letter of this grid."""
        name = f"pledge {self._county_id} {round_id} {grid_id}"
        lock(self._tx, name)

    def letter(self, round_id: UUID, grid_id: UUID) -> Letter | None:
        """The letter that holds, or None while none is on record."""
        letters = self._letters(round_id, None)
        query = select(letters).where(letters.c.grid_id == grid_id)
        row = self._connection.execute(query).first()
        return None if row is None else _letter(row, round_id, grid_id)

    def add_letter(self, letter: Letter) -> None:
        """Put a letter on record, without its signatures."""
        self._pledge_letter_table.insert(
            {
                "round_id": letter.round_id,
                "grid_id": letter.grid_id,
                **{name: getattr(letter, name) for name in LETTER},
            }
        )

    def add_signature(self, letter_id: UUID, signature: Signature) -> None:
        """Put a signature on record."""
        self._pledge_signature_table.insert(
            {
                "letter_id": letter_id,
                "side": signature.side.value,
                "person_id": signature.person_id,
                "post_id": signature.post_id,
                "text_hash": signature.text_hash,
                "signed_at": signature.signed_at,
            }
        )

    def page(
        self, found: Round, wanted: PledgeFilter, asked: PageRequest
    ) -> Page[tuple[Grid, Letter | None]]:
        """Grids that sign, in the order of their paths, each with its letter on record."""
        letters = self._letters(found.round_id, wanted.moment)
        query = (
            select(*GRID_COLUMNS, *_labelled(letters))
            .outerjoin(letters, letters.c.grid_id == GRIDS.c.grid_id)
            .where(*self._signing_grids(found, wanted))
        )
        if wanted.state is not None:
            query = query.where(_signatures(letters) == _SIGNATURES_OF[wanted.state])
        if wanted.is_unsigned:
            query = query.where(_signatures(letters) < len(Side))
        page = self._grid_table.page(query, BY_PATH, asked)
        return page.map(lambda row: _grid_and_letter(row, found.round_id))

    def counts(self, found: Round, wanted: PledgeFilter) -> list[PledgeCount]:
        """Letters by township; those in no township last."""
        letters = self._letters(found.round_id, wanted.moment)
        townships = GRIDS.alias("townships")
        end = func.left(townships.c.path, -1).op("||")(AFTER_DOT)
        signed = _signatures(letters)
        query = (
            select(
                townships.c.grid_id,
                townships.c.name,
                func.count().label("total"),
                func.count().filter(signed == len(Side)).label("signed"),
                func.count().filter(signed == 1).label("partly"),
            )
            .select_from(GRIDS)
            .outerjoin(
                townships,
                same_county(townships, GRIDS)
                & (townships.c.rank == TOWNSHIP)
                & (GRIDS.c.path >= townships.c.path)
                & (GRIDS.c.path < end),
            )
            .outerjoin(letters, letters.c.grid_id == GRIDS.c.grid_id)
            .where(*self._signing_grids(found, wanted))
            .group_by(townships.c.grid_id, townships.c.name, townships.c.path)
            .order_by(townships.c.path.nulls_last())
        )
        return [
            PledgeCount(row.grid_id, row.name or "", row.total, row.signed, row.partly)
            for row in self._connection.execute(query)
        ]

    def grids(self, paths: Collection[str], ids: Collection[UUID]) -> Sequence[Grid]:
        """The grids at the paths or of the ids."""
        rows = self._connection.execute(
            select(*GRID_COLUMNS).where(
                self._grid_table.own,
                or_(GRIDS.c.path.in_(paths), GRIDS.c.grid_id.in_(ids)),
            )
        )
        return [structure.Grid(*row) for row in rows]

    def holders(
        self, seats: Collection[Seat], moment: datetime
    ) -> dict[Seat, list[tuple[Post, str]]]:
        """The posts of the seats at the moment, with their holders' names."""
        on_grids = [(seat.role_type, seat.grid_id) for seat in seats if seat.grid_id]
        at_county = [seat.role_type for seat in seats if seat.grid_id is None]
        query = (
            posts_with_paths(self._tx)
            .add_columns(PersonRow.name)
            .join(
                PersonRow,
                same_county(PersonRow, PostRow, "person_id"),
            )
            .where(
                PostRow.department_id.is_(None),
                in_force(moment),
                or_(
                    tuple_(PostRow.role_type, PostRow.grid_id).in_(on_grids),
                    PostRow.grid_id.is_(None) & PostRow.role_type.in_(at_county),
                ),
            )
            .order_by(PostRow.valid_from, PostRow.post_id)
        )
        held: dict[Seat, list[tuple[Post, str]]] = {}
        for row in self._connection.execute(query):
            held.setdefault(Seat(row.role_type, row.grid_id), []).append((post_of(row), row.name))
        return held

    def _rounds(self) -> Select[Any]:
        return (
            select(PledgeRoundRow.__table__, GRIDS.c.path)
            .outerjoin(
                GRIDS,
                same_county(GRIDS, PledgeRoundRow, "grid_id"),
            )
            .where(self._pledge_round_table.own)
        )

    def _letters(self, round_id: UUID, moment: datetime | None) -> Subquery:
        """The letter of each grid that holds at the moment, with its signatures of then."""
        row = PledgeLetterRow
        newest = (
            select(row)
            .where(self._pledge_letter_table.own, row.round_id == round_id)
            .ext(distinct_on(row.grid_id))
            .order_by(row.grid_id, row.number.desc())
        )
        if moment is not None:
            newest = newest.where(row.issued_at <= moment)
        letters = newest.subquery()
        columns: list[Any] = [letters.c.grid_id, *(letters.c[name] for name in LETTER)]
        source: Any = letters
        for side in Side:
            signature, signer = aliased(PledgeSignatureRow), aliased(PersonRow)
            post = aliased(PostRow)
            derived: dict[str, Any] = {
                "person_name": signer.name,
                "stood_in": post.person_id != signature.person_id,
            }
            is_its = same_county(letters, signature, "letter_id") & (signature.side == side.value)
            if moment is not None:
                is_its &= signature.signed_at <= moment
            source = (
                source.outerjoin(signature, is_its)
                .outerjoin(
                    signer,
                    same_county(signature, signer, "person_id"),
                )
                .outerjoin(
                    post,
                    same_county(signature, post, "post_id"),
                )
            )
            for name in SIGNATURE:
                column = derived[name] if name in derived else getattr(signature, name)
                columns.append(column.label(f"{side}_{name}"))
        return select(*columns).select_from(source).subquery("letters")

    def _signing_grids(self, found: Round, wanted: PledgeFilter) -> list[ColumnElement[bool]]:
        within = [below(GRIDS.c.path, path) for path in wanted.paths]
        return [
            self._grid_table.own,
            GRIDS.c.level_id.in_(found.levels(wanted.level)),
            below(GRIDS.c.path, found.grid_path or ""),
            or_(*within) if within else false(),
            GRIDS.c.valid_from <= wanted.moment,
            GRIDS.c.valid_to.is_(None) | (GRIDS.c.valid_to > wanted.moment),
        ]


_SIGNATURES_OF = {State.UNSIGNED: 0, State.PARTLY_SIGNED: 1, State.SIGNED: len(Side)}


def _signatures(letters: Subquery) -> ColumnElement[int]:
    return func.num_nonnulls(*(letters.c[f"{side}_person_id"] for side in Side))


def _labelled(letters: Subquery) -> list[Any]:
    return [column.label(f"letter_{column.name}") for column in letters.c]


def _round(row: Row[Any]) -> Round:
    return Round(
        round_id=row.round_id,
        year=row.year,
        title=row.title,
        wording=Wording(tuple(row.goals), row.rewards, row.penalties),
        grid_id=row.grid_id,
        grid_path=row.path,
        signings=tuple(Signing(**signing) for signing in row.signings),
        created_at=row.created_at,
        closed_at=row.closed_at,
        version=row.version,
    )


def _letter(row: Row[Any], round_id: UUID, grid_id: UUID, prefix: str = "") -> Letter:
    found = row._mapping  # noqa: SLF001 - the public name of a row's columns by name
    signatures = tuple(
        Signature(side, *(found[f"{prefix}{side}_{name}"] for name in SIGNATURE))
        for side in Side
        if found[f"{prefix}{side}_person_id"]
    )
    kept = {name: found[f"{prefix}{name}"] for name in LETTER}
    return Letter(round_id=round_id, grid_id=grid_id, signatures=signatures, **kept)


def _grid_and_letter(row: Row[Any], round_id: UUID) -> tuple[Grid, Letter | None]:
    grid = structure.Grid(*row[: len(GRID_COLUMNS)])
    if not row.letter_letter_id:
        return grid, None
    return grid, _letter(row, round_id, grid.grid_id, "letter_")
