"""The current call: who makes it, and until when it must be answered."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from shared.context import RequestContext

_context: ContextVar[RequestContext] = ContextVar("request_context")
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def current() -> RequestContext:
    """The context of the call being answered. Raises LookupError outside of one."""
    return _context.get()


def caller_id() -> UUID:
    """The person who calls. Raises LookupError in a call that nobody signed in for."""
    actor_id = current().actor_id
    if actor_id is None:
        raise LookupError("nobody signed in for this call")
    return actor_id


def seconds_left(default: float) -> float:
    """Seconds until the call being answered must be answered, at most ``default``."""
    deadline = _deadline.get()
    if deadline is None:
        return default
    return max(0.001, min(default, deadline - time.monotonic()))


@contextmanager
def answering(context: RequestContext, remaining: float | None) -> Iterator[None]:
    """Make this the current call within the block; ``remaining`` is in seconds, None for no limit."""
    deadline = None if remaining is None else time.monotonic() + remaining
    context_token, deadline_token = _context.set(context), _deadline.set(deadline)
    try:
        yield
    finally:
        _context.reset(context_token)
        _deadline.reset(deadline_token)
