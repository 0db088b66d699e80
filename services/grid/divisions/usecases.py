"""Making grids of administrative divisions."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.grid.city.store.counties import CountyStore
from services.grid.data import Division, divisions_under
from services.grid.divisions import domain as placing
from services.grid.divisions.domain import Planned
from services.grid.schemes.usecases.reading import get_scheme
from services.grid.tree.domain.grids import Grid
from services.grid.tree.domain.levels import own_levels
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases.announcing import announce
from services.grid.tree.usecases.permissions import require_configure
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation

CODES_AT_ONCE = 1000
HOW_MANY = Text(
    f"Give 1 to {CODES_AT_ONCE} division codes.", f"应填写 1 至 {CODES_AT_ONCE} 个行政区划代码。"
)

AHEAD = Text(
    "Grids are there since now or earlier; give no moment ahead.", "生效时间不能晚于当前时间。"
)
BEFORE_UPPER = Text(
    "The grid above, {name}, is there only since {since}; give that moment or a later one.",
    "上级网格“{name}”自 {since} 起才存在,生效时间不能早于该时间。",
)

STILL_THERE = Text(
    "{name} had another grid until {until}; give that moment or a later one.",
    "“{name}”在 {until} 之前已有网格,生效时间不能早于该时间。",
)


@dataclass(frozen=True, slots=True)
class LevelCount:
    """Grids of one level, and how many the scheme expects."""

    level_id: str
    count: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class ImportedDivisions:
    """What an import made, or would make."""

    created: int
    unchanged: int
    levels: tuple[LevelCount, ...]


def import_divisions(
    tx: Transaction,
    codes: Sequence[str],
    *,
    dry_run: bool,
    valid_from: datetime | None,
    now: datetime,
    new_id: Callable[[], UUID],
) -> ImportedDivisions:
    """Make a grid of every division at or below the codes whose rank is a level of the scheme.

    Those above that lack their grid come along, so that each has its parent from the first. What
    has its grid already is left as it is, so the same import again changes nothing, and of two at
    once the second finds what the first made. A division whose grid was split, merged or retired
    gets another only where its very code is given. A dry run only counts. The grids are there since
    ``valid_from``, now unless given, on the levels of that day's scheme. Raises PermissionDenied,
    and InvalidArgument naming every code at fault, or /valid_from.
    """
    require_configure(tx.context)
    since = valid_from or now
    if since > now:
        raise InvalidArgument([Violation("/valid_from", AHEAD)])
    levels = own_levels(get_scheme(tx, None, since).document)
    divisions = _divisions(codes, tx.store(CountyStore).get().admin_code)
    wanted = {d.code: planned for d in divisions if (planned := placing.place(d, levels))}
    if not dry_run:
        tx.store(CountyStore).lock()
    existing = tx.store(GridStore).in_force(placing.with_upper_codes(wanted))
    lacking = [code for code in wanted if code not in existing]
    gone = tx.store(GridStore).ended_codes(lacking) - set(codes)
    missing = [wanted[code] for code in lacking if code not in gone]
    counts = Counter(tx.store(GridStore).count_by_level())
    counts.update(planned.level.level_id for planned in missing)
    if younger := placing.youngest(missing, existing, since):
        detail = BEFORE_UPPER.format(name=younger.name, since=younger.valid_from.isoformat())
        raise InvalidArgument([Violation("/valid_from", detail)])
    named = set(codes)
    again = [planned.code for planned in missing if planned.code in named]
    if ended := again and tx.store(GridStore).ended_after(again, since):
        detail = STILL_THERE.format(name=ended.name, until=f"{ended.valid_to:%Y-%m-%dT%H:%M:%SZ}")
        raise InvalidArgument([Violation("/valid_from", detail)])
    if missing and not dry_run:
        _make(tx, missing, existing, since=since, new_id=new_id)
    return ImportedDivisions(
        created=len(missing),
        unchanged=len(wanted) - len(missing),
        levels=tuple(
            LevelCount(level.level_id, counts[level.level_id], level.expected_count)
            for level in levels
        ),
    )


def _make(
    tx: Transaction,
    missing: Sequence[Planned],
    existing: Mapping[str, Grid],
    *,
    since: datetime,
    new_id: Callable[[], UUID],
) -> None:
    first = tx.store(CountyStore).take_nodes(len(missing))
    made = placing.make_grids(missing, existing, first_node=first, new_id=new_id, since=since)
    tx.store(GridStore).add(made)
    announce(tx, made)


def _divisions(codes: Sequence[str], county_code: str) -> list[Division]:
    """The divisions at, below and above the codes. The table is read once, for however many."""
    if not 1 <= len(codes) <= CODES_AT_ONCE:
        raise InvalidArgument([Violation("/codes", HOW_MANY)])
    in_county = list(divisions_under(county_code))
    known = {division.code for division in in_county}
    faults = [
        Violation(f"/codes/{position}", fault)
        for position, code in enumerate(codes)
        if (fault := placing.code_fault(code, county_code, known))
    ]
    if faults:
        raise InvalidArgument(faults)
    below, above = tuple(codes), placing.with_upper_codes(codes)
    return [d for d in in_county if d.code.startswith(below) or d.code in above]
