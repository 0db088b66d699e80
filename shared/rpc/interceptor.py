"""What happens around every RPC: authentication, access, checks, measurements and errors."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import uuid4

import grpc
from grpc_status import rpc_status

from shared import logging as json_log
from shared.context import RequestContext
from shared.errors import DomainError, Unauthenticated
from shared.metrics import RPC_HANDLED, RPC_SECONDS
from shared.rpc import call
from shared.rpc.checks import Check
from shared.rpc.errors import PeerUnavailable, domain_error_of, to_status
from shared.rpc.rules import AccessRule
from shared.rpc.texts import refuse_nul
from shared.tokens import Verifier

log = logging.getLogger("rpc")
audit = logging.getLogger("audit")

Behaviour = Callable[[Any, grpc.ServicerContext], Any]


@dataclass(frozen=True, slots=True)
class _Received:
    """A request, and whether its bytes contain a zero byte, in a text or in a number."""

    message: Any
    has_nul_byte: bool


@dataclass(frozen=True, slots=True)
class Method:
    """One method as the guard sees it: who may call it, and what its request must be."""

    name: str
    rule: AccessRule
    check: Check


class Guard(grpc.ServerInterceptor):
    """Wraps the methods it is given; those of other services (health, reflection) pass unchanged.

    It checks who is calling, then whether they are allowed to, and only then the request itself.
    """

    def __init__(self, service: str, methods: Mapping[str, Method], verifier: Verifier) -> None:
        """``methods`` are keyed by the name on the wire, ``/wangge.cases.v1.CaseService/GetCase``."""
        self._service = service
        self._methods = methods
        self._verifier = verifier

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Any],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Wrap the handler of a call; grpc calls this once for each call."""
        handler = continuation(handler_call_details)
        method = self._methods.get(handler_call_details.method)
        if handler is None or method is None:
            return handler
        metadata = dict(handler_call_details.invocation_metadata)
        return grpc.unary_unary_rpc_method_handler(
            self._guarded(method, metadata, handler.unary_unary),
            request_deserializer=_receiving(handler.request_deserializer),
            response_serializer=handler.response_serializer,
        )

    def _guarded(
        self, method: Method, metadata: Mapping[str, Any], behaviour: Behaviour
    ) -> Behaviour:
        def answer(received: _Received, servicer_context: grpc.ServicerContext) -> Any:
            request = received.message
            started = time.perf_counter()
            code = "OK"
            context = RequestContext("", _correlation_id(metadata))
            try:
                context = self._admit(method.rule, method.name, metadata, request)
                if received.has_nul_byte:
                    refuse_nul(request)
                method.check(request)
                with (
                    call.answering(context, servicer_context.time_remaining()),
                    json_log.bound(context),
                ):
                    return behaviour(request, servicer_context)
            except grpc.RpcError as error:
                code = _pass_on(error, servicer_context, self._service)
            except Exception as error:  # noqa: BLE001 - the edge: every error becomes a status
                with json_log.bound(context):
                    domain_error = domain_error_of(error)
                code = domain_error.status
                servicer_context.abort_with_status(to_status(domain_error, self._domain))
            finally:
                self._record(method.name, code, time.perf_counter() - started, context)

        return answer

    @property
    def _domain(self) -> str:
        return f"{self._service}.wangge"

    def _admit(
        self, rule: AccessRule, method: str, metadata: Mapping[str, Any], request: Any
    ) -> RequestContext:
        county_id = getattr(request, "county_id", "")
        correlation_id = _correlation_id(metadata)
        if rule.anonymous:
            return RequestContext(county_id=county_id, correlation_id=correlation_id)
        token = _bearer(metadata)
        context = self._verifier.verify(token).context(
            token, correlation_id, metadata.get("traceparent")
        )
        admitted = rule.admit(context, county_id, method)
        if admitted.county_id != context.county_id:
            audit.info(
                "city acts in a county",
                extra={"method": method, "county_id": county_id, "actor_id": context.actor_id},
            )
        return admitted

    def _record(self, method: str, code: str, seconds: float, context: RequestContext) -> None:
        RPC_HANDLED.labels(self._service, method, code).inc()
        RPC_SECONDS.labels(self._service, method).observe(seconds)
        with json_log.bound(context):
            log.info(
                "answered", extra={"method": method, "status": code, "seconds": round(seconds, 6)}
            )


def _receiving(deserialize: Callable[[bytes], Any]) -> Callable[[bytes], _Received]:
    return lambda wire: _Received(deserialize(wire), b"\x00" in wire)


def _correlation_id(metadata: Mapping[str, Any]) -> str:
    return str(metadata.get("x-correlation-id") or uuid4())


def _bearer(metadata: Mapping[str, Any]) -> str:
    scheme, _, token = str(metadata.get("authorization", "")).partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    return token


def _pass_on(error: grpc.RpcError, context: grpc.ServicerContext, service: str) -> str:
    """Answer with a peer's own error; a peer that gave none of ours counts as unavailable."""
    status = rpc_status.from_call(error) if isinstance(error, grpc.Call) else None
    if status is not None and status.details:
        code: str = error.code().name
        _abort(context, rpc_status.to_status(status))
        return code
    log.warning("a peer failed: %s", error)
    unavailable: DomainError = PeerUnavailable()
    _abort(context, to_status(unavailable, f"{service}.wangge"))
    return unavailable.status


def _abort(context: grpc.ServicerContext, status: grpc.Status) -> NoReturn:
    context.abort_with_status(status)
    raise AssertionError("abort_with_status never returns")
