"""Pollution sources as messages, and back."""

from collections.abc import Mapping
from typing import Any

import orjson

from services.grid.sources.domain.ledger import (
    Grading,
    Inspection,
    SourceState,
    SourceView,
    Verification,
)
from services.grid.sources.domain.lists import Origin, SourceList
from services.grid.sources.domain.settings import Grade, SourceSettings
from shared.rpc import call
from shared.rpc.messages import writer
from wangge.grid.v1 import source_lists_pb2, source_totals_pb2, sources_pb2

STATES = {
    SourceState.UNKNOWN: sources_pb2.SOURCE_STATE_UNKNOWN,
    SourceState.OPERATING: sources_pb2.SOURCE_STATE_OPERATING,
    SourceState.SUSPENDED: sources_pb2.SOURCE_STATE_SUSPENDED,
    SourceState.CLOSED: sources_pb2.SOURCE_STATE_CLOSED,
}
VERIFICATIONS = {
    Verification.UNVERIFIED: sources_pb2.SOURCE_VERIFICATION_UNVERIFIED,
    Verification.OPERATING: sources_pb2.SOURCE_VERIFICATION_OPERATING,
    Verification.CLOSED: sources_pb2.SOURCE_VERIFICATION_CLOSED,
    Verification.NOT_FOUND: sources_pb2.SOURCE_VERIFICATION_NOT_FOUND,
}
STATE_OF = {number: state for state, number in STATES.items()}
VERIFICATION_OF = {number: found for found, number in VERIFICATIONS.items()}


def source_message(view: SourceView, settings: SourceSettings) -> sources_pb2.Source:
    """A source, with what the county's settings ask for its grade."""
    source, profile = view.source, view.source.profile
    grade = settings.grades.get(source.grade)
    return sources_pb2.Source(
        county_id=call.current().county_id,
        pollution_source_id=str(source.source_id),
        grid_id=str(profile.grid_id),
        grid_path=view.grid_path,
        grid_code=view.grid_code,
        grid_name=view.grid_name,
        name=profile.name,
        type=profile.type,
        grade=source.grade,
        key_object=source.key_object,
        supervision=None if grade is None else write_supervision(grade),
        credit_code=profile.credit_code,
        address=profile.address,
        industry=profile.industry,
        longitude=profile.longitude,
        latitude=profile.latitude,
        zone=profile.zone,
        state=STATES[profile.state],
        verification=VERIFICATIONS[source.verification],
        verify_time=source.verified_at,
        off_list=source.off_list,
        automatic_monitoring=profile.automatic_monitoring,
        patrol_monitoring=profile.patrol_monitoring,
        law_record=profile.law_record,
        cases_opened=view.cases_opened,
        cases_closed=view.cases_closed,
        departments=view.departments,
        create_time=source.created_at,
        version=source.version,
    )


write_supervision = writer(sources_pb2.Supervision, Grade)


def words(names: Mapping[str, str]) -> list[sources_pb2.SourceWord]:
    """Words of the county's."""
    return [sources_pb2.SourceWord(id=key, name=name) for key, name in names.items()]


write_grade = writer(sources_pb2.SourceGrade, Grade, made={"supervision": write_supervision})


write_inspection = writer(sources_pb2.SourceLook, Inspection, names={"look_time": "at"})


write_grading = writer(sources_pb2.SourceGrading, Grading, names={"grade_time": "at"})


def origin_message(
    origin: Origin, supplied: SourceList, conflicts: list[str]
) -> sources_pb2.SourceOrigin:
    """That a list names a source."""
    return sources_pb2.SourceOrigin(
        list_id=str(origin.list_id),
        department_id=origin.department_id,
        title=supplied.title,
        received_on=supplied.received_on.isoformat(),
        row_number=origin.row,
        said_json=orjson.dumps(dict(origin.said)).decode(),
        conflicts=conflicts,
        add_time=origin.added_at,
    )


write_list = writer(source_lists_pb2.SourceList, SourceList, names={"sources": "origins"})


def groups(
    counts: tuple[tuple[str, int], ...], names: Mapping[str, str]
) -> list[source_totals_pb2.SourceGroup]:
    """Counts by key."""
    return [
        source_totals_pb2.SourceGroup(key=key, name=names.get(key, key), count=count)
        for key, count in counts
    ]


def flag(message: Any, name: str) -> bool | None:
    """A member that may be absent."""
    value: bool | None = getattr(message, name) if message.HasField(name) else None
    return value
