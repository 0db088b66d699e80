"""Creating counties."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.grid import templates
from services.grid.city.domain import County, CountyState
from services.grid.city.store.counties import CountyStore
from services.grid.counties import domain as counties
from services.grid.data import UnknownDivision, divisions_under
from services.grid.divisions import domain as placing
from services.grid.schemes import document as scheme
from services.grid.schemes.document import copying, in_county
from services.grid.schemes.domain.published import PublishedSchemeUnknown
from services.grid.schemes.domain.versions import SchemeVersion
from services.grid.schemes.store.published import PublishedSchemeStore
from services.grid.schemes.usecases.publishing import record, townships_named, violations
from services.grid.templates import UnknownTemplate
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation
from shared.working_time import TIME_ZONE

ONE_OF_TWO = Text(
    "Give either template_id or from_county_id.", "应填写 template_id 或 from_county_id 之一。"
)
NO_COUNTY_CODE = Text("Give the county's 6 digits.", "请填写 6 位县级区划代码。")


@dataclass(frozen=True, slots=True)
class NewCounty:
    """A county that is to be created."""

    county_id: str
    name: str
    admin_code: str
    template_id: str
    settings: Mapping[str, Any]
    effective_on: date | None
    from_county_id: str = ""


def create_county(
    tx: Transaction, wanted: NewCounty, now: datetime
) -> tuple[County, SchemeVersion]:
    """Create the county and publish version 1 of its scheme, with the events of both.

    Raises InvalidArgument naming every fault at once, CountyExists where the id is taken.
    """
    document = _document(tx, wanted)
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
    tx.store(CountyStore).add(county)
    tx.outbox.add(counties.created(county), subject=county.county_id, sequence=county.version)
    record(tx, county, published)
    return county, published


def _document(tx: Transaction, wanted: NewCounty) -> dict[str, Any]:
    """The whole scheme document. Raises InvalidArgument naming everything that is wrong."""
    faults = counties.county_id_faults(wanted.county_id)
    faults += counties.name_faults(wanted.name)
    code_faults = _admin_code_faults(wanted.admin_code)
    faults += code_faults
    document: dict[str, Any] = {}
    try:
        document = _completed(_original(tx, wanted), wanted.settings)
        if not code_faults:
            townships = townships_named(document, wanted.admin_code)
            foreign = in_county.foreign_townships(document, townships)
            faults += violations(list(foreign), "/settings")
    except UnknownTemplate as error:
        faults.append(Violation("/template_id", error.text))
    except PublishedSchemeUnknown as error:
        faults.append(Violation("/from_county_id", error.text))
    except scheme.InvalidScheme as error:
        faults += [Violation(f"/settings{v.pointer}", v.detail) for v in error.violations]
    except InvalidArgument as error:
        faults += error.violations
    if faults:
        raise InvalidArgument(faults)
    return document


def _original(tx: Transaction, wanted: NewCounty) -> Mapping[str, Any]:
    """The template, or what another county's newest scheme leaves for this one.

    Raises InvalidArgument unless exactly one is asked for, UnknownTemplate, PublishedSchemeUnknown.
    """
    if not wanted.from_county_id and wanted.template_id:
        return templates.template(wanted.template_id)
    if not wanted.from_county_id or wanted.template_id:
        raise InvalidArgument([Violation("/template_id", ONE_OF_TWO)])
    published = tx.store(PublishedSchemeStore).get(wanted.from_county_id, 0)
    copied = copying.copy(
        published.document, wanted.admin_code, published.county_name, published.admin_code
    )
    return copied.document


def _completed(original: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    if problems := list(scheme.storage_problems(settings)):
        raise scheme.InvalidScheme(problems)
    return scheme.normalise(scheme.merge(original, settings))


def _admin_code_faults(code: str) -> list[Violation]:
    if len(code) != placing.COUNTY_CODE:
        return [Violation("/admin_code", NO_COUNTY_CODE)]
    try:
        divisions_under(code)
    except (UnknownDivision, InvalidArgument) as error:
        return [Violation("/admin_code", error.text)]
    return []
