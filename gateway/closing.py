"""The end of connections whose request was answered before its body had come.

The server below notices that nobody wants the rest of a body only when something happens on the
connection. On one whose client sends nothing more nothing does, so its reading side is shut here,
after the client had time to read the answer.
"""

import asyncio
import os
import socket
import stat
from pathlib import Path

LINGER_SECONDS = 1.0
FILES = Path("/dev/fd")

Peer = tuple[str, int]


class Closing:
    """Connections that are to end, by the address and port of their clients."""

    def __init__(self, linger: float = LINGER_SECONDS) -> None:
        self._linger = linger
        self._peers: set[Peer] = set()
        self._task: asyncio.Task[None] | None = None

    def end(self, peer: Peer) -> None:
        """Have the client's connection end soon."""
        self._peers.add(peer)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while self._peers:
            await asyncio.sleep(self._linger)
            peers, self._peers = self._peers, set()
            shut(peers)


def shut(peers: set[Peer]) -> None:
    """Shut the reading side of this process's connections to the clients."""
    for file in FILES.iterdir():
        descriptor = int(file.name)
        try:
            is_socket = stat.S_ISSOCK(os.fstat(descriptor).st_mode)
            copy = os.dup(descriptor) if is_socket else None
        except OSError:
            continue  # closed since
        if copy is not None:
            with socket.socket(fileno=copy) as connection:
                _shut_if_of(connection, peers)


def _shut_if_of(connection: socket.socket, peers: set[Peer]) -> None:
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    try:
        if connection.getpeername()[:2] in peers:
            connection.shutdown(socket.SHUT_RD)
    except OSError:
        return  # it listens, or its client has gone
