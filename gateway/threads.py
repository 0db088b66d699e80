"""Work that would hold up the loop, done by a few threads; what they cannot take is refused."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gateway.errors import Overloaded

T = TypeVar("T")


class Threads:
    """So many threads, and at most so many pieces of work that run or wait for one."""

    def __init__(self, name: str, count: int, places: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._places = places

    async def run(self, work: Callable[..., T], *given: object) -> T:
        """What the work returns. Raises Overloaded where no place is left."""
        if not self._places:
            raise Overloaded(retry_after=1)
        self._places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *given)
        finally:
            self._places += 1
