"""Which grid answers for a case."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from shared.structure.scheme import Scheme


class Place(Protocol):
    """A grid of the county."""

    @property
    def grid_id(self) -> UUID:
        """Its id."""

    @property
    def path(self) -> str:
        """Its path."""

    @property
    def level_id(self) -> str:
        """Its level in the county's scheme."""


def responsible_place(upward: Sequence[Place], scheme: Scheme) -> Place:
    """The nearest grid, from the found one (the first) upward, whose level may accept cases.

    The found grid itself where the county gives no level above it the power.
    """
    return next(
        (place for place in upward if scheme.level_may(place.level_id, "accept")), upward[0]
    )
