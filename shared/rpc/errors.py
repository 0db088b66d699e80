"""Domain errors as gRPC statuses, and back."""

import logging
import typing
from collections.abc import Iterable
from dataclasses import dataclass

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details
from google.rpc import status_pb2
from grpc_status import rpc_status
from sqlalchemy import exc

from shared.errors import DomainError, Text, Violation
from shared.structure.store import StructureNotYetKnown

log = logging.getLogger(__name__)

TITLE_LOCALES = ("en-x-title", "zh-x-title")
DETAIL_LOCALES = ("en", "zh")
LONGEST_MESSAGE = 120
LONGEST_TEXT = 500
VIOLATION_BYTES = 24_000
"""Together these keep a status, in base64, within what ``shared.rpc.client`` takes of metadata. The
message proper takes nine bytes for a Chinese character, the details four."""
STRUCTURE_RETRY_SECONDS = 2
UNAVAILABLE_ERRORS = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)


class DatabaseUnavailable(DomainError):
    """The database cannot be reached; the same request may succeed later."""

    status = "UNAVAILABLE"
    reason = "DATABASE_UNAVAILABLE"
    title = Text("Temporarily unavailable", "服务暂不可用")
    detail = Text(
        "The service cannot reach its database. Nothing was changed; try again shortly.",
        "服务暂时无法访问数据库,未作任何更改,请稍后重试。",
    )


class StructureNotReady(DomainError):
    """The county's scheme or grids have not reached the service yet."""

    status = "UNAVAILABLE"
    reason = "STRUCTURE_NOT_READY"
    title = Text("Not ready yet", "尚未就绪")
    detail = Text(
        "The county's scheme or grids have not reached this service yet. Nothing was changed; "
        "try again in {retry_after} seconds.",
        "本县的方案或网格信息尚未同步到该服务,未作任何更改,请在 {retry_after} 秒后重试。",
    )


class PeerUnavailable(DomainError):
    """Another service, whose answer was needed, did not give one."""

    status = "UNAVAILABLE"
    reason = "PEER_UNAVAILABLE"
    title = Text("Temporarily unavailable", "服务暂不可用")
    detail = Text(
        "A part of the platform did not answer. Nothing was changed; try again shortly.",
        "平台的一个组成部分没有应答,未作任何更改,请稍后重试。",
    )


class InternalError(DomainError):
    """A fault of the platform itself; its log has the trace under the request's id."""

    status = "INTERNAL"
    reason = "INTERNAL"
    title = Text("Internal error", "内部错误")
    detail = Text(
        "Something went wrong on our side. Tell the operators the request id.",
        "平台内部出错,请将请求编号告知运维人员。",
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a caller sees it."""

    status: grpc.StatusCode
    reason: str
    domain: str
    metadata: dict[str, str]
    title: Text
    detail: Text
    violations: tuple[Violation, ...] = ()
    retry_after: int | None = None


def domain_error_of(error: Exception) -> DomainError:
    """The domain error that stands for any exception; unknown ones are logged with their trace."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, StructureNotYetKnown):
        log.warning("structure not known yet: %s", error)
        return StructureNotReady(retry_after=STRUCTURE_RETRY_SECONDS)
    if isinstance(error, UNAVAILABLE_ERRORS):
        log.warning("database unavailable: %s", error)
        return DatabaseUnavailable()
    log.error("unexpected error", exc_info=error)
    return InternalError()


def to_status(error: DomainError, domain: str) -> grpc.Status:
    """The status with everything a caller needs: ErrorInfo, both languages, fields, retry time."""
    code = grpc.StatusCode[error.status]
    status = status_pb2.Status(code=code.value[0], message=_cut(error.text.en, LONGEST_MESSAGE))
    for detail in _details(error, domain):
        packed = Any()
        packed.Pack(detail)
        status.details.append(packed)
    return rpc_status.to_status(status)


_CALLS = (grpc.Call, grpc.aio.AioRpcError)
"""Errors of calls that have a status: those of threads, and those of an event loop."""


def problem_of(error: grpc.RpcError) -> Problem:
    """The problem that a failed call reports, also where it carries no details of ours."""
    call: typing.Any = error  # the package knows the calls of threads only
    status = rpc_status.from_call(call) if isinstance(error, _CALLS) else None
    if status is None or not status.details:
        return _bare_problem(error)
    info, texts = details.ErrorInfo(), {}
    violations: tuple[Violation, ...] = ()
    retry_after = None
    for packed in status.details:
        if packed.Is(details.ErrorInfo.DESCRIPTOR):
            packed.Unpack(info)
        elif packed.Is(details.LocalizedMessage.DESCRIPTOR):
            message = details.LocalizedMessage.FromString(packed.value)
            texts[message.locale] = message.message
        elif packed.Is(details.BadRequest.DESCRIPTOR):
            violations = _violations(details.BadRequest.FromString(packed.value))
        elif packed.Is(details.RetryInfo.DESCRIPTOR):
            retry_after = details.RetryInfo.FromString(packed.value).retry_delay.seconds
    return Problem(
        status=error.code(),
        reason=info.reason or error.code().name,
        domain=info.domain,
        metadata=dict(info.metadata),
        title=_text(texts, TITLE_LOCALES, error.code().name),
        detail=_text(texts, DETAIL_LOCALES, status.message),
        violations=violations,
        retry_after=retry_after,
    )


def _details(error: DomainError, domain: str) -> Iterable[Message]:
    metadata = {key: _cut(value) for key, value in error.metadata.items()}
    yield details.ErrorInfo(reason=error.reason, domain=domain, metadata=metadata)
    yield from _localized(TITLE_LOCALES, error.title)
    yield from _localized(DETAIL_LOCALES, error.text)
    if error.violations:
        yield details.BadRequest(field_violations=_fields(error.violations))
    if "retry_after" in error.metadata:
        seconds = int(error.metadata["retry_after"])
        yield details.RetryInfo(retry_delay=Duration(seconds=seconds))


def _localized(locales: tuple[str, str], text: Text) -> Iterable[Message]:
    yield details.LocalizedMessage(locale=locales[0], message=_cut(text.en))
    yield details.LocalizedMessage(locale=locales[1], message=_cut(text.zh))


def _fields(violations: Iterable[Violation]) -> list[details.BadRequest.FieldViolation]:
    """The first violations: at least one, and as many as there is room for."""
    fields: list[details.BadRequest.FieldViolation] = []
    room = VIOLATION_BYTES
    for field in map(_field, violations):
        room -= field.ByteSize()
        if fields and room < 0:
            break
        fields.append(field)
    return fields


def _cut(text: str, longest: int = LONGEST_TEXT) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def _field(violation: Violation) -> details.BadRequest.FieldViolation:
    return details.BadRequest.FieldViolation(
        field=violation.pointer,
        description=_cut(violation.detail.en),
        localized_message=details.LocalizedMessage(locale="zh", message=_cut(violation.detail.zh)),
    )


def _violations(bad_request: details.BadRequest) -> tuple[Violation, ...]:
    return tuple(
        Violation(field.field, Text(field.description, field.localized_message.message))
        for field in bad_request.field_violations
    )


def _text(texts: dict[str, str], locales: tuple[str, str], fallback: str) -> Text:
    en = texts.get(locales[0], fallback)
    return Text(en, texts.get(locales[1], en))


def _bare_problem(error: grpc.RpcError) -> Problem:
    code = error.code() if isinstance(error, _CALLS) else grpc.StatusCode.UNKNOWN
    stands_for: type[DomainError] = (
        PeerUnavailable
        if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        else InternalError
    )
    return Problem(code, stands_for.reason, "", {}, stands_for.title, stands_for.detail)
