"""No process loads both grpc and eventlet: neither survives the other."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.processes import PROCESSES

ROOT = Path(__file__).resolve().parents[2]
LOADED = """
import importlib, json, sys
for module in {modules}:
    importlib.import_module(module)
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""
GRPC = {"grpc", "grpc_health", "grpc_reflection", "grpc_status"}
NAMEKO = {"eventlet", "nameko"}


def loaded_by(*modules):
    """The top-level packages that a fresh interpreter has after it imported the modules."""
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOADED.format(modules=modules)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return set(json.loads(found.stdout.splitlines()[-1]))


def modules_of(process):
    """What the process runs; the gateway's workers, which it forks, load the application."""
    if process.name == "gateway":
        return ("gateway.__main__", "gateway.app")
    return (process.module,)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_a_process_loads_one_side_and_nothing_of_the_other(process):
    loaded = loaded_by(*modules_of(process))

    mine, other = (NAMEKO, GRPC) if process.name.endswith("-events") else (GRPC, NAMEKO)
    assert "nameko" in loaded if mine is NAMEKO else "grpc" in loaded
    assert loaded & other == set()


def test_preparing_loads_neither():
    assert loaded_by("deploy.prepare") & (GRPC | NAMEKO) == set()
