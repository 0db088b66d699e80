"""Totals of the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.grid.sources.domain.settings import SourceSettings
from services.grid.sources.domain.totals import BY, Share, shares, total
from services.grid.sources.store.totals import TotalStore
from services.grid.sources.usecases.ledger import path_of
from services.grid.sources.usecases.settings import settings_of
from services.grid.tree.store.grids import GridStore
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation

BY_WHAT = Text(f"Give one of {', '.join(BY)}.", f"应为 {'、'.join(BY)} 之一。")
STATES = {"unknown": "不明", "operating": "在营", "suspended": "停产", "closed": "关闭"}


@dataclass(frozen=True, slots=True)
class Distribution:
    """The counts of sources by part of a grid, or of the county, and by key."""

    count: int
    groups: tuple[tuple[str, int], ...]
    shares: tuple[tuple[Share, int, UUID, str], ...]
    """Each part with how many sources it has, its grid and the grid's name."""
    names: Mapping[str, str]
    minimum_count: int | None
    lacking: int | None


def distribution(tx: Transaction, grid_id: UUID | None, by: str, now: datetime) -> Distribution:
    """Count sources by part and key. Raises InvalidArgument, GridNotFound, PermissionDenied."""
    if by not in BY:
        raise InvalidArgument([Violation("/by", BY_WHAT)])
    path = path_of(tx, grid_id)
    settings = settings_of(tx, now)
    parts = shares(
        tx.store(TotalStore).tallies(path, by), path, tx.store(GridStore).paths_below(path)
    )
    counts = {part.path: part.count for part in parts}
    if by == "department":  # there one source may have several keys
        plain = shares(tx.store(TotalStore).tallies(path, "grid"), path)
        counts = {part.path: part.count for part in plain}
    named = tx.store(GridStore).names_at([part.path for part in parts])
    count = sum(counts.values())
    expected = settings.minimum_count if not path else None
    return Distribution(
        count=count,
        groups=() if by == "grid" else total(parts),
        shares=tuple(
            (
                Share(part.path, part.own, () if by == "grid" else part.groups),
                counts.get(part.path, 0),
                *named[part.path],
            )
            for part in parts
        ),
        names=_names(settings, by),
        minimum_count=expected,
        lacking=None if expected is None else max(0, expected - count),
    )


def _names(settings: SourceSettings, by: str) -> Mapping[str, str]:
    return {
        "type": settings.types,
        "grade": settings.grade_names,
        "zone": settings.zones,
        "department": settings.departments,
        "state": STATES,
    }.get(by, {})
