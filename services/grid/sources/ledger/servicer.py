"""The ledger of pollution sources over gRPC: messages to domain objects and back."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import grpc
from uuid6 import uuid7

from services.grid.sources import credit_codes
from services.grid.sources.ledger import messages
from services.grid.sources.ledger import usecases as sources
from services.grid.sources.ledger.domain import (
    PagePlace,
    Profile,
    SourceFilters,
    SourceNotFound,
    SourceState,
    SourceView,
)
from services.grid.sources.ledger.usecases import Change, NewSource, settings_of
from services.grid.sources.lists import usecases as source_lists
from services.grid.sources.lists.domain import ListNotFound
from services.grid.sources.totals import usecases as source_totals
from services.grid.store import GridTransaction
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.db.transaction import UnitOfWork
from shared.errors import InvalidArgument, Text, Violation
from shared.rpc import call, paging
from shared.rpc.fields import NO_UUID, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rows import outcome_message
from shared.rpc.rules import Rule, Rules
from wangge.grid.v1 import sources_pb2
from wangge.grid.v1 import sources_service_pb2 as pb
from wangge.grid.v1 import sources_service_pb2_grpc as pb_grpc

READERS = Rule(capability="read", city_roles=frozenset({CITY_OPERATOR, CITY_SUPERVISOR}))
WRITERS = Rule(any_post=True)
"""Two capabilities let people write; the use case asks for one of them."""
CONFIGURERS = Rule.needs("configure")
RULES: Rules = {
    "GetSourceSettings": READERS,
    "CreateSource": WRITERS,
    "UpdateSource": WRITERS,
    "GetSource": READERS,
    "ListSources": READERS,
    "VerifySource": WRITERS,
    "GradeSource": WRITERS,
    "GetSourceHistory": READERS,
    "CreateSourceList": CONFIGURERS,
    "ListSourceLists": READERS,
    "ImportSources": CONFIGURERS,
    "GetSourceListProgress": READERS,
    "GetSourceDistribution": READERS,
}
TEXTS = (
    "name",
    "type",
    "address",
    "industry",
    "zone",
    "automatic_monitoring",
    "patrol_monitoring",
    "law_record",
)
NO_DAY = Text("Give a day as YYYY-MM-DD.", "请按 YYYY-MM-DD 填写日期。")


class SourceServicer(pb_grpc.SourceServiceServicer):
    """The ledger of pollution sources."""

    def __init__(
        self, unit_of_work: UnitOfWork[GridTransaction], clock: Callable[[], datetime]
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def GetSourceSettings(
        self, request: pb.GetSourceSettingsRequest, context: grpc.ServicerContext
    ) -> pb.GetSourceSettingsResponse:
        """Return the county's settings of today."""
        with self._unit_of_work(call.current()) as tx:
            settings = settings_of(tx, self._clock())
        return pb.GetSourceSettingsResponse(
            types=messages.words(settings.types),
            grades=[messages.grade_message(grade) for grade in settings.grades.values()],
            zones=messages.words(settings.zones),
            file_standard=[
                sources_pb2.SourceFilePart(id=part.id, name=part.name, required=part.required)
                for part in settings.file_standard
            ],
            minimum_count=settings.minimum_count,
        )

    def CreateSource(
        self, request: pb.CreateSourceRequest, context: grpc.ServicerContext
    ) -> pb.CreateSourceResponse:
        """Enter a source."""
        new = _new_source(request)

        def act(tx: GridTransaction) -> pb.CreateSourceResponse:
            view = sources.create_source(tx, new, self._clock())
            return pb.CreateSourceResponse(source=self._shown(tx, view))

        return once(self._unit_of_work, request, pb.CreateSourceResponse, act)

    def UpdateSource(
        self, request: pb.UpdateSourceRequest, context: grpc.ServicerContext
    ) -> pb.UpdateSourceResponse:
        """Change what is given."""
        given = _given(request)

        def act(tx: GridTransaction) -> pb.UpdateSourceResponse:
            view = sources.update_source(tx, self._change(request), given)
            return pb.UpdateSourceResponse(source=self._shown(tx, view))

        return once(self._unit_of_work, request, pb.UpdateSourceResponse, act)

    def GetSource(
        self, request: pb.GetSourceRequest, context: grpc.ServicerContext
    ) -> pb.GetSourceResponse:
        """Return one source."""
        with self._unit_of_work(call.current()) as tx:
            view = sources.get_source(tx, source_id_of(request))
            return pb.GetSourceResponse(source=self._shown(tx, view))

    def ListSources(
        self, request: pb.ListSourcesRequest, context: grpc.ServicerContext
    ) -> pb.ListSourcesResponse:
        """List sources by grid."""
        size = paging.size(request.page_size)
        after = page_place(request.page_token)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        filters = _filters(request)
        with self._unit_of_work(call.current()) as tx:
            found = sources.list_sources(tx, grid_id, filters, after, size + 1)
            settings = settings_of(tx, self._clock())
        page = found[:size]
        return pb.ListSourcesResponse(
            sources=[messages.source_message(view, settings) for view in page],
            next_page_token=next_token(page) if len(found) > size else "",
        )

    def VerifySource(
        self, request: pb.VerifySourceRequest, context: grpc.ServicerContext
    ) -> pb.VerifySourceResponse:
        """Enter what was found on site."""
        result = messages.VERIFICATION_OF.get(request.result)

        def act(tx: GridTransaction) -> pb.VerifySourceResponse:
            view = sources.verify_source(tx, self._change(request), result, request.note)
            return pb.VerifySourceResponse(source=self._shown(tx, view))

        return once(self._unit_of_work, request, pb.VerifySourceResponse, act)

    def GradeSource(
        self, request: pb.GradeSourceRequest, context: grpc.ServicerContext
    ) -> pb.GradeSourceResponse:
        """Give a grade."""

        def act(tx: GridTransaction) -> pb.GradeSourceResponse:
            view = sources.grade_source(
                tx,
                self._change(request),
                request.grade,
                key_object=request.key_object,
                reason=request.reason,
            )
            return pb.GradeSourceResponse(source=self._shown(tx, view))

        return once(self._unit_of_work, request, pb.GradeSourceResponse, act)

    def GetSourceHistory(
        self, request: pb.GetSourceHistoryRequest, context: grpc.ServicerContext
    ) -> pb.GetSourceHistoryResponse:
        """Return what was done to a source's entry."""
        with self._unit_of_work(call.current()) as tx:
            history = sources.get_history(tx, source_id_of(request), self._clock())
        return pb.GetSourceHistoryResponse(
            looks=[messages.look_message(look) for look in history.looks],
            gradings=[messages.grading_message(grading) for grading in history.gradings],
            origins=[messages.origin_message(*origin) for origin in history.origins],
        )

    def CreateSourceList(
        self, request: pb.CreateSourceListRequest, context: grpc.ServicerContext
    ) -> pb.CreateSourceListResponse:
        """Record a list."""
        received_on = day(request.received_on, "/received_on")

        def act(tx: GridTransaction) -> pb.CreateSourceListResponse:
            made = source_lists.create_list(
                tx,
                new_id(),
                department_id=request.department_id,
                title=request.title,
                received_on=received_on,
                now=self._clock(),
            )
            return pb.CreateSourceListResponse(list=messages.list_message(made))

        return once(self._unit_of_work, request, pb.CreateSourceListResponse, act)

    def ListSourceLists(
        self, request: pb.ListSourceListsRequest, context: grpc.ServicerContext
    ) -> pb.ListSourceListsResponse:
        """List the lists."""
        size = paging.size(request.page_size)
        after = paging.decode_one(request.page_token, UUID)
        with self._unit_of_work(call.current()) as tx:
            found = source_lists.list_lists(tx, request.department_id, after, size + 1)
        page = found[:size]
        return pb.ListSourceListsResponse(
            lists=[messages.list_message(each) for each in page],
            next_page_token=paging.encode(page[-1].list_id) if len(found) > size else "",
        )

    def ImportSources(
        self, request: pb.ImportSourcesRequest, context: grpc.ServicerContext
    ) -> pb.ImportSourcesResponse:
        """Take a list's rows."""
        list_id = uuid_or(request.list_id, ListNotFound(list_id=request.list_id))
        rows = [(row.number, dict(row.cells)) for row in request.rows]

        def act(tx: GridTransaction) -> pb.ImportSourcesResponse:
            outcome = source_lists.import_sources(
                tx, list_id, rows, dry_run=request.dry_run, now=self._clock(), new_id=new_id
            )
            return pb.ImportSourcesResponse(
                outcome=outcome_message(outcome, dry_run=request.dry_run)
            )

        if request.dry_run:  # has no effect to keep, and must count anew each time
            with self._unit_of_work(call.current()) as tx:
                return act(tx)
        return once(self._unit_of_work, request, pb.ImportSourcesResponse, act)

    def GetSourceListProgress(
        self, request: pb.GetSourceListProgressRequest, context: grpc.ServicerContext
    ) -> pb.GetSourceListProgressResponse:
        """Tell how far a list was verified."""
        list_id = uuid_or(request.list_id, ListNotFound(list_id=request.list_id))
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        with self._unit_of_work(call.current()) as tx:
            found = source_lists.progress(tx, list_id, grid_id)
        return pb.GetSourceListProgressResponse(
            verified=sum(share.verified for share in found),
            unverified=sum(share.unverified for share in found),
            shares=[
                sources_pb2.SourceListShare(
                    grid_id=str(share.grid_id),
                    grid_path=share.path,
                    grid_name=share.grid_name,
                    own=share.own,
                    verified=share.verified,
                    unverified=share.unverified,
                )
                for share in found
            ],
        )

    def GetSourceDistribution(
        self, request: pb.GetSourceDistributionRequest, context: grpc.ServicerContext
    ) -> pb.GetSourceDistributionResponse:
        """Count sources by grid and key."""
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        by = request.by or "grid"
        with self._unit_of_work(call.current()) as tx:
            found = source_totals.distribution(tx, grid_id, by, self._clock())
        return pb.GetSourceDistributionResponse(
            count=found.count,
            groups=messages.groups(found.groups, found.names),
            shares=[
                sources_pb2.SourceShare(
                    grid_id=str(part_id),
                    grid_path=share.path,
                    grid_name=name,
                    own=share.own,
                    count=count,
                    groups=messages.groups(share.groups, found.names),
                )
                for share, count, part_id, name in found.shares
            ],
            minimum_count=found.minimum_count,
            lacking=found.lacking,
        )

    def _change(self, request: Any) -> Change:
        return Change(source_id_of(request), request.expected_version, self._clock())

    def _shown(self, tx: GridTransaction, view: SourceView) -> sources_pb2.Source:
        return messages.source_message(view, settings_of(tx, self._clock()))


def source_id_of(request: Any) -> UUID:
    """The source that a request names. Raises SourceNotFound for what is no id."""
    return uuid_or(request.source_id, SourceNotFound(source_id=request.source_id))


def new_id() -> UUID:
    """An id that is greater than those before it."""
    return UUID(int=uuid7().int)


def day(text: str, pointer: str) -> date | None:
    """A day, None where none is given. Raises InvalidArgument."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidArgument([Violation(pointer, NO_DAY)]) from error
    if found is not None and found.isoformat() != text:  # fromisoformat takes 20261001 too
        raise InvalidArgument([Violation(pointer, NO_DAY)])
    return found


def page_place(token: str) -> PagePlace | None:
    """Where a page of sources begins. Raises InvalidArgument for what is no token of it."""
    key = paging.decode(token, 2)
    if key is None:
        return None
    try:
        path, source_id = key
        [int(node) for node in path.removesuffix(".").split(".")]
        return PagePlace(path, UUID(source_id))
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidArgument([Violation("/page_token", paging.BAD_TOKEN)]) from error


def next_token(page: list[SourceView]) -> str:
    """The token of the page after this one."""
    return paging.encode(page[-1].grid_path, page[-1].source.source_id)


def _new_source(request: pb.CreateSourceRequest) -> NewSource:
    grid_id = optional_uuid(request.grid_id, "/grid_id")
    if grid_id is None:
        raise InvalidArgument([Violation("/grid_id", NO_UUID)])
    return NewSource(
        source_id=new_id(),
        profile=Profile(
            grid_id=grid_id,
            credit_code=credit_codes.normal(request.credit_code),
            longitude=messages.flag(request, "longitude"),
            latitude=messages.flag(request, "latitude"),
            state=messages.STATE_OF.get(request.state, SourceState.UNKNOWN),
            **{name: getattr(request, name) for name in TEXTS},
        ),
        grade=request.grade,
        key_object=request.key_object,
        off_list=request.off_list,
    )


def _given(request: pb.UpdateSourceRequest) -> dict[str, Any]:
    """The members of the profile that are to change."""
    names = (*TEXTS, "longitude", "latitude")
    given: dict[str, Any] = {
        name: getattr(request, name) for name in names if request.HasField(name)
    }
    if request.HasField("credit_code"):
        given["credit_code"] = credit_codes.normal(request.credit_code)
    if request.HasField("grid_id"):
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        if grid_id is None:
            raise InvalidArgument([Violation("/grid_id", NO_UUID)])
        given["grid_id"] = grid_id
    if request.HasField("state"):
        given["state"] = messages.STATE_OF.get(request.state, SourceState.UNKNOWN)
    return given


def _filters(request: pb.ListSourcesRequest) -> SourceFilters:
    return SourceFilters(
        type=request.type,
        grade=request.grade,
        department_id=request.department_id,
        list_id=optional_uuid(request.list_id, "/list_id"),
        object_id=optional_uuid(request.object_id, "/object_id"),
        verification=messages.VERIFICATION_OF.get(request.verification),
        state=messages.STATE_OF.get(request.state),
        key_object=messages.flag(request, "key_object"),
        off_list=messages.flag(request, "off_list"),
        zone=request.zone,
        industry=request.industry,
        name=request.name,
    )
