"""Rate limits of requests. Each process counts for itself unless a shared store is named."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter, RateLimiter

from gateway.counts import ProcessCounts
from shared.errors import ResourceExhausted, Text


class TooManyRequests(ResourceExhausted):
    """More requests than one person or one address may send."""

    reason = "TOO_MANY_REQUESTS"


class TooManyLogins(ResourceExhausted):
    """More attempts to sign in than one address may make for one account."""

    reason = "TOO_MANY_LOGINS"
    title = Text("Too many attempts to sign in", "登录尝试过多")
    detail = Text(
        "Wait {retry_after} seconds before the next attempt to sign in.",
        "请等待 {retry_after} 秒后再次登录。",
    )


@dataclass(frozen=True, slots=True)
class Sizes:
    """Limits in the notation of the limits package, such as ``10/minute``."""

    login: str = "10/minute"
    public: str = "600/minute"
    person: str = "3000/minute"

    def check(self) -> None:
        """Raise ValueError where one of them cannot be read."""
        for size in (self.login, self.public, self.person):
            parse(size)


class Rates:
    """Counts requests and refuses those beyond the limits."""

    def __init__(self, sizes: Sizes, storage: str = "memory://") -> None:
        store = storage_from_string(storage)
        self._is_local = storage.startswith("memory:")
        self._window = FixedWindowRateLimiter(ProcessCounts() if self._is_local else store)
        self._moving = MovingWindowRateLimiter(store)
        self._login, self._public, self._person = (
            parse(size) for size in (sizes.login, sizes.public, sizes.person)
        )

    async def count(self, count: Callable[..., None], *key: str) -> None:
        """Count by one of the methods below; a shared store is called in a thread, off the loop."""
        if self._is_local:
            count(*key)
        else:
            await asyncio.to_thread(count, *key)

    def login(self, county_id: str, username: str, address: str) -> None:
        """Count an attempt to sign in. Raises TooManyLogins."""
        key = ("login", county_id, username, address)
        if not self._moving.hit(self._login, *key):
            raise TooManyLogins(retry_after=_wait(self._moving, self._login, key))

    def public(self, address: str) -> None:
        """Count a request without an account. Raises TooManyRequests."""
        key = ("public", address)
        if not self._window.hit(self._public, *key):
            raise TooManyRequests(retry_after=_wait(self._window, self._public, key))

    def person(self, person_id: str) -> None:
        """Count a request of somebody signed in. Raises TooManyRequests."""
        key = ("person", person_id)
        if not self._window.hit(self._person, *key):
            raise TooManyRequests(retry_after=_wait(self._window, self._person, key))


def _wait(limiter: RateLimiter, size: RateLimitItem, key: tuple[str, ...]) -> int:
    return max(1, math.ceil(limiter.get_window_stats(size, *key).reset_time - time.time()))
