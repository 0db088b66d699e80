"""What the service does, each within the transaction it is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.grid import domain, scheme, templates
from services.grid.divisions import Division, UnknownDivision, divisions_under
from services.grid.domain import County, CountyState, Grid, SchemeVersion, Unit
from services.grid.ports import GridTransaction
from services.grid.templates import UnknownTemplate
from shared.errors import DomainError, InvalidArgument, Text, Violation
from shared.working_time import TIME_ZONE

OTHER_COUNTY = Text("The code lies outside of this county.", "该代码不属于本县。")


@dataclass(frozen=True, slots=True)
class NewCounty:
    """What is asked for a new county."""

    county_id: str
    name: str
    admin_code: str
    template_id: str
    settings: Mapping[str, Any]
    effective_on: date | None


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
    """Make a grid of every division at or below the codes whose rank is a level of the scheme.

    What has its grid already is left as it is. A dry run only counts.
    """
    if tx.context.actor_id is not None and not tx.context.roles:
        tx.context.require_county("configure")
    document = get_scheme(tx, None, now).document
    levels = domain.own_levels(document)
    units = [unit for unit in _units(codes, tx.counties.get()) if unit.rank in levels]
    if not dry_run:
        tx.grids.take_nodes(0)  # others wait from here on, so what is read stays true
    wanted = {unit.code for unit in units}
    existing = tx.grids.in_force(
        wanted | {code[:9] for code in wanted} | {code[:6] for code in wanted}
    )
    missing = domain.plan(units, levels, existing)
    if missing and not dry_run:
        _make(tx, missing, levels, existing, now=now, new_id=new_id)
    counts = tx.grids.count_by_level()
    if dry_run:
        for unit in missing:
            level_id = levels[unit.rank]["id"]
            counts[level_id] = counts.get(level_id, 0) + 1
    return Imported(
        created=len(missing),
        unchanged=len(wanted) - len(missing),
        levels=tuple(
            LevelCount(level["id"], counts.get(level["id"], 0), level["expected_count"])
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
    tx: GridTransaction, filters: Mapping[str, Any], at: datetime, after: int | None, limit: int
) -> list[Grid]:
    """Grids within the caller's reach, in the order they were made."""
    scopes = ("",) if tx.context.roles else tx.context.grid_scopes("read")
    return tx.grids.page(scopes, filters, at, after, limit)


def _make(
    tx: GridTransaction,
    missing: Sequence[Unit],
    levels: Mapping[str, Mapping[str, Any]],
    existing: Mapping[str, Grid],
    *,
    now: datetime,
    new_id: Callable[[], UUID],
) -> None:
    first = tx.grids.take_nodes(len(missing))
    grids = domain.make_grids(
        missing,
        levels,
        existing,
        first_node=first,
        ids=(new_id() for _ in missing),
        now=now,
    )
    tx.grids.add(grids)
    for event in domain.chunks(grids):
        tx.outbox.add(event, subject=tx.context.county_id, sequence=event.grids[-1].node)


def _units(codes: Sequence[str], county: County) -> list[Unit]:
    """The divisions at or below the codes. Raises InvalidArgument naming every code at fault."""
    units: dict[str, Unit] = {}
    faults = []
    for position, code in enumerate(codes):
        pointer = f"/codes/{position}"
        if not code.startswith(county.admin_code):
            faults.append(Violation(pointer, OTHER_COUNTY))
            continue
        try:
            units |= {d.code: Unit(d.code, d.name, d.level) for d in _divisions(code)}
        except DomainError as error:
            faults.append(Violation(pointer, error.text))
    if faults:
        raise InvalidArgument(faults)
    return list(units.values())


def _divisions(code: str) -> list[Division]:
    return list(divisions_under(code, ("county", "township", "village")))


def _document(wanted: NewCounty) -> dict[str, Any]:
    """The whole scheme document. Raises InvalidArgument naming everything that is wrong."""
    faults = domain.county_id_faults(wanted.county_id)
    if not wanted.name:
        faults.append(Violation("/name", Text("This field is required.", "该字段必填。")))
    faults += _admin_code_faults(wanted.admin_code)
    document: dict[str, Any] = {}
    try:
        template = templates.template(wanted.template_id)
        document = scheme.normalise(scheme.merge(template, wanted.settings))
    except UnknownTemplate as error:
        faults.append(Violation("/template_id", error.text))
    except scheme.InvalidScheme as error:
        faults += [Violation(f"/settings{v.pointer}", v.detail) for v in error.violations]
    if faults:
        raise InvalidArgument(faults)
    return document


def _admin_code_faults(code: str) -> list[Violation]:
    if len(code) != len("430223"):
        detail = Text("Give the county's 6 digits.", "请填写 6 位县级区划代码。")
        return [Violation("/admin_code", detail)]
    try:
        next(iter(divisions_under(code, ("county",))), None)
    except (UnknownDivision, InvalidArgument) as error:
        return [Violation("/admin_code", error.text)]
    return []
