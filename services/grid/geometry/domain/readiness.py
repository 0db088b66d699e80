"""What a grid has of what its scheme wants: the checklist (五定, 四定) and the three clears (三清).

The grid service knows area, duties and tasks. Posts, offices, goals and pollution sources are known
to others: what is not known is neither had nor missing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.grid.data import Division
from services.grid.tree.domain.grids import Grid

SOURCES = "sources"
"""The third clear, 底数清: a ledger that another service keeps."""
AREA, DUTIES = "area", "duties"
DIVISION_RANKS = ("county", "township", "village")
ANSWERABLE = frozenset({"body", "direct", "grid_chief", "leader", "main", "patch_owner"})


@dataclass(frozen=True, slots=True)
class Lack:
    """A grid that lacks something: ids of its checklist, and which of the clears hold."""

    grid: Grid
    missing: tuple[str, ...]
    area_clear: bool
    duties_clear: bool


class Checklist:
    """The checklist of a scheme, and what the scheme itself says to each of its items."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.items = [item["id"] for item in document.get("checklist") or ()]
        self._answers: dict[str, Mapping[str, bool]] = {}

    def not_known(self) -> list[str]:
        """Items that the grid service cannot tell, and the ledger of sources."""
        known = {AREA, *self._of_level("")}
        return [*(item for item in self.items if item not in known), SOURCES]

    def lack(self, grid: Grid, *, has_boundary: bool) -> Lack | None:
        """What a grid lacks; None where it lacks nothing that is known here."""
        answers = {AREA: has_area(grid, has_boundary=has_boundary), **self._of(grid.level_id)}
        missing = tuple(item for item in self.items if not answers.get(item, True))
        if not missing and answers[AREA] and answers[DUTIES]:
            return None
        return Lack(grid, missing, answers[AREA], answers[DUTIES])

    def _of(self, level_id: str) -> Mapping[str, bool]:
        if level_id not in self._answers:
            self._answers[level_id] = self._of_level(level_id)
        return self._answers[level_id]

    def _of_level(self, level_id: str) -> Mapping[str, bool]:
        document = self._document
        roles = [
            role
            for role in document["role_types"]
            if role["at"] == "grid" and role["level"] in {level_id, None}
        ]
        powers = [p for p in document["cases"]["powers"] if p["level"] == level_id and p["may"]]
        bodies = [b for b in document["levels"] if b["id"] == level_id and b["responsible_body"]]
        assessment, cases = document["assessment"], document["cases"]
        return {
            DUTIES: bool(powers or any(set(r["capabilities"]) - {"read"} for r in roles)),
            "responsibility": bool(bodies or any(role["kind"] in ANSWERABLE for role in roles)),
            "tasks": any(rule["level"] in {level_id, None} for rule in document["patrol"]),
            "assessment": bool(assessment["items"]),
            "rewards_penalties": bool(
                assessment["sanctions"]
                or assessment["items"]
                or cases["penalties"]
                or cases["rewards"]["amounts"]
            ),
        }


def has_area(grid: Grid, *, has_boundary: bool) -> bool:
    """Whether it is clear which land a grid covers: by its boundary, or as a division."""
    return has_boundary or bool(grid.admin_code)


def has_base_data(*, has_boundary: bool, has_point: bool) -> bool:
    """Whether a boundary or a point is recorded for a grid."""
    return has_boundary or has_point


def uncovered(
    divisions: Sequence[Division], codes: Collection[str], document: Mapping[str, Any]
) -> list[Division]:
    """Divisions of a county that belong to no grid; ``codes`` are those that have one.

    A division of a rank that the scheme has a level for needs a grid of its own, unless the level
    is optional. Any other belongs to the nearest grid above it; above the highest level of the
    scheme nothing is asked for.
    """
    own = [level for level in document["levels"] if level["scope"] == "own"]
    ranks = {level["rank"] for level in own}
    needed = {level["rank"] for level in own if not level["optional"]}
    highest = next((n for n, rank in enumerate(DIVISION_RANKS) if rank in ranks), None)
    if highest is None:
        return []
    asked = DIVISION_RANKS[highest:]
    return [
        division
        for division in divisions
        if division.level in asked
        and division.code not in codes
        and (division.level in needed or not _is_below(division.code, codes))
    ]


def _is_below(code: str, codes: Collection[str]) -> bool:
    return any(code[:length] in codes for length in (4, 6, 9) if length < len(code))
