"""The county's scheme, calendar and grids as use cases read them."""

from datetime import date, datetime
from uuid import UUID

from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, NotFound, Text, Violation
from shared.structure.errors import NOT_IN_FORCE, UNKNOWN_GRID
from shared.structure.scheme import Scheme
from shared.structure.store import Grid, Structure, StructureNotYetKnown
from shared.working_time import Calendar


class SchemeNotYetInForce(NotFound):
    """The county had no scheme yet on the day asked for."""

    reason = "SCHEME_NOT_IN_FORCE"
    title = Text("No scheme in force", "当日无有效方案")
    detail = Text("No scheme was in force on {day}.", "{day} 没有有效的方案。")


def scheme_in_force(tx: Transaction, now: datetime) -> Scheme | None:
    """The scheme of the county's present day; None where the local copy has none yet."""
    try:
        return tx.store(Structure).scheme_on(local_day(tx, now))
    except StructureNotYetKnown:
        return None


def scheme_then(tx: Transaction, moment: datetime) -> Scheme:
    """The scheme of the county's day at a moment that was asked for.

    Raises SchemeNotYetInForce where the county's first scheme came later, and
    StructureNotYetKnown while the county's schemes have not arrived.
    """
    day = local_day(tx, moment)
    try:
        return tx.store(Structure).scheme_on(day)
    except StructureNotYetKnown:
        tx.store(Structure).scheme_on(date.max)
        raise SchemeNotYetInForce(day=day.isoformat()) from None


def local_day(tx: Transaction, now: datetime) -> date:
    """The county's present day; in the national time zone while the county is not known yet."""
    return county_calendar(tx).local_day(now)


def county_calendar(tx: Transaction) -> Calendar:
    """A calendar in the county's time zone, the national one while the county is not known yet."""
    try:
        document = {"time_zone": tx.store(Structure).county().time_zone}
    except StructureNotYetKnown:
        document = {}
    return Calendar.from_document(document)


def grid_in_force(tx: Transaction, grid_id: UUID, now: datetime) -> Grid:
    """The grid that a body names at /grid_id.

    Raises InvalidArgument for one that the county does not have, or that is not in force.
    """
    grid = tx.store(Structure).find_grid(grid_id)
    if grid is None or not grid.holds_at(now):
        detail = UNKNOWN_GRID if grid is None else NOT_IN_FORCE
        raise InvalidArgument([Violation("/grid_id", detail)])
    return grid
