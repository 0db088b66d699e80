"""Creating counties."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.grid import scheme, templates
from services.grid.divisions import UnknownDivision, divisions_under
from services.grid.domain import counties, placing, schemes
from services.grid.domain.counties import County, CountyState
from services.grid.domain.schemes import SchemeVersion
from services.grid.ports import GridTransaction
from services.grid.templates import UnknownTemplate
from shared.errors import InvalidArgument, Text, Violation
from shared.working_time import TIME_ZONE

NO_COUNTY_CODE = Text("Give the county's 6 digits.", "请填写 6 位县级区划代码。")


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
    tx.outbox.add(counties.created(county), subject=county.county_id, sequence=county.version)
    tx.schemes.add(published)
    tx.outbox.add(
        schemes.published(published), subject=county.county_id, sequence=published.version
    )
    return county, published


def _document(wanted: NewCounty) -> dict[str, Any]:
    """The whole scheme document. Raises InvalidArgument naming everything that is wrong."""
    faults = counties.county_id_faults(wanted.county_id)
    faults += counties.name_faults(wanted.name)
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
    if len(code) != placing.COUNTY_CODE:
        return [Violation("/admin_code", NO_COUNTY_CODE)]
    try:
        divisions_under(code)
    except (UnknownDivision, InvalidArgument) as error:
        return [Violation("/admin_code", error.text)]
    return []
