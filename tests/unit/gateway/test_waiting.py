"""What may wait, for how long, and how much of it: bodies, threads, calls to services."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import falcon.asgi
import grpc
import pytest

from gateway import problem
from gateway.bodies import Bodies
from gateway.calls import FAILURES_IN_A_ROW, Service
from gateway.errors import (
    BodyIncomplete,
    BodyTooLarge,
    BodyTooSlow,
    NotAnswering,
    Overloaded,
    TooManyBodies,
)
from gateway.exchange import Exchange, Receive
from gateway.routes import ROUTES
from gateway.threads import Threads
from shared.errors import DomainError

NEVER = 3600.0


def exchange(receive: Receive, address: str = "10.0.0.1", length: int = 100) -> Exchange:
    headers = [(b"content-length", str(length).encode())]
    scope = {"method": "POST", "path": "/", "headers": headers, "client": (address, 1)}
    return Exchange(scope, receive)


def pieces(*given: tuple[float, bytes]) -> Receive:
    """A body whose pieces come after so many seconds each."""
    left = list(given)

    async def receive() -> dict[str, Any]:
        pause, piece = left.pop(0)
        if pause:
            nothing = asyncio.ensure_future(asyncio.Event().wait())
            await asyncio.wait({nothing}, timeout=pause)
            nothing.cancel()
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    return receive


def test_a_body_is_put_together_and_is_then_read() -> None:
    at_hand = exchange(pieces((0, b"a"), (0, b""), (0, b"bc")))

    assert asyncio.run(Bodies().receive(at_hand, 100)) == b"abc"
    assert not at_hand.has_unread_body


def test_a_slow_body_is_refused_and_stays_unread() -> None:
    at_hand = exchange(pieces((0, b"a"), (NEVER, b"b")))

    with pytest.raises(BodyTooSlow):
        asyncio.run(Bodies(0.01).receive(at_hand, 100))
    assert at_hand.has_unread_body


def test_a_body_at_a_fair_rate_may_take_longer() -> None:
    megabyte = b"a" * 1024 * 1024  # good for a minute more
    at_hand = exchange(pieces((0, megabyte), (0.1, b"b")))

    body = asyncio.run(Bodies(0.05).receive(at_hand, 2 * len(megabyte)))

    assert len(body) == len(megabyte) + 1


@pytest.mark.parametrize("length", [100, 5])
def test_a_body_too_large_is_refused_by_what_it_says_and_by_what_comes(length: int) -> None:
    at_hand = exchange(pieces((0, b"a" * 20)), length=length)

    with pytest.raises(BodyTooLarge):
        asyncio.run(Bodies().receive(at_hand, 10))


def test_a_body_that_breaks_off_is_none() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(BodyIncomplete):
        asyncio.run(Bodies().receive(exchange(gone), 100))


def test_an_address_has_so_many_bodies_at_once_and_all_together_so_many() -> None:
    bodies = Bodies(NEVER, at_once=3, per_address=2)

    async def scenario() -> list[type[Exception] | None]:
        waiting = [
            asyncio.create_task(bodies.receive(exchange(pieces((NEVER, b"")), address), 100))
            for address in ("a", "a", "b")
        ]
        await asyncio.wait(waiting, timeout=0.01)
        refused = [await _refused(bodies, address) for address in ("a", "c")]
        waiting[0].cancel()
        await asyncio.gather(waiting[0], return_exceptions=True)
        refused.append(await _refused(bodies, "a"))
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return refused

    assert asyncio.run(scenario()) == [TooManyBodies, TooManyBodies, None]


async def _refused(bodies: Bodies, address: str) -> type[Exception] | None:
    try:
        await bodies.receive(exchange(pieces((0, b"x")), address), 100)
    except DomainError as error:
        return type(error)
    return None


def test_threads_refuse_work_that_they_have_no_place_for() -> None:
    go_on = threading.Event()
    threads = Threads("test", 1, 2)

    async def scenario() -> list[bool]:
        work = [asyncio.create_task(threads.run(go_on.wait, 20)) for _ in range(2)]
        await asyncio.wait(work, timeout=0.01)
        with pytest.raises(Overloaded):
            await threads.run(go_on.wait, 20)
        go_on.set()
        return await asyncio.gather(*work)

    assert asyncio.run(scenario()) == [True, True]


class Channel:
    """A channel whose calls do what the test says."""

    def __init__(self, invoke: Callable[[], Awaitable[Any]]) -> None:
        self._invoke = invoke

    def unary_unary(self, _path: str, **_options: Any) -> Callable[..., Awaitable[Any]]:
        async def invoke(_request: object, **_options: object) -> Any:
            return await self._invoke()

        return invoke


def call_through(service: Service) -> Awaitable[Any]:
    rpc = ROUTES[0].rpc
    return service.method(rpc)(rpc.request(), timeout=1, metadata=[])


def failure(code: grpc.StatusCode, *trailing: tuple[str, str]) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing))


@pytest.mark.parametrize(
    ("error", "left_alone"),
    [
        (failure(grpc.StatusCode.UNAVAILABLE), True),
        (failure(grpc.StatusCode.DEADLINE_EXCEEDED), True),
        (failure(grpc.StatusCode.UNAVAILABLE, ("grpc-status-details-bin", "x")), False),
        (failure(grpc.StatusCode.NOT_FOUND), False),
    ],
)
def test_a_service_is_left_alone_after_calls_without_an_answer(
    error: grpc.aio.AioRpcError, left_alone: bool
) -> None:
    async def fail() -> None:
        raise error

    async def scenario() -> Exception:
        service = Service("cases", Channel(fail))
        for _ in range(FAILURES_IN_A_ROW):
            with pytest.raises(grpc.aio.AioRpcError):
                await call_through(service)
        with pytest.raises((NotAnswering, grpc.aio.AioRpcError)) as caught:
            await call_through(service)
        return caught.value

    assert isinstance(asyncio.run(scenario()), NotAnswering) is left_alone


@pytest.mark.parametrize(
    ("code", "status"),
    [(grpc.StatusCode.UNAVAILABLE, 503), (grpc.StatusCode.DEADLINE_EXCEEDED, 504)],
)
def test_every_answer_without_a_service_says_when_to_ask_again(
    code: grpc.StatusCode, status: int
) -> None:
    resp = falcon.asgi.Response()
    problem.answer(resp, problem.refusal_of_call(failure(code)), exchange(pieces()))

    assert resp.status_code == status
    assert int(resp.headers["retry-after"]) >= 1
