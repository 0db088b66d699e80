"""The state that a process reports on `/readyz`."""

import http.client
import json
from dataclasses import dataclass
from typing import Final

from deploy.local.ports import LOOPBACK

_SECONDS: Final = 3


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a process is ready, and the status that it reports."""

    ready: bool
    word: str


def readiness(port: int) -> Health:
    """Ask a process on its metrics port; one that does not answer is not ready."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_SECONDS)
    try:
        connection.request("GET", "/readyz")
        reply = connection.getresponse()
        body = reply.read()
    except (OSError, http.client.HTTPException):
        return Health(ready=False, word="no answer")
    finally:
        connection.close()
    return Health(ready=reply.status == http.client.OK, word=_word(body, reply.status))


def _word(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["status"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {status}"
