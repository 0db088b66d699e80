"""A gateway in the test's own process, in front of one real service: over HTTP, without a start."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from gateway.app import create_app
from gateway.config import SERVICES
from gateway.rates import Rates
from shared.rpc.client import aio_channel
from tests.integration.eventing.running import free_port
from tests.support.waiting import until


@contextmanager
def gateway_to(address: str, jwks: str, rates: Rates) -> Iterator[str]:
    """The URL of a gateway whose every service is the one at the address."""
    port = free_port()
    server: list[Server] = []

    async def serve() -> None:
        channel = aio_channel(address)
        app = create_app(dict.fromkeys(SERVICES, channel), jwks, rates)
        server.append(
            Server(
                app, port=port, interface=Interfaces.ASGINL, http=HTTPModes.http1, websockets=False
            )
        )
        await server[0].serve()
        await channel.close()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(url), url)
        yield url
    finally:
        loop.call_soon_threadsafe(server[0].stop)
        thread.join()
        loop.close()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False  # not yet
