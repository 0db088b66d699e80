"""The county's scheme and calendar as use cases read them."""

from datetime import date, datetime

from shared.db.transaction import Transaction
from shared.errors import NotFound, Text
from shared.structure.scheme import Scheme
from shared.structure.store import Structure, StructureNotYetKnown
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
