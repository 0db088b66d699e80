"""Work that comes with time instead of an event, in an events process.

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
    """Run a method ``(self)`` again and again, the next time ``seconds`` after it began or at its end.

    Every process of the service does: what must be done once is taken with SKIP LOCKED. What it
    raises is logged, and it runs again all the same.
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
    """Gives timers the worker role's connections, which see what is opened to it of all counties."""

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
        """Give it to a worker."""
        if self._engine is None:
            raise RuntimeError("nameko asks for dependencies after setup")
        return self._engine
