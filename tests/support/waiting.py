"""Waiting for what happens elsewhere: in another thread, another process, a server.

The one place of the tests that sleeps; `tests/architecture/test_waiting.py` keeps it so.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

LIMIT_SECONDS = 60.0
"""Far longer than anything takes on a busy machine; only what never comes reaches it."""
_POLL_SECONDS = 0.05

Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer], what: str = "", *, seconds: float = LIMIT_SECONDS) -> Answer:
    """The first answer that is true; the test fails with the last one after ``seconds``."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > end:
            pytest.fail(f"{what or 'what was waited for'}: still {answer!r} after {seconds:g} s")
        time.sleep(_POLL_SECONDS)
    return answer
