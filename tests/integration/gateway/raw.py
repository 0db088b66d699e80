"""Requests byte by byte, as no client library would send them."""

import select
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.integration.gateway.conftest import Process

SIGN_IN = (
    b"POST /v1/auth/token HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)
"""A sign-in whose body never comes but for its first byte."""
PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came before the connection was closed, if it was."""

    head: str
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head.split(" ", 2)[1])

    def header(self, name: str) -> str | None:
        for line in self.head.splitlines()[1:]:
            if line.lower().startswith(f"{name}:"):
                return line.partition(":")[2].strip()
        return None


class Connection:
    """A connection to a gateway."""

    def __init__(self, process: Process) -> None:
        self._socket = socket.create_connection(("127.0.0.1", process.http_port), PATIENCE)

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    @property
    def is_answered(self) -> bool:
        """Whether something came, or the other side closed."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def answer_until_closed(self) -> Answer | None:
        """All that comes until the other side closes; None where nothing does."""
        received = b""
        while piece := self._socket.recv(65_536):
            received += piece
        return _read(received) if received else None

    def answer(self) -> Answer:
        """One answer with a Content-Length."""
        received = b""
        while True:
            head, end, body = received.partition(b"\r\n\r\n")
            if end and len(body) >= int(_read(received).header("content-length") or 0):
                return _read(received)
            piece = self._socket.recv(65_536)
            if not piece:
                raise ConnectionError(f"closed after {head!r}")
            received += piece

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()


def _read(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    return Answer(head.decode(), body)
