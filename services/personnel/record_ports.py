"""What the use cases of records about people and bodies need of a transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.personnel.domain.grids import Grid
from services.personnel.domain.pledges import (
    Letter,
    PledgeCount,
    PledgeFilter,
    Round,
    Seat,
    SeatHolder,
    Signature,
)
from services.personnel.ports import PersonnelTransaction


class Pledges(Protocol):
    """The county's rounds of responsibility letters."""

    def add_round(self, new: Round) -> None:
        """Record a round."""

    def get_round(self, round_id: UUID) -> Round:
        """One round. Raises RoundNotFound."""

    def save_round(self, found: Round, expected_version: int) -> None:
        """Keep that the round is closed. Raises Aborted where it is at another version."""

    def rounds(self, year: int | None, after: UUID | None, limit: int) -> list[Round]:
        """Rounds, newest first."""

    def serialise(self, round_id: UUID, grid_id: UUID) -> None:
        """Wait until nobody else signs or issues the letter of this grid."""

    def letter(self, round_id: UUID, grid_id: UUID) -> Letter | None:
        """The letter that holds, or None while none is on record."""

    def add_letter(self, letter: Letter) -> None:
        """Put a letter on record, without its signatures."""

    def add_signature(self, letter_id: UUID, signature: Signature) -> None:
        """Put a signature on record."""

    def page(
        self, found: Round, wanted: PledgeFilter, after: str | None, limit: int
    ) -> list[tuple[Grid, Letter | None]]:
        """Grids that sign, in the order of their paths, each with its letter on record."""

    def counts(self, found: Round, wanted: PledgeFilter) -> list[PledgeCount]:
        """Letters by township; those in no township last."""

    def grids(self, paths: Collection[str], ids: Collection[UUID]) -> Sequence[Grid]:
        """The grids at the paths or of the ids."""

    def holders(self, seats: Collection[Seat], moment: datetime) -> dict[Seat, list[SeatHolder]]:
        """Who holds the seats at the moment."""


class RecordsTransaction(PersonnelTransaction, Protocol):
    """One transaction of the service, with its records."""

    @property
    def pledges(self) -> Pledges:
        """Responsibility letters."""
