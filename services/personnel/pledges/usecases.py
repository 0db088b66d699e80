"""Rounds of responsibility letters, and signing them level by level."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.personnel.absences.domain import cover_of
from services.personnel.absences.store import LeaveStore
from services.personnel.common.domain.checks import PARAGRAPH, Faults
from services.personnel.common.usecases import grid_in_force, local_day
from services.personnel.pledges.domain import letters, rounds
from services.personnel.pledges.domain.letters import (
    Letter,
    NoPledgeForGrid,
    NotSignatory,
    Pledge,
    PledgeCount,
    PledgeFilter,
    Seat,
    SeatHolder,
    Signatory,
    Signature,
)
from services.personnel.pledges.domain.rounds import Grid, Round, Side, Wording
from services.personnel.pledges.store import PledgeStore
from services.personnel.posts.domain.posts import READ
from services.personnel.posts.usecases.permissions import require_staff_on
from services.personnel.roster.store import RosterStore
from shared.contracts.personnel import PledgeSigned
from shared.db.transaction import Transaction
from shared.errors import require_version
from shared.hash_chain import content_hash
from shared.paging import Page, PageRequest
from shared.structure.store import Structure, StructureNotYetKnown


def create_round(tx: Transaction, new: Round, now: datetime) -> Round:
    """Open a round, by the scheme of the county's present day.

    Raises InvalidArgument naming every field at fault, PermissionDenied where the caller's staff
    capability does not reach the round's place, LettersNotUsed.
    """
    place = new
    if new.grid_id is not None:
        place = replace(new, grid_path=grid_in_force(tx, new.grid_id, now).path)
    require_staff_on(tx.context, place.grid_path)
    made = rounds.make_round(place, tx.store(Structure).scheme_on(local_day(tx, now)))
    tx.store(PledgeStore).add_round(made)
    return made


def close_round(tx: Transaction, round_id: UUID, expected_version: int, now: datetime) -> Round:
    """End a round's signing. Raises RoundNotFound, PermissionDenied, Aborted, RoundClosed."""
    found = tx.store(PledgeStore).get_round(round_id)
    require_staff_on(tx.context, found.grid_path)
    require_version(expected_version, found.version)
    closed = rounds.close(found, now)
    tx.store(PledgeStore).save_round(closed, found.version)
    return closed


def get_pledge(tx: Transaction, round_id: UUID, grid_id: UUID, now: datetime) -> Pledge:
    """A grid's letter. Raises RoundNotFound, GridNotFound, NoPledgeForGrid, PermissionDenied."""
    found, grid = _round_and_grid(tx, round_id, grid_id, now)
    tx.context.require_grid(READ, grid.path)
    return _pledge(tx, found, grid, now)


def sign_pledge(
    tx: Transaction,
    round_id: UUID,
    grid_id: UUID,
    now: datetime,
    *,
    side: Side,
    text_hash: str,
) -> Pledge:
    """Sign for a side, as the holder of the post that answers for it at this moment.

    While the holder is away, the stand-in may sign as well.

    Raises what get_pledge raises, RoundClosed, NotSignatory, AlreadySigned, TextChanged.
    """
    found, grid = _round_and_grid(tx, round_id, grid_id, now)
    found.require_open()
    tx.store(PledgeStore).lock(round_id, grid_id)
    pledge = _pledge(tx, found, grid, now)
    signature = _own_signature(tx, pledge, side, text_hash, now)
    signed = letters.sign(pledge, signature)
    letter = signed.letter
    if not pledge.is_on_record:
        tx.store(PledgeStore).add_letter(letter)
    tx.store(PledgeStore).add_signature(letter.letter_id, signature)
    event = _event_of(signed, signature)
    tx.outbox.add(event, subject=letter.letter_id, sequence=len(letter.signatures))
    return signed


def reissue(
    tx: Transaction,
    round_id: UUID,
    grid_id: UUID,
    now: datetime,
    *,
    letter_id: UUID,
    wording: Wording,
    reason: str,
) -> Pledge:
    """Issue a new letter in the place of the one before, which is revoked by it.

    What the wording leaves empty is as in the round. Raises InvalidArgument, RoundNotFound,
    GridNotFound, NoPledgeForGrid, PermissionDenied, RoundClosed.
    """
    found, grid = _round_and_grid(tx, round_id, grid_id, now)
    require_staff_on(tx.context, grid.path)
    found.require_open()
    faults = Faults()
    why = faults.text(reason, "/reason", limit=PARAGRAPH, required=True)
    own = rounds.make_wording(wording, faults)
    faults.check()
    tx.store(PledgeStore).lock(round_id, grid_id)
    before = _pledge(tx, found, grid, now)
    if not before.is_on_record:
        tx.store(PledgeStore).add_letter(before.letter)
    said = Wording(
        own.goals or found.wording.goals,
        own.rewards or found.wording.rewards,
        own.penalties or found.wording.penalties,
    )
    letter = _next_letter(tx, found, before, said, letter_id=letter_id, reason=why, now=now)
    tx.store(PledgeStore).add_letter(letter)
    return _pledge(tx, found, grid, now)


def list_pledges(
    tx: Transaction, round_id: UUID, wanted: PledgeFilter, asked: PageRequest
) -> Page[Pledge]:
    """Letters of the grids that the caller may read. Raises RoundNotFound."""
    found = tx.store(PledgeStore).get_round(round_id)
    rows = tx.store(PledgeStore).page(found, wanted, asked)
    return rows.map_all(lambda some: _pledges(tx, found, some, wanted.moment))


def count_pledges(tx: Transaction, round_id: UUID, wanted: PledgeFilter) -> list[PledgeCount]:
    """Letters by township, as far as the caller may read. Raises RoundNotFound."""
    return tx.store(PledgeStore).counts(tx.store(PledgeStore).get_round(round_id), wanted)


def _round_and_grid(
    tx: Transaction, round_id: UUID, grid_id: UUID, now: datetime
) -> tuple[Round, Grid]:
    found = tx.store(PledgeStore).get_round(round_id)
    grid = tx.store(Structure).grid(grid_id)
    if not found.covers(grid, now):
        raise NoPledgeForGrid(grid_id=grid_id, round_id=round_id)
    return found, grid


def _pledge(tx: Transaction, found: Round, grid: Grid, now: datetime) -> Pledge:
    [pledge] = _pledges(
        tx, found, [(grid, tx.store(PledgeStore).letter(found.round_id, grid.grid_id))], now
    )
    return pledge


def _pledges(
    tx: Transaction,
    found: Round,
    rows: Sequence[tuple[Grid, Letter | None]],
    moment: datetime,
) -> list[Pledge]:
    """The letters with the grids above them and who should sign, by a fixed number of questions."""
    if not rows:
        return []
    paths = {path for grid, _ in rows for path in _paths_above(grid.path)}
    ids = {letter.upper_grid_id for _, letter in rows if letter and letter.upper_grid_id}
    above = tx.store(PledgeStore).grids(paths, ids)
    county = _county_name(tx)
    made = [_with_upper(found, grid, letter, above=above, county=county) for grid, letter in rows]
    wanted = {
        seat for pledge in made for side in pledge.missing() if (seat := pledge.seat_of(side))
    }
    entitled = _entitled(tx, wanted, moment)
    return [_with_awaited(pledge, entitled) for pledge in made]


def _with_awaited(pledge: Pledge, entitled: Mapping[Seat, Sequence[SeatHolder]]) -> Pledge:
    """The letter with those who should sign."""
    awaited = tuple(
        Signatory(
            side, each.person_id, each.person_name, each.post_id, seat.role_type, each.stands_in
        )
        for side in pledge.missing()
        if (seat := pledge.seat_of(side))
        for each in _expected(entitled.get(seat, ()))
    )
    return replace(pledge, awaited=awaited)


def _own_signature(
    tx: Transaction, pledge: Pledge, side: Side, text_hash: str, now: datetime
) -> Signature:
    """The caller's signature for the side. Raises NotSignatory."""
    seat = pledge.seat_of(side)
    entitled = _entitled(tx, [seat], now).get(seat, []) if seat else []
    own = next((each for each in entitled if each.person_id == tx.context.actor_id), None)
    if own is None:
        raise NotSignatory(role=pledge.signing.role_of(side), capability="sign")
    return Signature(
        side, own.person_id, own.person_name, own.post_id, text_hash, now, own.stands_in
    )


def _event_of(signed: Pledge, signature: Signature) -> PledgeSigned:
    letter = signed.letter
    return PledgeSigned(
        round_id=letter.round_id,
        letter_id=letter.letter_id,
        grid_id=letter.grid_id,
        grid_path=signed.grid.path,
        upper_grid_id=letter.upper_grid_id,
        side=signature.side.value,
        person_id=signature.person_id,
        post_id=signature.post_id,
        signed_at=signature.signed_at,
        complete=not signed.missing(),
    )


def _next_letter(
    tx: Transaction,
    found: Round,
    before: Pledge,
    wording: Wording,
    *,
    letter_id: UUID,
    reason: str,
    now: datetime,
) -> Letter:
    """The letter that takes the place of the one before, by the grids as they stand now."""
    grid, level = before.grid, before.signing.upper_level
    upper = letters.nearest_above(grid, level, tx.store(Structure).upward(grid.path))
    text = letters.text_of(found, wording, grid, _upper_name(tx, before.signing, upper), upper)
    return Letter(
        letter_id=letter_id,
        round_id=found.round_id,
        grid_id=grid.grid_id,
        number=before.letter.number + 1,
        upper_grid_id=None if upper is None else upper.grid_id,
        text=text,
        text_hash=content_hash(text),
        reason=reason,
        issued_at=now,
        issued_by=tx.context.actor_id,
    )


def _entitled(
    tx: Transaction, seats: Collection[Seat], moment: datetime
) -> dict[Seat, list[SeatHolder]]:
    """Who may sign for the seats: their holders, and who stands in for one who is away."""
    held = tx.store(PledgeStore).holders(seats, moment)
    away = tx.store(LeaveStore).away([post for posts in held.values() for post, _ in posts], moment)
    covers = {
        post.post_id: cover.stand_in_id
        for posts in held.values()
        for post, _ in posts
        if (cover := cover_of(post.post_id, post.person_id, away)) and cover.stand_in_id
    }
    names = tx.store(RosterStore).names(set(covers.values())) if covers else {}
    found: dict[Seat, list[SeatHolder]] = {}
    for seat, posts in held.items():
        for post, name in posts:
            entitled = found.setdefault(seat, [])
            entitled.append(SeatHolder(post.person_id, name, post.post_id))
            if (other := covers.get(post.post_id)) is not None:
                entitled.append(
                    SeatHolder(other, names.get(other, ""), post.post_id, stands_in=True)
                )
    return found


def _expected(entitled: Sequence[SeatHolder]) -> list[SeatHolder]:
    """Those who should sign; a holder who has a stand-in at the moment is not waited for."""
    covered = {each.post_id for each in entitled if each.stands_in}
    return [each for each in entitled if each.stands_in or each.post_id not in covered]


def _with_upper(
    found: Round,
    grid: Grid,
    letter: Letter | None,
    *,
    above: Sequence[Grid],
    county: str,
) -> Pledge:
    signing = found.signing_of(grid.level_id)
    if signing is None:
        raise NoPledgeForGrid(grid_id=grid.grid_id, round_id=found.round_id)
    if letter is not None:
        upper = next((each for each in above if each.grid_id == letter.upper_grid_id), None)
        return Pledge(grid, signing, upper, letter, is_on_record=True)
    upper = letters.nearest_above(grid, signing.upper_level, above)
    name = upper.name if upper else "" if signing.upper_level else county
    first = letters.first_letter(found, grid, name, upper)
    return Pledge(grid, signing, upper, first, is_on_record=False)


def _upper_name(tx: Transaction, signing: rounds.Signing, upper: Grid | None) -> str:
    if upper is not None:
        return upper.name
    return "" if signing.upper_level else _county_name(tx)


def _county_name(tx: Transaction) -> str:
    """The county's name; its id while the event that tells the name is on its way."""
    try:
        return tx.store(Structure).county().name
    except StructureNotYetKnown:
        return tx.context.county_id


def _paths_above(path: str) -> list[str]:
    nodes = path.rstrip(".").split(".")
    return [".".join(nodes[:depth]) + "." for depth in range(1, len(nodes))]
