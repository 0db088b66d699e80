"""Which grids a county's administrative divisions become."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.grid.data import Division
from services.grid.tree.domain.grids import Grid
from services.grid.tree.domain.levels import Level
from shared.errors import Text

CODE_LENGTHS = COUNTY_CODE, TOWN_CODE, VILLAGE_CODE = 6, 9, 12
UNIT_TYPES: Mapping[int, tuple[tuple[int, tuple[str, ...]], ...]] = {
    COUNTY_CODE: ((20, ("district",)), (80, ("county",)), (99, ("county_city", "city"))),
    TOWN_CODE: (
        (99, ("street",)),
        (199, ("town",)),
        (399, ("township",)),
        (999, ("township_like", "development_zone", "park")),
    ),
    VILLAGE_CODE: (
        (199, ("community", "residents_committee")),
        (399, ("village", "administrative_village")),
        (499, ("community_like", "community", "residents_committee")),
        (999, ("village_like", "village", "administrative_village")),
    ),
}
"""Length of a code → up to which number of its last part which words for the unit's type hold."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A division and the level on which it is to have its grid."""

    code: str
    name: str
    level: Level
    unit_type: str


def code_fault(code: str, county_code: str, known: Collection[str]) -> Text | None:
    """Why no grids can be made of a division code in a county; None where they can.

    ``known`` holds the codes of all divisions of the county.
    """
    if not (code.isascii() and code.isdigit() and len(code) in CODE_LENGTHS):
        return Text(
            "Give a division code of 6, 9 or 12 digits.", "应为 6、9 或 12 位数字的行政区划代码。"
        )
    if not code.startswith(county_code):
        return Text(
            f"The code lies outside of this county, whose codes start with {county_code}.",
            f"该代码不属于本县,本县代码以 {county_code} 开头。",
        )
    if code not in known:
        return Text(
            f"No division has the code {code}; check it against the edition in use.",
            f"没有代码为 {code} 的行政区划,请对照所用版本核对。",
        )
    return None


def unit_types(code: str) -> tuple[str, ...]:
    """What kind of unit a division is by its code; the usual word first, then others for the same.

    Counties by digits 5 and 6 (GB/T 2260), towns by digits 7 to 9 (GB/T 10114), villages by digits
    10 to 12 of the statistical code: to 199 residents' committees, to 399 villagers' committees.
    """
    limits = UNIT_TYPES[len(code)]
    number = int(code[-2:] if len(code) == COUNTY_CODE else code[-3:])
    return next(words for limit, words in limits if number <= limit)


def place(division: Division, levels: Sequence[Level]) -> Planned | None:
    """The grid that a division is to have; None where the scheme has no level of its rank.

    Of several levels with the rank, the one that lists the division's unit type takes it, and its
    word for the type is kept. Where none lists it the first level takes it all the same: a county
    that names only its towns has streets too.
    """
    fitting = [level for level in levels if level.rank == division.level]
    if not fitting:
        return None
    words = unit_types(division.code)
    level, word = next(
        ((level, word) for level in fitting for word in words if word in level.unit_types),
        (fitting[0], words[0]),
    )
    return Planned(division.code, division.name, level, word)


def with_upper_codes(codes: Iterable[str]) -> set[str]:
    """The codes, and those of the divisions above them within the county."""
    return {code[:length] for code in codes for length in CODE_LENGTHS if length <= len(code)}


def youngest(
    planned: Iterable[Planned], existing: Mapping[str, Grid], since: datetime
) -> Grid | None:
    """A grid that one of the planned would hang below, but which is not there yet at ``since``."""
    uppers = (_above(plan.code, existing) for plan in planned)
    return next((upper for upper in uppers if upper and upper.valid_from > since), None)


def make_grids(
    planned: Iterable[Planned],
    existing: Mapping[str, Grid],
    *,
    first_node: int,
    new_id: Callable[[], UUID],
    since: datetime,
) -> list[Grid]:
    """The planned grids, each under the grid of the nearest division above it that has one.

    ``existing`` are the grids in force by division code.
    """
    known = dict(existing)
    made = []
    upper_first = sorted(planned, key=lambda plan: (len(plan.code), plan.code))
    for node, plan in enumerate(upper_first, start=first_node):
        grid = _grid(plan, _above(plan.code, known), node, new_id(), since)
        known[plan.code] = grid
        made.append(grid)
    return made


def _grid(plan: Planned, parent: Grid | None, node: int, grid_id: UUID, since: datetime) -> Grid:
    return Grid(
        grid_id=grid_id,
        node=node,
        parent_id=parent.grid_id if parent else None,
        path=f"{parent.path if parent else ''}{node}.",
        level_id=plan.level.level_id,
        rank=plan.level.rank,
        unit_type=plan.unit_type,
        name=plan.name,
        admin_code=plan.code,
        valid_from=since,
        valid_to=None,
        version=1,
        since=since,
    )


def _above(code: str, known: Mapping[str, Grid]) -> Grid | None:
    upper = (code[:length] for length in reversed(CODE_LENGTHS) if length < len(code))
    return next((known[prefix] for prefix in upper if prefix in known), None)
