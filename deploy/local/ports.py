"""Free ports on the loopback address, chosen once and remembered."""

import socket
from typing import Final

from deploy.local.problems import LocalStackError
from deploy.local.state import State

LOOPBACK: Final = "127.0.0.1"

# Below the range that systems hand to outgoing connections, above most programs' defaults.
_RANGE: Final = range(20_100, 32_000)
# Defaults within it of programs that may be started later: RabbitMQ's distribution, MongoDB's.
_AVOIDED: Final = frozenset({25_672, 27_017, 27_018})


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_block(size: int, start: int) -> int:
    """Return the first port of `size` consecutive free ones, looking from `start` and around."""
    first, last = _RANGE.start, _RANGE.stop - size
    span = last - first
    for step in range(0, span, size):
        base = first + (start - first + step) % span
        block = range(base, base + size)
        if not _AVOIDED.intersection(block) and all(is_free(port) for port in block):
            return base
    message = (
        f"No {size} consecutive free ports between {first} and {_RANGE.stop - 1} on {LOOPBACK}."
    )
    raise LocalStackError(message)


def remembered_block(state: State, purpose: str, size: int) -> int:
    """Return the block remembered for a purpose if it is still free, else choose and remember one.

    Call it only while nothing of ours listens there. The search starts at a place of the folder's
    own, so that stacks beside each other do not race for the same ports.
    """
    known = state.read("ports")
    base = known.get(purpose)
    if isinstance(base, int) and all(is_free(port) for port in range(base, base + size)):
        return base
    others = [value for key, value in known.items() if key != purpose]
    start = max(others) + 40 if others else _RANGE.start + _preferred_offset(state)
    chosen = free_block(size, start)
    state.write("ports", {**known, purpose: chosen})
    return chosen


def _preferred_offset(state: State) -> int:
    return int(state.fingerprint, 16) % (len(_RANGE) - 200)
