"""Totals of the ledger along the tree of grids. Every source is counted in its own grid."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

BY = ("grid", "type", "department", "grade", "zone", "state", "industry")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many sources of one key stand directly in the grid at a path."""

    path: str
    key: str
    count: int


@dataclass(frozen=True, slots=True)
class Share:
    """The counts of one part: a grid's own sources (``path`` is the grid's) or a child's subtree."""

    path: str
    own: bool
    groups: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """The sum over all keys."""
        return sum(count for _, count in self.groups)


def shares(tallies: Iterable[Tally], path: str, children: Iterable[str] = ()) -> list[Share]:
    """Split the tallies below ``path`` (``""``: the county) into its own and those of each child.

    The grid's own share comes first, then the children by node number. Every grid in ``children`` has
    a share, even an empty one. Tallies elsewhere do not count.
    """
    parts: dict[str, Counter[str]] = {child: Counter() for child in children}
    for tally in tallies:
        if tally.path.startswith(path):
            parts.setdefault(part_of(tally.path, path), Counter())[tally.key] += tally.count
    order = sorted(parts, key=lambda part: [int(node) for node in part.split(".") if node])
    return [Share(part, part == path, tuple(sorted(parts[part].items()))) for part in order]


def part_of(path: str, above: str) -> str:
    """Return the child of ``above`` in whose subtree ``path`` lies, or ``above`` if they are equal."""
    node = path[len(above) :].partition(".")[0]
    return f"{above}{node}." if node else above


def total(parts: Iterable[Share]) -> tuple[tuple[str, int], ...]:
    """Return the sums of all parts, by key."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(dict(part.groups))
    return tuple(sorted(counts.items()))
