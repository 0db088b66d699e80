"""Public answers kept for a few seconds, so that many readers cost the services one call."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from gateway.exchange import language_of

MAX_ANSWERS = 2048
MAX_QUERY = 1024
"""Characters of a query beyond which an answer is not worth keeping."""

Key = tuple[str, str, str]
"""Path, query as sent, language."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A rendered answer of 200 and until when it may be given again."""

    route: str
    etag: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    until: float


class PublicAnswers:
    """The answers at hand, the oldest dropped first."""

    def __init__(self, seconds: float) -> None:
        """``seconds`` is how long an answer is given again; 0 keeps none."""
        self._seconds = seconds
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, environ: dict[str, Any]) -> Answer | None:
        """The answer that is still good for this request, if any."""
        answer = self._answers.get(key_of(environ))
        return answer if answer and answer.until > time.monotonic() else None

    def keep(
        self,
        environ: dict[str, Any],
        route: str,
        etag: str,
        headers: tuple[tuple[str, str], ...],
        body: bytes,
    ) -> None:
        """Keep a rendered answer for a while."""
        if not self._seconds or len(environ.get("QUERY_STRING", "")) > MAX_QUERY:
            return
        answer = Answer(route, etag, headers, body, time.monotonic() + self._seconds)
        with self._lock:
            key = key_of(environ)
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > MAX_ANSWERS:
                self._answers.popitem(last=False)


def key_of(environ: dict[str, Any]) -> Key:
    """What an answer to the public depends on."""
    language = language_of(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    return (environ["PATH_INFO"], environ.get("QUERY_STRING", ""), language)
