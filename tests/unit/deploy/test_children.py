import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.children import Child, spawn, started_at, tail


@pytest.fixture
def sleeper(tmp_path):
    child = spawn(
        [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"],
        log=tmp_path / "log",
        environment=os.environ,
        directory=tmp_path,
    )
    yield child
    child.stop(signal.SIGKILL, 5, signal.SIGKILL)


def test_a_child_is_recognised_from_its_record_until_it_is_stopped(sleeper):
    again = Child.from_record(sleeper.record())
    assert again.is_alive()

    again.stop(signal.SIGTERM, 5, signal.SIGKILL)

    assert not sleeper.is_alive()


def test_a_child_that_ignores_the_first_signal_gets_the_last(tmp_path):
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)"
    log = tmp_path / "log"
    command = [sys.executable, "-c", f"{code}; time.sleep(60)"]
    child = spawn(command, log=log, environment=os.environ, directory=tmp_path)
    while "up" not in tail(log):
        assert child.is_alive()

    child.stop(signal.SIGTERM, 0.3, signal.SIGKILL)

    assert not child.is_alive()


def test_another_process_with_a_reused_pid_is_never_stopped():
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        stale = Child(bystander.pid, "an earlier start")

        stale.stop(signal.SIGKILL, 1, signal.SIGKILL)

        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_process_that_ended_has_no_start():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    assert started_at(gone.pid) is None


def test_the_end_of_a_log_that_does_not_exist_says_so():
    assert "does not exist" in tail(Path("/nonexistent/log"))
