"""The access log: one JSON line a request, written by a thread of its own.

Formatting and flushing a line costs as much as routing a request, so requests only hand their
lines over. Lines are written in batches every few hundredths of a second, the last ones at the end.
"""

import atexit
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import BinaryIO

import orjson

BATCH = 2048
GATHER_SECONDS = 0.05
END_SECONDS = 5.0
CONSTANT = {
    "level": "info",
    "process": "gateway",
    "logger": "gateway.access",
    "message": "answered",
}

Line = Mapping[str, object]


class AccessLog:
    """Writes lines to a stream, in order, from a background thread."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stdout.buffer
        self._lines: SimpleQueue[tuple[float, Line] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, at: float, line: Line) -> None:
        """Hand over a line that belongs to the moment ``at``, in seconds since 1970."""
        self._lines.put((at, line))

    def close(self) -> None:
        """Write the lines that wait, then end the thread."""
        self._lines.put(None)
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        ended = False
        while not ended:
            first = self._lines.get()
            if first is not None:
                time.sleep(GATHER_SECONDS)
            waiting = [first, *self._more()]
            ended = waiting[-1] is None
            self._stream.write(b"".join(_formatted(each) for each in waiting if each))
            self._stream.flush()

    def _more(self) -> list[tuple[float, Line] | None]:
        more: list[tuple[float, Line] | None] = []
        try:
            while len(more) < BATCH:
                more.append(self._lines.get_nowait())
        except Empty:
            pass  # that was all for now
        return more


def _formatted(waiting: tuple[float, Line]) -> bytes:
    at, line = waiting
    document = {"time": datetime.fromtimestamp(at, UTC), **CONSTANT, **line}
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
