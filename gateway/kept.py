"""Public answers kept for a few seconds, so that many readers cost the services one call."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from gateway.exchange import Scope, language_of

MAX_ANSWERS = 2048
MAX_QUERY = 1024
"""Bytes of a query beyond which an answer is not worth keeping."""

Key = tuple[str, bytes, str]
"""Path, query as sent, language."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A rendered answer of 200 and until when it may be given again."""

    route: str
    etag: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    until: float


class PublicAnswers:
    """The answers that are kept; the oldest is dropped first."""

    def __init__(self, seconds: float) -> None:
        """``seconds`` is how long an answer is given again; 0 keeps none."""
        self._seconds = seconds
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._lock = threading.Lock()  # long answers are written and kept by other threads

    def find(self, scope: Scope) -> Answer | None:
        """The answer that is still good for this request, if any."""
        answer = self._answers.get(key_of(scope))
        return answer if answer and answer.until > time.monotonic() else None

    def keep(
        self,
        scope: Scope,
        route: str,
        etag: str,
        headers: tuple[tuple[str, str], ...],
        body: bytes,
    ) -> None:
        """Keep a rendered answer for a while."""
        if not self._seconds or len(scope["query_string"]) > MAX_QUERY:
            return
        pairs = tuple((name.encode(), value.encode("latin-1")) for name, value in headers)
        answer = Answer(route, etag, pairs, body, time.monotonic() + self._seconds)
        with self._lock:
            key = key_of(scope)
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > MAX_ANSWERS:
                self._answers.popitem(last=False)


def key_of(scope: Scope) -> Key:
    """The parts of a request that a public answer depends on."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    return (scope["path"], scope["query_string"], language_of(str(accepted, "latin-1")))
