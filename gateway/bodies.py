"""Receiving a request's body: within a time, within a size, and not too many from one address."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from gateway.errors import BodyIncomplete, BodyTooLarge, BodyTooSlow, TooManyBodies
from gateway.exchange import Exchange

BYTES_PER_SECOND = 16 * 1024
"""The rate a body needs at least, once its first seconds are over."""


@dataclass(slots=True)
class Bodies:
    """The bodies that are on their way in."""

    seconds: float = 15.0
    """How long a body may take before its rate counts."""
    at_once: int = 512
    per_address: int = 64
    _by_address: Counter[str] = field(default_factory=Counter)
    _all: int = 0

    async def receive(self, exchange: Exchange, limit: int) -> bytes:
        """The whole body, empty where there is none.

        Raises TooManyBodies, BodyTooLarge, BodyTooSlow or BodyIncomplete.
        """
        if not exchange.has_unread_body:
            return b""
        if int(exchange.header(b"content-length") or 0) > limit:
            raise BodyTooLarge(limit=limit)
        self._take_place(exchange.address)
        try:
            body = await self._gather(exchange, limit)
        finally:
            self._leave_place(exchange.address)
        exchange.has_unread_body = False
        return body

    async def _gather(self, exchange: Exchange, limit: int) -> bytes:
        pieces: list[bytes] = []
        size, more = 0, True
        try:
            async with asyncio.timeout(self.seconds) as deadline:
                first_due = deadline.when() or 0.0
                while more:
                    event = await exchange.receive()
                    if event["type"] == "http.disconnect":
                        raise BodyIncomplete
                    more = event.get("more_body", False)
                    pieces.append(event.get("body", b""))
                    size += len(pieces[-1])
                    if size > limit:
                        raise BodyTooLarge(limit=limit)
                    if more:
                        deadline.reschedule(first_due + size / BYTES_PER_SECOND)
        except TimeoutError as error:
            raise BodyTooSlow from error
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _take_place(self, address: str) -> None:
        """Take a place among the bodies at hand. Raises TooManyBodies."""
        if self._all >= self.at_once or self._by_address[address] >= self.per_address:
            raise TooManyBodies(retry_after=1)
        self._all += 1
        self._by_address[address] += 1

    def _leave_place(self, address: str) -> None:
        self._all -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
