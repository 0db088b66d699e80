"""What the service does, each within the transaction it is given."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.grid import domain, scheme, templates
from services.grid.divisions import Division, UnknownDivision, divisions_under
from services.grid.domain import County, CountyState, Grid, GridFilters, Planned, SchemeVersion
from services.grid.ports import GridTransaction
from services.grid.templates import UnknownTemplate
from shared.context import CITY_OPERATOR, RequestContext
from shared.errors import InvalidArgument, Text, Violation
from shared.working_time import TIME_ZONE

CODES_AT_ONCE = 1000
HOW_MANY = Text(
    f"Give 1 to {CODES_AT_ONCE} division codes.", f"应填写 1 至 {CODES_AT_ONCE} 个行政区划代码。"
)
NO_COUNTY_CODE = Text("Give the county's 6 digits.", "请填写 6 位县级区划代码。")
WHOLE_COUNTY = ("",)


@dataclass(frozen=True, slots=True)
class NewCounty:
    """What is asked for a new county; ``faults`` are those of what could not be read at all."""

    county_id: str
    name: str
    admin_code: str
    template_id: str
    settings: Mapping[str, Any]
    effective_on: date | None
    faults: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelCount:
    """Grids of one level, and how many the scheme expects."""

    level_id: str
    count: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made, or would make."""

    created: int
    unchanged: int
    levels: tuple[LevelCount, ...]


def create_county(
    tx: GridTransaction, wanted: NewCounty, now: datetime
) -> tuple[County, SchemeVersion]:
    """Create the county and publish version 1 of its scheme, with the events of both.

    Raises InvalidArgument naming every fault at once, CountyExists where the id is taken.
    """
    document = _document(wanted)
    zone = document["calendar"]["time_zone"] or TIME_ZONE
    county = County(
        county_id=wanted.county_id,
        name=wanted.name.strip(),
        admin_code=wanted.admin_code,
        time_zone=zone,
        state=CountyState.ACTIVE,
        created_at=now,
        version=1,
    )
    today = now.astimezone(ZoneInfo(zone)).date()
    published = SchemeVersion(1, wanted.effective_on or today, document, now)
    tx.counties.add(county)
    tx.outbox.add(domain.created(county), subject=county.county_id, sequence=county.version)
    tx.schemes.add(published)
    tx.outbox.add(domain.published(published), subject=county.county_id, sequence=published.version)
    return county, published


def get_scheme(tx: GridTransaction, day: date | None, now: datetime) -> SchemeVersion:
    """The scheme in force on a day, today unless given."""
    zone = ZoneInfo(tx.counties.get().time_zone)
    return tx.schemes.on(day or now.astimezone(zone).date())


def import_divisions(
    tx: GridTransaction,
    codes: Sequence[str],
    *,
    dry_run: bool,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Imported:
    """Make a grid of every division at or below the codes whose rank is a level of the scheme.

    Those above that lack their grid come along, so that each has its parent from the first. What
    has its grid already is left as it is, so the same import again changes nothing, and of two at
    once the second finds what the first made. A dry run only counts. Raises InvalidArgument naming
    every code at fault.
    """
    _require_configure(tx.context)
    levels = domain.own_levels(get_scheme(tx, None, now).document)
    divisions = _divisions(codes, tx.counties.get().admin_code)
    wanted = {d.code: planned for d in divisions if (planned := domain.place(d, levels))}
    if not dry_run:
        tx.grids.lock()
    existing = tx.grids.in_force(domain.with_upper_codes(wanted))
    missing = [planned for code, planned in wanted.items() if code not in existing]
    counts = Counter(tx.grids.count_by_level())
    counts.update(planned.level.level_id for planned in missing)
    if missing and not dry_run:
        _make(tx, missing, existing, now=now, new_id=new_id)
    return Imported(
        created=len(missing),
        unchanged=len(wanted) - len(missing),
        levels=tuple(
            LevelCount(level.level_id, counts[level.level_id], level.expected_count)
            for level in levels
        ),
    )


def get_grid(tx: GridTransaction, grid_id: UUID) -> Grid:
    """One grid, for whoever may read it; the city may read any."""
    grid = tx.grids.get(grid_id)
    if not tx.context.roles:
        tx.context.require_grid("read", grid.path)
    return grid


def list_grids(
    tx: GridTransaction, filters: GridFilters, at: datetime, after: str | None, limit: int
) -> list[Grid]:
    """Grids within the caller's reach at a moment, in path order, after the one at a path."""
    scopes = WHOLE_COUNTY if tx.context.roles else tx.context.grid_scopes("read")
    return tx.grids.page(scopes, filters, at, after, limit)


def _require_configure(context: RequestContext) -> None:
    if CITY_OPERATOR not in context.roles:
        context.require_county("configure")


def _make(
    tx: GridTransaction,
    missing: Sequence[Planned],
    existing: Mapping[str, Grid],
    *,
    now: datetime,
    new_id: Callable[[], UUID],
) -> None:
    first = tx.grids.take_nodes(len(missing))
    grids = domain.make_grids(missing, existing, first_node=first, new_id=new_id, now=now)
    tx.grids.add(grids)
    for event in domain.chunks(grids):
        tx.outbox.add(event, subject=tx.context.county_id, sequence=event.grids[-1].node)


def _divisions(codes: Sequence[str], county_code: str) -> list[Division]:
    """The divisions at, below and above the codes. The table is read once, for however many."""
    if not 1 <= len(codes) <= CODES_AT_ONCE:
        raise InvalidArgument([Violation("/codes", HOW_MANY)])
    in_county = list(divisions_under(county_code))
    known = {division.code for division in in_county}
    faults = [
        Violation(f"/codes/{position}", fault)
        for position, code in enumerate(codes)
        if (fault := domain.code_fault(code, county_code, known))
    ]
    if faults:
        raise InvalidArgument(faults)
    below, above = tuple(codes), domain.with_upper_codes(codes)
    return [d for d in in_county if d.code.startswith(below) or d.code in above]


def _document(wanted: NewCounty) -> dict[str, Any]:
    """The whole scheme document. Raises InvalidArgument naming everything that is wrong."""
    faults = domain.county_id_faults(wanted.county_id)
    faults += domain.name_faults(wanted.name)
    faults += [*_admin_code_faults(wanted.admin_code), *wanted.faults]
    document: dict[str, Any] = {}
    try:
        template = templates.template(wanted.template_id)
        document = _completed(template, wanted.settings)
    except UnknownTemplate as error:
        faults.append(Violation("/template_id", error.text))
    except scheme.InvalidScheme as error:
        faults += [Violation(f"/settings{v.pointer}", v.detail) for v in error.violations]
    if faults:
        raise InvalidArgument(faults)
    return document


def _completed(template: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    if problems := list(scheme.storage_problems(settings)):
        raise scheme.InvalidScheme(problems)
    return scheme.normalise(scheme.merge(template, settings))


def _admin_code_faults(code: str) -> list[Violation]:
    if len(code) != domain.COUNTY_CODE:
        return [Violation("/admin_code", NO_COUNTY_CODE)]
    try:
        divisions_under(code)
    except (UnknownDivision, InvalidArgument) as error:
        return [Violation("/admin_code", error.text)]
    return []
