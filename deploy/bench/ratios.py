"""Ratios between what the platform does and its limit, measured in turns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from statistics import median
from typing import Final

_HEADINGS: Final = ("", "Work", "ours/s", "limit/s", "ratio", "min – max", "goal", "")


@dataclass(frozen=True, slots=True)
class Round:
    """What was reached in one round, in the same unit a second: by us, and by the limit."""

    ours: float
    limit: float

    @property
    def ratio(self) -> float:
        """The part of the limit that was reached."""
        return self.ours / self.limit


@dataclass(frozen=True, slots=True)
class Result:
    """A measure after all its rounds."""

    name: str
    work: str
    goal: float
    rounds: tuple[Round, ...]
    details: tuple[str, ...] = ()
    """Further measurements, one line each."""

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: one disturbed round does not move it."""
        return median(each.ratio for each in self.rounds)

    @property
    def is_reached(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio >= self.goal


def in_turns(
    count: int, limit: Callable[[], float], ours: Callable[[], float]
) -> tuple[Round, ...]:
    """Measure ``count`` rounds, limit and ours one after the other, each first every other time.

    What disturbs the machine for a while, or grows with the data, then meets both alike.
    """
    rounds = []
    for number in range(count):
        if number % 2:
            reached = ours()
            rounds.append(Round(reached, limit()))
        else:
            possible = limit()
            rounds.append(Round(ours(), possible))
    return tuple(rounds)


def table(results: Sequence[Result], missing: Mapping[str, str] | None = None) -> str:
    """All results as a table in plain text; ``missing`` says what is not measured, by its id."""
    rows = [_HEADINGS, *(_row(result) for result in results)]
    rows += [(name, work, *("–",) * 5, "not measured") for name, work in (missing or {}).items()]
    rows[1:] = sorted(rows[1:], key=itemgetter(0))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return "\n".join(_line(row, widths) for row in rows)


def _row(result: Result) -> tuple[str, ...]:
    ratios = [each.ratio for each in result.rounds]
    return (
        result.name,
        result.work,
        f"{median(each.ours for each in result.rounds):,.0f}",
        f"{median(each.limit for each in result.rounds):,.0f}",
        f"{result.ratio:.2f}",
        f"{min(ratios):.2f} – {max(ratios):.2f}",
        f"≥ {result.goal:.2f}",
        "reached" if result.is_reached else "not reached",
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (
        cell.rjust(width) if 2 <= column <= 6 else cell.ljust(width)  # noqa: PLR2004 - the numbers
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()
