"""What the service does, each within the transaction it is given."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.grid import domain, scheme, templates
from services.grid.divisions import (
    MalformedDivisionCode,
    UnknownDivision,
    divisions_under,
    is_code,
)
from services.grid.domain import County, CountyState, Grid, GridFilter, SchemeVersion, Unit
from services.grid.ports import GridTransaction
from services.grid.templates import UnknownTemplate
from shared.errors import InvalidArgument, Text, Violation
from shared.working_time import TIME_ZONE

CODES_AT_ONCE = 1000
LONGEST_NAME = 100
HOW_MANY = Text(
    f"Give 1 to {CODES_AT_ONCE} division codes.", f"应填写 1 至 {CODES_AT_ONCE} 个区划代码。"
)
OTHER_COUNTY = Text(
    "The code {code} lies outside of this county, whose codes start with {county_code}.",
    "代码 {code} 不属于本县;本县代码以 {county_code} 开头。",
)


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
    """Create the county and publish version 1 of its scheme; every fault is named at once."""
    document = _document(wanted)
    zone = document["calendar"]["time_zone"] or TIME_ZONE
    today = now.astimezone(ZoneInfo(zone)).date()
    county = County(
        county_id=wanted.county_id,
        name=wanted.name,
        admin_code=wanted.admin_code,
        time_zone=zone,
        state=CountyState.ACTIVE,
        created_at=now,
        version=1,
    )
    published = SchemeVersion(1, wanted.effective_on or today, document, now)
    tx.counties.add(county)
    tx.schemes.add(published)
    created = domain.CountyCreated(
        county.county_id, county.name, county.admin_code, county.time_zone
    )
    tx.outbox.add(created, subject=county.county_id, sequence=county.version)
    tx.outbox.add(
        domain.SchemePublished(published.version, published.effective_on, document),
        subject=county.county_id,
        sequence=published.version,
    )
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
    """Make a grid of every division at, below or above the codes whose rank is a level here.

    What has its grid already is left as it is. A dry run only counts.
    Raises InvalidArgument naming every code at fault.
    """
    if not tx.context.roles:
        tx.context.require_county("configure")
    levels = domain.own_levels(get_scheme(tx, None, now).document)
    units = [unit for unit in _units(codes, tx.counties.get()) if unit.rank in levels]
    if not dry_run:
        tx.grids.hold()  # from here on what is read stays true
    existing = tx.grids.in_force(
        {code for unit in units for code in (unit.code, *domain.upper_codes(unit.code))}
    )
    missing = [unit for unit in units if unit.code not in existing]
    if missing and not dry_run:
        _make(tx, missing, levels, existing, now=now, new_id=new_id)
    counts = Counter(tx.grids.count_by_level())
    if dry_run:
        counts.update(levels[unit.rank]["id"] for unit in missing)
    return Imported(
        created=len(missing),
        unchanged=len(units) - len(missing),
        levels=tuple(
            LevelCount(level["id"], counts[level["id"]], level["expected_count"])
            for level in levels.values()
        ),
    )


def get_grid(tx: GridTransaction, grid_id: UUID) -> Grid:
    """One grid, for whoever may read it; the city may read any."""
    grid = tx.grids.get(grid_id)
    if not tx.context.roles:
        tx.context.require_grid("read", grid.path)
    return grid


def list_grids(
    tx: GridTransaction, wanted: GridFilter, after: int | None, limit: int
) -> list[Grid]:
    """Grids within the caller's reach, by node number: of one import the upper ones first."""
    scopes = (domain.ROOT_PATH,) if tx.context.roles else tx.context.grid_scopes("read")
    return tx.grids.page(scopes, wanted, after, limit)


def _make(
    tx: GridTransaction,
    missing: Sequence[Unit],
    levels: Mapping[str, Mapping[str, Any]],
    existing: Mapping[str, Grid],
    *,
    now: datetime,
    new_id: Callable[[], UUID],
) -> None:
    grids = domain.make_grids(
        missing,
        levels,
        existing,
        first_node=tx.grids.take_nodes(len(missing)),
        ids=[new_id() for _ in missing],
        now=now,
    )
    tx.grids.add(grids)
    for event in domain.chunks(grids):
        tx.outbox.add(event, subject=tx.context.county_id, sequence=event.grids[-1].node)


def _units(codes: Sequence[str], county: County) -> list[Unit]:
    """The divisions at, below and above the codes, upper ones first; the table is read once."""
    if not 1 <= len(codes) <= CODES_AT_ONCE:
        raise InvalidArgument([Violation("/codes", HOW_MANY)])
    divisions = divisions_under(county.admin_code, ("county", "township", "village"))
    units = {found.code: Unit(found.code, found.name, found.level) for found in divisions}
    faults = [
        Violation(f"/codes/{position}", fault)
        for position, code in enumerate(codes)
        if (fault := _code_fault(code, county, units)) is not None
    ]
    if faults:
        raise InvalidArgument(faults)
    return domain.wanted_units(codes, units.values())


def _code_fault(code: str, county: County, units: Mapping[str, Unit]) -> Text | None:
    if not is_code(code):
        return MalformedDivisionCode(code=code).text
    if not code.startswith(county.admin_code):
        return OTHER_COUNTY.format(code=code, county_code=county.admin_code)
    return None if code in units else UnknownDivision(code=code).text


def _document(wanted: NewCounty) -> dict[str, Any]:
    """The whole scheme document. Raises InvalidArgument naming everything that is wrong."""
    faults = [*domain.county_id_faults(wanted.county_id), *_name_faults(wanted.name)]
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


def _name_faults(name: str) -> list[Violation]:
    if name.strip() and len(name) <= LONGEST_NAME:
        return []
    detail = Text(
        f"Give a name of 1 to {LONGEST_NAME} characters.", f"名称应为 1 至 {LONGEST_NAME} 个字符。"
    )
    return [Violation("/name", detail)]


def _admin_code_faults(code: str) -> list[Violation]:
    if len(code) != domain.COUNTY_CODE:
        detail = Text("Give the county's 6 digits.", "请填写 6 位县级区划代码。")
        return [Violation("/admin_code", detail)]
    try:
        divisions_under(code, ("county",))
    except (MalformedDivisionCode, UnknownDivision) as error:
        return [Violation("/admin_code", error.text)]
    return []
