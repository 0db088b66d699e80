"""How much memory processes take, as Linux tells it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_SHARE: Final = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)


def memory_of(pid: int, proc: Path = _PROC) -> int | None:
    """Return the bytes that a process and its descendants take; None where that is not known.

    A page that several processes share counts by its share, so that sums are true.
    """
    shares = [_share(one, proc) for one in _family(pid, proc)]
    known = [share for share in shares if share is not None]
    return sum(known) if known else None


def in_mebibytes(size: int | None) -> str:
    """Return a size as people read it, or a dash."""
    return "-" if size is None else f"{size / 2**20:.0f} MiB"


def _family(pid: int, proc: Path) -> Iterator[int]:
    yield pid
    for listing in (proc / str(pid) / "task").glob("*/children"):
        try:
            children = listing.read_text("utf-8").split()
        except OSError:  # the thread, or its process, ended meanwhile
            continue
        for child in children:
            yield from _family(int(child), proc)


def _share(pid: int, proc: Path) -> int | None:
    try:
        rollup = (proc / str(pid) / "smaps_rollup").read_text("utf-8")
    except OSError:  # ended meanwhile, another user's, or not Linux
        return None
    found = _SHARE.search(rollup)
    return int(found[1]) * 1024 if found else None
