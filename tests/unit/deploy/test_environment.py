"""What the processes read, the process table, `.env.example` and the architecture page agree."""

import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import deploy.prepare
import gateway.config
import shared.rpc.process
from deploy.processes import PROCESSES, SERVICES, Process, peer_variable
from services.personnel.accounts.passwords import Argon2Parameters
from services.personnel.identity.issuer import OidcSettings
from shared.config import ConfigError, Env
from tests.unit.deploy.asking import Unset

ROOT = Path(__file__).resolve().parents[3]
OF_THE_LOCAL_STACK = {"WANGGE_DATABASE_URL", "WANGGE_AMQP_URL"}
GRPC = [process for process in PROCESSES if process.name.endswith("-grpc")]


def told(process: Process) -> set[str]:
    return {*process.required, *process.optional}


def asked_by(read: Callable[[Unset], object]) -> set[str]:
    unset = Unset()
    with pytest.raises(ConfigError, match="cannot start"):
        read(unset)
    return unset.asked


def asked_by_hashing() -> set[str]:
    unset = Unset()
    Argon2Parameters.read(Env(unset))
    return unset.asked


def asked_by_signing_in() -> set[str]:
    """What only personnel reads: the cost of passwords, and the outside issuer."""
    unset = Unset()
    OidcSettings.read(Env(unset))
    return unset.asked | asked_by_hashing()


def asked_by_prepare() -> set[str]:
    """Its own settings, and the cost of the first operator's password."""
    settings = asked_by(lambda unset: deploy.prepare.Settings.from_env(unset, generate=True))
    return settings | asked_by_hashing()


def in_table() -> set[str]:
    return {name for process in PROCESSES for name in told(process)} | asked_by_prepare()


def in_example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    found = [re.match(r"(?:# )?([A-Z][A-Z_]+)=(.*)", line) for line in lines]
    return {match[1].removesuffix("_FILE"): match[2] for match in found if match}


def in_architecture() -> set[str]:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = page.partition("### Environment")[2].partition("Files in")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    names = {name for cell in cells for name in re.findall(r"`([A-Z_<>]+)`", cell)}
    names.remove("<SERVICE>_GRPC_ADDR")
    return names | {peer_variable(service) for service in SERVICES}


def started_with(process: Process, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a gRPC process's own module hands to `run`: its peers, and the settings of its own."""
    given: dict[str, Any] = {"peers": (), "settings": ()}
    monkeypatch.setattr(shared.rpc.process, "run", lambda *_, **options: given.update(options))
    monkeypatch.delitem(sys.modules, process.module, raising=False)  # another test's import
    runpy.run_module(process.module, run_name="__main__")
    return given


def test_the_gateway_reads_what_the_table_says() -> None:
    (process,) = (one for one in PROCESSES if one.name == "gateway")

    assert asked_by(gateway.config.Config.from_env) == told(process)


@pytest.mark.parametrize("process", GRPC, ids=lambda process: process.name)
def test_a_grpc_process_reads_what_the_table_says(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = started_with(process, monkeypatch)
    read = shared.rpc.process.Config.from_env

    asked = asked_by(lambda unset: read(unset, given["peers"], given["settings"]))

    if process.name == "personnel-grpc":
        asked |= asked_by_signing_in()
    assert asked == told(process)


@pytest.mark.parametrize("folder", ["deploy", "gateway", "services", "shared"])
def test_no_variable_is_read_that_the_table_does_not_name(folder: str) -> None:
    reads = re.compile(r"\benv\.(?:text|optional|integer|numbers|flag)\(\s*\"(\w+)\"")
    names = {
        name
        for path in (ROOT / folder).rglob("*.py")
        for name in reads.findall(path.read_text("utf-8"))
    }

    assert names
    assert names <= in_table()


def test_the_example_names_what_is_read_and_the_two_of_the_local_stack() -> None:
    assert set(in_example()) - in_table() == OF_THE_LOCAL_STACK
    assert in_table() - set(in_example()) == set()


def test_the_examples_of_what_may_be_left_out_are_the_defaults() -> None:
    sizes = gateway.config.DEFAULT_SIZES
    example = in_example()

    assert example["RATE_LIMIT_LOGIN"] == sizes.login
    assert example["RATE_LIMIT_PUBLIC"] == sizes.public
    assert example["RATE_LIMIT_PERSON"] == sizes.person


def test_the_architecture_page_names_what_the_processes_read() -> None:
    assert in_architecture() == in_table()
