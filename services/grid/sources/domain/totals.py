"""Totals of the ledger along the tree of grids. Every source is counted in one place only."""

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
    """What falls to one part: a grid's own sources (``path`` is the grid's) or a child's subtree."""

    path: str
    own: bool
    groups: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """All keys together."""
        return sum(count for _, count in self.groups)


def shares(tallies: Iterable[Tally], path: str, children: Iterable[str] = ()) -> list[Share]:
    """Split the tallies below ``path`` (``""``: the county) into its own and those of each child.

    Own come first, then the children by their number; ``children`` are there even without any.
    What lies elsewhere does not count.
    """
    parts: dict[str, Counter[str]] = {child: Counter() for child in children}
    for tally in tallies:
        if tally.path.startswith(path):
            parts.setdefault(part_of(tally.path, path), Counter())[tally.key] += tally.count
    order = sorted(parts, key=lambda part: [int(node) for node in part.split(".") if node])
    return [Share(part, part == path, tuple(sorted(parts[part].items()))) for part in order]


def part_of(path: str, above: str) -> str:
    """The child of ``above`` in whose subtree ``path`` lies, or ``above`` where it is the same."""
    node = path[len(above) :].partition(".")[0]
    return f"{above}{node}." if node else above


def total(parts: Iterable[Share]) -> tuple[tuple[str, int], ...]:
    """All parts together, by key."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(dict(part.groups))
    return tuple(sorted(counts.items()))
