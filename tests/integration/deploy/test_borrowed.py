"""`with-servers`: real servers of its own, gone with the command whatever its outcome."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import ports, servers, stack
from deploy.local.children import Child
from deploy.local.state import State
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-m", "deploy.local", "with-servers"]


@pytest.fixture
def environ():
    return {name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")}


@pytest.fixture
def state(tmp_path):
    made = State(tmp_path / "state")
    yield made
    stack.destroy(made)


def test_servers_end_with_a_command_that_is_terminated_and_their_data_stays(
    tmp_path, state, environ
):
    marker = tmp_path / "up"
    script = f'echo "$WANGGE_DATABASE_URL $WANGGE_AMQP_URL" > {marker}; exec sleep 120'
    run = subprocess.Popen(
        [*COMMAND, "--state", str(state.root), "--", "sh", "-c", script], cwd=ROOT, env=environ
    )
    try:
        until(lambda: marker.exists() or run.poll() is not None, "the command's start")
        assert run.poll() is None
        running = servers.own(state)
        records = [state.read(name) for name in ("postgres", "rabbitmq")]
        epmd = Child.from_record(records[1]["epmd"])
    finally:
        run.send_signal(signal.SIGTERM)
        code = run.wait(timeout=60)

    assert code == 130
    assert [(server.name, server.answers) for server in running] == [
        ("postgres", True),
        ("rabbitmq", True),
    ]
    assert not any(child.is_alive() for child in (*map(Child.from_record, records), epmd))
    assert all(ports.is_free(server.port) for server in running)
    assert "postgres" in json.loads((state.root / "ports.json").read_text())


def test_the_commands_exit_code_is_passed_on(database_url, amqp_url):
    told = {**os.environ, "WANGGE_DATABASE_URL": database_url, "WANGGE_AMQP_URL": amqp_url}

    done = subprocess.run([*COMMAND, "--", "sh", "-c", "exit 7"], cwd=ROOT, env=told, check=False)

    assert done.returncode == 7
