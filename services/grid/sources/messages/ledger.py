"""Pollution sources as messages, and back."""

from collections.abc import Mapping
from typing import Any

import orjson

from services.grid.sources.domain import credit_codes
from services.grid.sources.domain.ledger import (
    Grading,
    Inspection,
    Profile,
    SourceFilters,
    SourceState,
    SourceView,
    Verification,
)
from services.grid.sources.domain.lists import Origin, SourceList
from services.grid.sources.domain.settings import Grade, SourceSettings
from shared.rpc.messages import writer
from shared.rpc.requests import changes, numbered, reader
from wangge.grid.v1 import source_lists_pb2, source_totals_pb2, sources_pb2

STATE_OF = numbered(sources_pb2.SourceState.DESCRIPTOR, SourceState)
VERIFICATION_OF = numbered(sources_pb2.SourceVerification.DESCRIPTOR, Verification)
read_profile = reader(
    sources_pb2.CreateSourceRequest,
    Profile,
    made={
        "credit_code": lambda request: credit_codes.normal(request.credit_code),
        "state": lambda request: STATE_OF.get(request.state, SourceState.UNKNOWN),
    },
)
read_filters = reader(sources_pb2.ListSourcesRequest, SourceFilters)
_read_changes = changes(sources_pb2.UpdateSourceRequest, Profile)
_write_source = writer(
    sources_pb2.Source,
    SourceView,
    parts=("source", "source.profile"),
    names={"pollution_source_id": "source.source_id"},
    left_out=("supervision",),
)


def source_message(view: SourceView, settings: SourceSettings) -> sources_pb2.Source:
    """A source, with what the county's settings ask for its grade."""
    message = _write_source(view)
    if grade := settings.grades.get(view.source.grade):
        message.supervision.CopyFrom(write_supervision(grade))
    return message


def read_changes(request: sources_pb2.UpdateSourceRequest) -> dict[str, Any]:
    """The attributes of the profile that are to change."""
    given = _read_changes(request)
    if "credit_code" in given:
        given["credit_code"] = credit_codes.normal(given["credit_code"])
    return given


write_supervision = writer(sources_pb2.Supervision, Grade)


def words(names: Mapping[str, str]) -> list[sources_pb2.SourceWord]:
    """Return the county's words as messages."""
    return [sources_pb2.SourceWord(id=key, name=name) for key, name in names.items()]


write_grade = writer(sources_pb2.SourceGrade, Grade, made={"supervision": write_supervision})


write_inspection = writer(sources_pb2.SourceLook, Inspection, names={"look_time": "at"})


write_grading = writer(sources_pb2.SourceGrading, Grading, names={"grade_time": "at"})


def origin_message(
    origin: Origin, supplied: SourceList, conflicts: list[str]
) -> sources_pb2.SourceOrigin:
    """Return what a list says about a source as a message."""
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
    """Return a member of a message, or None if it is absent."""
    value: bool | None = getattr(message, name) if message.HasField(name) else None
    return value
