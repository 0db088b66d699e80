import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.memory import in_mebibytes, memory_of


def a_process(proc: Path, pid: int, share: int, children: str = "") -> None:
    folder = proc / str(pid)
    (folder / "task" / str(pid)).mkdir(parents=True)
    (folder / "task" / str(pid) / "children").write_text(children, "utf-8")
    (folder / "smaps_rollup").write_text(
        f"55d0-7ffe ---p 0 00:00 0    [rollup]\nRss:  99999 kB\nPss:  {share} kB\nPss_Anon: 7 kB\n",
        "utf-8",
    )


def test_what_a_process_takes_includes_its_children_and_theirs(tmp_path: Path) -> None:
    a_process(tmp_path, 10, 100, children="11 ")
    a_process(tmp_path, 11, 20, children="12 ")
    a_process(tmp_path, 12, 3)
    a_process(tmp_path, 13, 4000)

    assert memory_of(10, tmp_path) == 123 * 1024


def test_a_process_that_ended_takes_nothing_that_is_known(tmp_path: Path) -> None:
    assert memory_of(10, tmp_path) is None
    assert in_mebibytes(None) == "-"


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="tells no memory")
def test_a_real_process_that_takes_more_shows_more() -> None:
    code = "import sys; held = b'x' * (64 << 20); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        taken = memory_of(child.pid)
        family = memory_of(os.getpid())
        child.communicate()

    assert taken is not None
    assert family is not None
    assert 64 << 20 <= taken < 256 << 20
    assert family > taken
