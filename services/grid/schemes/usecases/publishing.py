"""Publishing versions of a scheme: everything that comes with one, in one transaction."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.grid.city.domain import County
from services.grid.data import divisions_under
from services.grid.schemes import document as scheme
from services.grid.schemes.document import Problem, in_county
from services.grid.schemes.domain import drafts
from services.grid.schemes.domain import versions as schemes
from services.grid.schemes.domain.versions import SchemeVersion
from services.grid.schemes.store.published import PublishedSchemeStore
from services.grid.schemes.store.versions import SchemeStore
from services.grid.tree.store.grids import GridStore
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Violation
from shared.structure.scheme import TOWNSHIP_CODE


def today(county: County, now: datetime) -> date:
    """The county's own day."""
    return now.astimezone(ZoneInfo(county.time_zone)).date()


def record(tx: Transaction, county: County, version: SchemeVersion) -> None:
    """Write a version, keep it for other counties to copy, and publish its event."""
    tx.store(SchemeStore).add(version)
    tx.store(PublishedSchemeStore).add(county, version)
    tx.outbox.add(schemes.published(version), subject=county.county_id, sequence=version.version)


def publish_next(
    tx: Transaction,
    county: County,
    document: Mapping[str, Any],
    effective_on: date | None,
    now: datetime,
) -> SchemeVersion:
    """Publish a document as the version after the newest, today unless a day is given.

    The caller keeps others from publishing. Raises InvalidArgument for the day, and InvalidScheme
    naming everything that keeps the document from being published.
    """
    newest = tx.store(SchemeStore).newest()
    day = effective_on or today(county, now)
    if wrong := drafts.day_faults(day, today(county, now), newest):
        raise InvalidArgument(wrong)
    if faults := faults_of(tx, county, document):
        raise scheme.InvalidScheme(faults)
    version = SchemeVersion(newest.version + 1, day, scheme.normalise(document), now)
    record(tx, county, version)
    return version


def faults_of(tx: Transaction, county: County, document: Mapping[str, Any]) -> list[Problem]:
    """Everything that keeps a document from being published in the county today."""
    townships = townships_named(document, county.admin_code, tx)
    return in_county.faults(
        document, tx.store(GridStore).count_by_unit_type(), county.time_zone, townships
    )


def townships_named(
    document: Mapping[str, Any], county_code: str, tx: Transaction | None = None
) -> Collection[str]:
    """Codes that overrides may name: townships of the county's divisions, or with a grid here."""
    named = [code for _, code in in_county.override_codes(document)]
    if not named:
        return ()
    townships = {each.code for each in divisions_under(county_code, ["township"])}
    unknown = [code for code in named if code not in townships]
    if unknown and tx is not None:
        fitting = [code for code in unknown if len(code) == TOWNSHIP_CODE]
        townships |= tx.store(GridStore).codes_in_force(fitting)
    return townships


def violations(problems: Collection[Problem], at: str = "") -> list[Violation]:
    """Findings about a document as faults of the request that held it at a pointer."""
    return [Violation(f"{at}{fault.pointer}", scheme.text_of(fault)) for fault in problems]
