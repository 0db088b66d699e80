"""Errors as problem details (RFC 9457), in the reader's language."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import falcon
import falcon.asgi
import grpc

from gateway import errors
from gateway.exchange import Exchange, exchange_of
from gateway.views import to_json
from shared.errors import DomainError, Text, Unauthenticated, Violation
from shared.rpc.errors import InternalError, Problem, problem_of

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
STATUSES = {
    "INVALID_ARGUMENT": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "FAILED_PRECONDITION": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "CANCELLED": 503,
    "DEADLINE_EXCEEDED": 504,
}
RETRY_SECONDS = {503: 1, 504: 5}
"""Seconds after which a request is worth another try, where the error does not say."""
REASON_STATUSES = {"IDEMPOTENCY_KEY_REUSED": 422}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem and the HTTP status it is answered with."""

    status: int
    problem: Problem


def install(app: falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response]) -> None:
    """Answer every error of the application, the router's too, with problem details."""
    app.add_error_handler(Exception, _on_crash)
    app.add_error_handler(falcon.HTTPError, _on_http_error)
    app.add_error_handler(DomainError, _on_domain_error)
    app.add_error_handler(grpc.RpcError, _on_rpc_error)


def refusal_of(error: DomainError) -> Refusal:
    """The refusal for an error of the gateway itself."""
    problem = Problem(
        status=grpc.StatusCode[error.status],
        reason=error.reason,
        domain=errors.DOMAIN,
        metadata=error.metadata,
        title=error.title,
        detail=error.text,
        violations=error.violations,
        retry_after=int(error.metadata["retry_after"]) if "retry_after" in error.metadata else None,
    )
    own = getattr(error, "http_status", None)
    return Refusal(own or http_status(problem), problem)


def refusal_of_call(error: grpc.RpcError) -> Refusal:
    """The refusal for a failed call. A server without free threads counts as overloaded."""
    problem = problem_of(error)
    if problem.status is grpc.StatusCode.RESOURCE_EXHAUSTED and not problem.domain:
        return refusal_of(errors.Overloaded(retry_after=1))
    return Refusal(http_status(problem), problem)


def http_status(problem: Problem) -> int:
    """The HTTP status of a problem; 500 where its status has none."""
    return REASON_STATUSES.get(problem.reason) or STATUSES.get(problem.status.name, 500)


def answer(resp: falcon.asgi.Response, refusal: Refusal, exchange: Exchange) -> None:
    """Write the refusal; a stale version is 412 for those who sent If-Match."""
    status = refusal.status
    if refusal.problem.status is grpc.StatusCode.ABORTED and exchange.if_match:
        status = 412
    resp.status = falcon.code_to_http_status(status)
    resp.content_type = CONTENT_TYPE
    resp.data = to_json(document(refusal.problem, status, exchange))
    resp.set_header("Content-Language", exchange.language)
    resp.append_header("Vary", "Accept-Language")
    resp.set_header("Cache-Control", "no-store")
    retry_after = refusal.problem.retry_after or RETRY_SECONDS.get(status)
    if retry_after is not None:
        resp.set_header("Retry-After", str(retry_after))
    if status == HTTPStatus.UNAUTHORIZED:
        resp.set_header("WWW-Authenticate", _challenge(refusal.problem.reason))


def document(problem: Problem, status: int, exchange: Exchange) -> dict[str, Any]:
    """The problem as its JSON document."""
    members: dict[str, Any] = {
        "type": f"/problems/{problem.reason.lower().replace('_', '-')}",
        "title": _say(problem.title, exchange),
        "status": status,
        "detail": _say(problem.detail, exchange),
        "instance": exchange.path,
        "reason": problem.reason,
        "domain": problem.domain,
        "request_id": exchange.correlation_id,
    }
    if problem.violations:
        members["errors"] = [_fault(each, exchange) for each in problem.violations]
    return members


def _fault(violation: Violation, exchange: Exchange) -> dict[str, str]:
    return {
        "pointer": _shown_pointer(violation.pointer),
        "detail": _say(violation.detail, exchange),
    }


def _shown_pointer(pointer: str) -> str:
    """A pointer as the caller knows the members: JSON shows ``settings_json`` as ``settings``."""
    first, *rest = pointer.removeprefix("/").split("/")
    if not first:
        return pointer
    return "/" + "/".join([first.removesuffix("_json"), *rest])


def _say(text: Text, exchange: Exchange) -> str:
    return (text.zh if exchange.language == "zh" else text.en) or text.en


def _challenge(reason: str) -> str:
    if reason == Unauthenticated.reason:
        return 'Bearer realm="wangge"'
    return 'Bearer realm="wangge", error="invalid_token"'


async def _on_domain_error(
    req: falcon.asgi.Request, resp: falcon.asgi.Response, error: DomainError, params: object
) -> None:
    answer(resp, refusal_of(error), exchange_of(req))


async def _on_rpc_error(
    req: falcon.asgi.Request, resp: falcon.asgi.Response, error: grpc.RpcError, params: object
) -> None:
    refusal = refusal_of_call(error)
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("a service failed: %s", error, extra=exchange_of(req).labels())
    answer(resp, refusal, exchange_of(req))


async def _on_http_error(
    req: falcon.asgi.Request, resp: falcon.asgi.Response, error: falcon.HTTPError, params: object
) -> None:
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        allowed = dict(error.headers or ())["Allow"]
        resp.set_header("Allow", allowed)
        refused: DomainError = errors.MethodNotAllowed(allowed=allowed)
    elif error.status_code == HTTPStatus.NOT_FOUND:
        refused = errors.RouteNotFound(kind="address", id=req.path)
    else:
        refused = errors.BadRequest(fault=error.title)
    answer(resp, refusal_of(refused), exchange_of(req))


async def _on_crash(
    req: falcon.asgi.Request, resp: falcon.asgi.Response, error: Exception, params: object
) -> None:
    log.error("unexpected error", exc_info=error, extra=exchange_of(req).labels())
    answer(resp, refusal_of(InternalError()), exchange_of(req))
