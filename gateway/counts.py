"""Counts of one process for the limits package, without a thread to clear them.

The package's own memory store starts a thread many times a second to look for what has expired,
which costs more than the counting. This one looks only when it has grown.
"""

import threading
import time

from limits.storage import Storage

FIRST_SWEEP = 10_000


class ProcessCounts(Storage):
    """Fixed windows in a dictionary."""

    STORAGE_SCHEME = ["process"]  # noqa: RUF012 - the package declares it so

    def __init__(self) -> None:
        super().__init__()
        self._windows: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()
        self._sweep_at = FIRST_SWEEP

    @property
    def base_exceptions(self) -> type[Exception]:
        """Exceptions that the package may wrap; a dictionary raises none of its own."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count in the key's window, a new one of ``expiry`` seconds where the last is over."""
        now = time.time()
        with self._lock:
            count, end = self._windows.get(key, (0, 0.0))
            if end <= now:
                count, end = 0, now + expiry
            self._windows[key] = (count + amount, end)
            if len(self._windows) > self._sweep_at:
                self._sweep(now)
            return count + amount

    def get(self, key: str) -> int:
        """The count of the key's window, 0 where it is over."""
        count, end = self._windows.get(key, (0, 0.0))
        return count if end > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the key's window ends, in seconds since 1970."""
        return self._windows.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """A dictionary is always there."""
        return True

    def reset(self) -> int:
        """Forget every count, and return how many there were."""
        with self._lock:
            forgotten = len(self._windows)
            self._windows.clear()
            return forgotten

    def clear(self, key: str) -> None:
        """Forget one count."""
        with self._lock:
            self._windows.pop(key, None)

    def _sweep(self, now: float) -> None:
        self._windows = {key: each for key, each in self._windows.items() if each[1] > now}
        self._sweep_at = max(FIRST_SWEEP, 2 * len(self._windows))
