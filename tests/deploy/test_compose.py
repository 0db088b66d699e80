"""docker-compose.yml runs just the processes of the table, each with what it needs, no more."""

import re
from typing import Any

import pytest
import yaml

from deploy.compose_demo import DEFAULT_HTTP_PORT, DEFAULT_PROMETHEUS_PORT
from deploy.processes import PROCESSES, Process
from tests.deploy.tools import ROOT

SECRETS = "/var/lib/wangge/secrets"
SERVERS = {"postgres", "rabbitmq", "prometheus"}
ONE_SHOT = {"secrets", "prepare"}
USUAL_PORTS = {"80", "443", "3000", "5000", "5432", "5672", "8000", "8080", "8443", "9090", "15672"}

FILE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = FILE["services"]

each_process = pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)


def environment(process: Process) -> dict[str, str]:
    return SERVICES[process.name]["environment"]


def test_it_runs_every_process_and_nothing_else() -> None:
    expected = {process.name for process in PROCESSES} | SERVERS | ONE_SHOT

    assert set(SERVICES) == expected


@each_process
def test_a_process_runs_its_own_module(process: Process) -> None:
    assert SERVICES[process.name]["command"] == ["python", "-m", process.module]


@each_process
def test_a_process_is_given_its_own_secrets_as_files(process: Process) -> None:
    given = {name: value for name, value in environment(process).items() if name.endswith("_FILE")}

    assert given == {f"{name}_FILE": f"{SECRETS}/{file}" for name, file in process.secrets.items()}


@each_process
def test_a_process_is_told_all_it_needs_and_nothing_it_does_not_read(process: Process) -> None:
    told = {name.removesuffix("_FILE") for name in environment(process)}

    assert set(process.required) <= told
    assert told <= {*process.required, *process.optional}


@each_process
def test_a_peer_is_where_it_listens(process: Process) -> None:
    for peer, variable in zip(process.peers, process.peer_variables, strict=True):
        port = SERVICES[f"{peer}-grpc"]["environment"]["GRPC_PORT"]

        assert environment(process)[variable] == f"{peer}-grpc:{port}"


@each_process
def test_a_process_can_be_reached_and_is_asked_whether_it_is_ready(process: Process) -> None:
    port = environment(process)["METRICS_PORT"]

    assert environment(process)["LISTEN_HOST"] == "0.0.0.0"
    assert SERVICES[process.name]["healthcheck"]["test"] == [
        *("CMD", "python", "-m", "deploy.probe"),
        f"http://127.0.0.1:{port}/readyz",
    ]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - SERVERS))
def test_our_containers_can_change_nothing_but_their_volumes(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@each_process
def test_a_process_reads_secrets_and_never_writes_them(process: Process) -> None:
    assert SERVICES[process.name]["volumes"] == [f"secrets:{SECRETS}:ro"]


def test_only_the_servers_and_prepare_see_the_administrators_passwords() -> None:
    see_it = {
        name
        for name, service in SERVICES.items()
        if any(volume.startswith("admin:") for volume in service.get("volumes", []))
    }

    assert see_it == {"postgres", "rabbitmq", "prepare", "secrets"}


def test_prepare_waits_for_healthy_servers_and_everyone_waits_for_prepare() -> None:
    waits = SERVICES["prepare"]["depends_on"]

    assert waits["postgres"] == waits["rabbitmq"] == {"condition": "service_healthy"}
    for process in PROCESSES:
        assert SERVICES[process.name]["depends_on"] == {
            "prepare": {"condition": "service_completed_successfully"}
        }


def test_only_the_gateway_and_prometheus_are_open_and_only_to_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published == {
        "gateway": [f"127.0.0.1:${{WANGGE_HTTP_PORT:-{DEFAULT_HTTP_PORT}}}:8080"],
        "prometheus": [f"127.0.0.1:${{WANGGE_PROMETHEUS_PORT:-{DEFAULT_PROMETHEUS_PORT}}}:9090"],
    }
    assert not USUAL_PORTS & {DEFAULT_HTTP_PORT, DEFAULT_PROMETHEUS_PORT}


def test_no_password_is_written_in_the_file() -> None:
    secretive = re.compile(r"PASS|SECRET|TOKEN|DATABASE_URL|AMQP_URL|JWK")
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if secretive.search(variable):
                assert variable.endswith(("_FILE", "_DIR")), f"{name}: {variable}"
                assert value.startswith("/var/lib/wangge/"), f"{name}: {variable}"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_an_image_has_a_name_a_default_and_a_version(name: str) -> None:
    default = re.fullmatch(r"\$\{\w+:-(.+)\}", SERVICES[name]["image"])

    assert default is not None
    image, _, tag = default.group(1).rpartition(":")
    assert image
    assert tag not in {"", "latest"}


def test_the_image_runs_as_a_numbered_user_that_is_not_root() -> None:
    lines = (ROOT / "deploy/docker/Dockerfile").read_text("utf-8").splitlines()
    last_stage = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM ")) :]
    users = [line.removeprefix("USER ") for line in last_stage if line.startswith("USER ")]

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])


def test_every_variable_of_the_file_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")

    assert re.findall(r"(?<!\$)\$\{\w+\}", text) == []
