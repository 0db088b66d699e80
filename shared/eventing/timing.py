"""Periodic work in an events process.

Only this file and its neighbours `entrypoint`, `delivery` and `process` know nameko.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from nameko.extensions import DependencyProvider
from nameko.timer import Timer
from sqlalchemy import Engine

from shared.db.engine import is_outage, make_engine
from shared.eventing.outcome import describe

log = logging.getLogger("timers")

Method = TypeVar("Method", bound=Callable[..., None])


def every(seconds: float) -> Callable[[Method], Method]:
    """Run a method ``(self)`` every ``seconds``; after a longer run the next one starts at once.

    Every process of the service runs it, so work that must be done once is taken with SKIP LOCKED.
    An exception is logged, and the method runs again all the same.
    """

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def run(self: Any) -> None:
            try:
                method(self)
            except Exception as error:
                trace = None if is_outage(error) else error
                log.warning("%s failed: %s", method.__name__, describe(error), exc_info=trace)

        timed: Method = Timer.decorator(interval=seconds)(run)
        return timed

    return decorate


class WorkerDatabase(DependencyProvider):
    """Gives timers connections of the worker role, which reach all counties in the tables open to it."""

    def __init__(self) -> None:
        self._engine: Engine | None = None

    def setup(self) -> None:
        """Make the pool."""
        self._engine = make_engine(
            self.container.config["WORKER_DATABASE_URL"],
            pool_size=1,
            application_name=f"wangge {self.container.service_name}-timers",
        )

    def stop(self) -> None:
        """Close the pool."""
        if self._engine is not None:
            self._engine.dispose()

    def get_dependency(self, worker_ctx: Any) -> Engine:  # noqa: ARG002 - nameko's signature
        """Return the engine for a worker."""
        if self._engine is None:
            raise RuntimeError("nameko asks for dependencies after setup")
        return self._engine
