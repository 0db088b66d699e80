"""Documents of published versions, each read and parsed once a process.

A published version never changes, so its document may be kept for as long as there is room.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock
from typing import Any

Key = tuple[str, int, datetime]
"""County, version and when it was published: a county that was restored may publish a version anew."""
ROOM = 256
"""Documents that are kept: some 200 kB each."""


class Documents:
    """The documents read last, by county and version."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._kept: OrderedDict[Key, Mapping[str, Any]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, read: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """The document of a version; ``read`` fetches one that is not kept. Nobody may change it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = read()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return found


DOCUMENTS = Documents()
