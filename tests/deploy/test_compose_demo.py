import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy import compose_demo
from deploy.compose_demo import Compose, Container, DemoError, wait_until_well


def container(service: str, status: str, health: str | None = None, code: int = 0) -> Container:
    return Container(service=service, status=status, health=health, exit_code=code)


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)


@dataclass(frozen=True)
class Observed(Compose):
    """A Compose whose containers are told beforehand, one list for each look."""

    command: tuple[str, ...] = ("docker-compose",)
    looks: list[list[Container]] = field(default_factory=list)
    ran: list[tuple[str, ...]] = field(default_factory=list)

    def containers(self) -> list[Container]:
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    def run(self, *arguments: str) -> None:
        self.ran.append(arguments)


@pytest.fixture
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.mark.parametrize(
    ("state", "well", "failed"),
    [
        (container("gateway", "running", "healthy"), True, False),
        (container("gateway", "running", "starting"), False, False),
        (container("gateway", "running", "unhealthy"), False, True),
        (container("gateway", "exited", "healthy"), False, True),
        (container("gateway", "restarting", "starting"), False, False),
        (container("prometheus", "running"), True, False),
        (container("prepare", "running"), False, False),
        (container("prepare", "exited", code=0), True, False),
        (container("prepare", "exited", code=1), False, True),
    ],
)
def test_a_container_is_well_or_failed_or_still_on_its_way(
    state: Container, *, well: bool, failed: bool
) -> None:
    assert (state.well, state.failed) == (well, failed)


def test_what_the_engine_says_is_understood() -> None:
    found: dict[str, Any] = {
        "Config": {"Labels": {"com.docker.compose.service": "cases-grpc"}},
        "State": {"Status": "running", "Health": {"Status": "healthy"}, "ExitCode": 0},
    }

    assert Container.from_inspection(found) == container("cases-grpc", "running", "healthy")


@pytest.mark.usefixtures("without_pauses")
def test_it_waits_until_the_last_is_well() -> None:
    looks = [
        [],
        [container("prepare", "running")],
        [container("prepare", "exited"), container("gateway", "running", "starting")],
        [container("prepare", "exited"), container("gateway", "running", "healthy")],
    ]

    wait_until_well(Observed(looks=looks), patience=60)

    assert len(looks) == 1


@pytest.mark.usefixtures("without_pauses")
def test_it_stops_at_the_first_that_failed_and_shows_its_log() -> None:
    compose = Observed(
        looks=[[container("prepare", "exited", code=1), container("gateway", "created")]]
    )

    with pytest.raises(DemoError, match="Not well: prepare"):
        wait_until_well(compose, patience=60)
    assert compose.ran == [("logs", "--tail=40", "prepare")]


def test_it_does_not_wait_for_ever_and_names_what_it_waited_for() -> None:
    compose = Observed(looks=[[container("gateway", "running", "starting")]])

    with pytest.raises(DemoError, match="Not ready after 0 s: gateway"):
        wait_until_well(compose, patience=0)


def test_version_2_is_taken_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "docker", "exit 0")
    program(tmp_path, "docker-compose", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("COMPOSE_PROJECT_NAME", raising=False)

    assert Compose.found().command == ("docker", "compose", "-p", "wangge")


def test_version_1_is_taken_where_docker_has_no_compose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "docker", "exit 1")
    program(tmp_path, "docker-compose", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "mine")

    assert Compose.found().command == ("docker-compose", "-p", "mine")


def test_without_compose_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert compose_demo.main([]) == 1
    assert "make demo" in capsys.readouterr().err


def test_a_story_that_stops_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "python", "exit 3")
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))

    with pytest.raises(DemoError, match="exit code 3"):
        compose_demo.tell_story(Observed(), "http://127.0.0.1:1", tmp_path / "password")


def test_the_story_understands_what_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    program(tmp_path, "python", f'printf "%s\\n" "$@" >{told}')
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))

    compose_demo.tell_story(Observed(), "http://127.0.0.1:1", tmp_path / "password")

    module, *options = told.read_text("utf-8").splitlines()[1:]
    story = subprocess.run(
        (sys.prefix + "/bin/python", "-m", module, "--help"),
        check=True,
        capture_output=True,
        text=True,
    )
    assert {option for option in options if option.startswith("--")} <= set(
        re.findall(r"--[a-z-]+", story.stdout)
    )
    assert options[options.index("--stop-command") + 1] == "docker-compose down"
