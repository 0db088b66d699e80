"""Letters of a round: one for each grid that signs, with two signatures on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from services.personnel.pledges.domain.rounds import Grid, Round, Side, Signing, Wording
from shared.errors import Aborted, FailedPrecondition, NotFound, PermissionDenied, Text
from shared.hash_chain import content_hash


class NoPledgeForGrid(NotFound):
    """The grid signs no letter in the round."""

    reason = "PLEDGE_NOT_FOUND"
    title = Text("No letter for this grid", "该网格无责任书")
    detail = Text(
        "Grid {grid_id} signs no letter in round {round_id}.",
        "网格 {grid_id} 不在批次 {round_id} 的签订范围内。",
    )


class AlreadySigned(FailedPrecondition):
    """The side has signed this letter."""

    reason = "PLEDGE_SIGNED_ALREADY"
    title = Text("Signed already", "已签订")
    detail = Text(
        "This side of the letter was signed at {signed_at}; a signature stays.",
        "该方已于 {signed_at} 签字,签字不可更改。",
    )


class NotSignatory(PermissionDenied):
    """The caller does not hold the post that answers for the side."""

    reason = "NOT_SIGNATORY"
    title = Text("Not yours to sign", "无权签字")
    detail = Text(
        "Only the holder of '{role}' there may sign for this side.",
        "仅该处“{role}”的在任人员可代表该方签字。",
    )


class TextChanged(Aborted):
    """The letter's text is not the one that the signer read."""

    reason = "PLEDGE_TEXT_CHANGED"
    title = Text("The letter reads otherwise now", "责任书内容已变化")
    detail = Text(
        "The text has the hash {actual}; read the letter again before signing.",
        "责任书现行文本的摘要为 {actual};请重新阅读后再签字。",
    )


class State(StrEnum):
    """How far a letter is signed."""

    UNSIGNED = "unsigned"
    PARTLY_SIGNED = "partly_signed"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Signature:
    """One party's signature."""

    side: Side
    person_id: UUID
    person_name: str
    post_id: UUID
    text_hash: str
    signed_at: datetime
    stood_in: bool = False
    """Whether the signer stood in for the post's holder."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter on record: from the first signature on, or from when it took another's place."""

    letter_id: UUID
    round_id: UUID
    grid_id: UUID
    number: int
    upper_grid_id: UUID | None
    text: Mapping[str, Any]
    text_hash: str
    reason: str
    issued_at: datetime
    issued_by: UUID | None
    signatures: tuple[Signature, ...] = ()

    def signature_of(self, side: Side) -> Signature | None:
        """The side's signature, if it has signed."""
        return next((each for each in self.signatures if each.side is side), None)


@dataclass(frozen=True, slots=True)
class Signatory:
    """A person whose post entitles to sign for a side."""

    side: Side
    person_id: UUID
    person_name: str
    post_id: UUID
    role_type: str
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class SeatHolder:
    """A person who may sign: the holder of a post, or a stand-in while the holder is away."""

    person_id: UUID
    person_name: str
    post_id: UUID
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class PledgeFilter:
    """Which letters are wanted: of grids in force at a moment, within what the reader reaches."""

    moment: datetime
    paths: tuple[str, ...]
    level: str = ""
    state: State | None = None
    is_unsigned: bool = False
    """Whether only those that lack a signature are wanted."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A post that signs: a role type on a grid, or (without one) at the county."""

    role_type: str
    grid_id: UUID | None


@dataclass(frozen=True, slots=True)
class Pledge:
    """A grid's letter as it stands, with the grid above and who should sign."""

    grid: Grid
    signing: Signing
    upper: Grid | None
    letter: Letter
    is_on_record: bool
    awaited: tuple[Signatory, ...] = ()

    @property
    def state(self) -> State:
        """How far it is signed."""
        match len(self.letter.signatures):
            case 0:
                return State.UNSIGNED
            case 1:
                return State.PARTLY_SIGNED
            case _:
                return State.SIGNED

    def missing(self) -> list[Side]:
        """The sides that have not signed."""
        return [side for side in Side if self.letter.signature_of(side) is None]

    def seat_of(self, side: Side) -> Seat | None:
        """Whose holder signs for the side; None where no grid of the upper level is above."""
        if side is Side.LOWER:
            return Seat(self.signing.role_type, self.grid.grid_id)
        if self.signing.upper_level is None:
            return Seat(self.signing.upper_role_type, None)
        upper_id = self.letter.upper_grid_id
        return None if upper_id is None else Seat(self.signing.upper_role_type, upper_id)


@dataclass(frozen=True, slots=True)
class PledgeCount:
    """How many letters of a township (None: in no township) there are, and how many are signed."""

    grid_id: UUID | None
    grid_name: str
    total: int
    signed: int
    partly_signed: int


def text_of(
    found: Round, wording: Wording, lower: Grid, upper_name: str, upper: Grid | None
) -> dict[str, Any]:
    """What the two parties sign."""
    return {
        "round_id": str(found.round_id),
        "year": found.year,
        "title": found.title,
        "goals": list(wording.goals),
        "rewards": wording.rewards,
        "penalties": wording.penalties,
        "lower": {"grid_id": str(lower.grid_id), "name": lower.name},
        "upper": {"grid_id": None if upper is None else str(upper.grid_id), "name": upper_name},
    }


def first_letter(found: Round, lower: Grid, upper_name: str, upper: Grid | None) -> Letter:
    """The round's own letter for the grid, not on record yet; its id follows from the two."""
    text = text_of(found, found.wording, lower, upper_name, upper)
    return Letter(
        letter_id=uuid5(found.round_id, str(lower.grid_id)),
        round_id=found.round_id,
        grid_id=lower.grid_id,
        number=1,
        upper_grid_id=None if upper is None else upper.grid_id,
        text=text,
        text_hash=content_hash(text),
        reason="",
        issued_at=found.created_at,
        issued_by=None,
    )


def sign(pledge: Pledge, signature: Signature) -> Pledge:
    """The letter with one more signature. Raises AlreadySigned, TextChanged."""
    side = signature.side
    if (given := pledge.letter.signature_of(side)) is not None:
        raise AlreadySigned(signed_at=given.signed_at.isoformat())
    if signature.text_hash != pledge.letter.text_hash:
        raise TextChanged(actual=pledge.letter.text_hash)
    letter = pledge.letter
    signed = replace(letter, signatures=(*letter.signatures, signature))
    left = tuple(each for each in pledge.awaited if each.side is not side)
    return replace(pledge, letter=signed, is_on_record=True, awaited=left)


def nearest_above(grid: Grid, level: str | None, above: Sequence[Grid]) -> Grid | None:
    """The nearest grid of the level above the grid, or None."""
    found = [
        each
        for each in above
        if each.level_id == level and grid.path != each.path and grid.path.startswith(each.path)
    ]
    return max(found, key=lambda each: len(each.path), default=None)
