"""One JSON line a log record, with the county and the correlation id where they are known."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

import orjson

from shared.context import RequestContext

FIELDS = ("county_id", "correlation_id", "actor_id", "method", "status", "event", "seconds")
"""Extra fields a record may carry. Never a payload, a name or a token."""

_context: ContextVar[RequestContext | None] = ContextVar("log_context", default=None)


@contextmanager
def bound(context: RequestContext) -> Iterator[None]:
    """Within the block every record carries the context's county, actor and correlation id."""
    token = _context.set(context)
    try:
        yield
    finally:
        _context.reset(token)


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    def __init__(self, process: str) -> None:
        """``process`` is the name in the table of processes, such as ``cases-grpc``."""
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if context := _context.get():
            line |= {
                "county_id": context.county_id,
                "correlation_id": context.correlation_id,
                "actor_id": context.actor_id,
            }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        try:
            return orjson.dumps(line, default=str).decode()
        except TypeError:  # half a character, or a number beyond 64 bits
            text = json.dumps(line, default=str, ensure_ascii=False)
            return text.encode("utf-8", "replace").decode()


def configure(process: str, level: str) -> None:
    """Send every record of the process to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(process))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("amqp").setLevel("WARNING")
