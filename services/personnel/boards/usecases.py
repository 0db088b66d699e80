"""What a grid's sign board says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.personnel.common.usecases import scheme_then
from services.personnel.people.store.people import PeopleStore
from services.personnel.posts.domain.posts import READ
from services.personnel.posts.store.posts import PostStore
from shared.db.transaction import Transaction
from shared.structure.scheme import Scheme
from shared.structure.store import Grid, GridNotFound, Structure


@dataclass(frozen=True, slots=True)
class Named:
    """A person who answers for the grid, and the grid of the post."""

    title: str
    role_kind: str
    person_name: str
    grid_name: str
    duties: tuple[str, ...] = ()
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A recorded boundary: GeoJSON, and the area within."""

    geometry_json: str
    area_km2: float


@dataclass(frozen=True, slots=True)
class Board:
    """A board. ``details`` are the grid's own, ``level`` is the scheme's entry of its level."""

    grid: Grid
    above: tuple[Grid, ...]
    level: Mapping[str, Any]
    powers: tuple[str, ...]
    details: Mapping[str, Any]
    persons: tuple[Named, ...]
    drawn: "Drawn | None" = None

    @property
    def area_km2(self) -> float | None:
        """The area that the county states, else that within the boundary."""
        stated: float | None = self.details.get("area_km2")
        return stated if stated is not None or self.drawn is None else self.drawn.area_km2

    def body(self, name: str) -> str | None:
        """The grid's own responsible or implementing body, else that of its level."""
        return self.details.get(name) or self.level.get(name)

    @property
    def missing(self) -> tuple[str, ...]:
        """What a board needs and nobody stated."""
        needed = {
            "area": self.area_km2,
            "responsible_body": self.body("responsible_body"),
            "persons": self.persons,
        }
        return tuple(name for name, stated in needed.items() if not stated)


def require_reach(tx: Transaction, grid_id: UUID) -> None:
    """Raise GridNotFound, or PermissionDenied where the caller may not read the grid."""
    tx.context.require_grid(READ, tx.store(Structure).grid(grid_id).path)


def make_board(
    tx: Transaction,
    grid_id: UUID,
    details: Mapping[str, Any],
    drawn: Drawn | None,
    moment: datetime,
) -> Board:
    """The board as of a moment: tree, posts and scheme are those of then.

    Phones are those of today, and only where the scheme of then lets boards show them.

    Raises GridNotFound where the grid was not there.
    """
    grids = tx.store(Structure).upward_at(grid_id, moment)
    if not grids:
        raise GridNotFound(grid_id=grid_id)
    grid, *above = grids
    scheme = scheme_then(tx, moment)
    powers = (scheme.document.get("cases") or {}).get("powers") or ()
    return Board(
        grid=grid,
        above=tuple(above),
        level=scheme.level(grid.level_id) or {},
        powers=tuple(
            power for entry in powers if entry["level"] == grid.level_id for power in entry["may"]
        ),
        details=details,
        persons=_persons(tx, grids, scheme, moment),
        drawn=drawn,
    )


def _persons(
    tx: Transaction, grids: Sequence[Grid], scheme: Scheme, moment: datetime
) -> tuple[Named, ...]:
    """Who answers for the grids at the moment, with phones where the scheme lets boards show them."""
    names = {each.grid_id: each.name for each in grids}
    holders = tx.store(PostStore).answering_for([each.grid_id for each in grids], moment)
    shows_phones = bool((scheme.document.get("disclosure") or {}).get("board_phones"))
    people = {post.person_id for post, _ in holders} if shows_phones else set()
    phones = tx.store(PeopleStore).phones(people) if people else {}
    return tuple(
        Named(
            post.title,
            post.role_kind,
            name,
            names[post.place.grid_id],
            post.terms.duties,
            phones.get(post.person_id, ""),
        )
        for post, name in holders
        if post.place.grid_id is not None
    )
