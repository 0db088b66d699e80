"""Run the platform with Docker Compose and tell it the demonstration's story.

python -m deploy.compose_demo            build, start, wait until all is well, run the story
python -m deploy.compose_demo --start    the same without the story

Leaves the platform up and says how to end it. Needs a Docker engine and Compose, version 2 or 1.29.
Settings of docker-compose.yml are taken from the environment: WANGGE_HTTP_PORT, WANGGE_IMAGE, …
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
STATE: Final = ROOT / ".wangge" / "compose"
PASSWORD_IN_CONTAINER: Final = "/var/lib/wangge/secrets/operator.password"  # noqa: S105 -- a path
DEFAULT_HTTP_PORT: Final = "18420"
DEFAULT_PROMETHEUS_PORT: Final = "19464"
ONE_SHOT: Final = frozenset({"secrets", "prepare"})
LAST_LINES: Final = "40"


class DemoError(Exception):
    """The platform did not come up; the text says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Container:
    """What the engine says of one container of the project."""

    service: str
    status: str
    health: str | None
    exit_code: int

    @classmethod
    def from_inspection(cls, found: Mapping[str, Any]) -> "Container":
        """Return what `docker inspect` found."""
        state = found["State"]
        return cls(
            service=found["Config"]["Labels"]["com.docker.compose.service"],
            status=state["Status"],
            health=state.get("Health", {}).get("Status"),
            exit_code=state["ExitCode"],
        )

    @property
    def failed(self) -> bool:
        """Whether waiting longer cannot help."""
        done = self.status in {"exited", "dead"}
        return (done and (self.service not in ONE_SHOT or self.exit_code != 0)) or (
            self.health == "unhealthy"
        )

    @property
    def well(self) -> bool:
        """Whether it does what it is there for, or has done so."""
        if self.service in ONE_SHOT:
            return self.status == "exited" and self.exit_code == 0
        return self.status == "running" and self.health in {None, "healthy"}


@dataclass(frozen=True, slots=True)
class Compose:
    """The Compose command of this machine, for this repository's project."""

    command: tuple[str, ...]

    @classmethod
    def found(cls) -> "Compose":
        """Return version 2 where it is installed, version 1 otherwise; fails with DemoError."""
        project = os.environ.get("COMPOSE_PROJECT_NAME", "wangge")
        for command in (("docker", "compose"), ("docker-compose",)):
            if shutil.which(command[0]) and _succeeds((*command, "version")):
                return cls((*command, "-p", project))
        message = (
            "Docker Compose is not installed. Install Docker Engine with its compose plugin, "
            "or use `make demo`, which needs neither. 未安装 Docker Compose，可改用 make demo。"
        )
        raise DemoError(message)

    def shown(self, *arguments: str) -> str:
        """Return the command as a person would type it."""
        return shlex.join((*self.command, *arguments))

    def run(self, *arguments: str) -> None:
        """Run to the end, output shown; fails with DemoError."""
        ran = subprocess.run((*self.command, *arguments), cwd=ROOT, check=False)
        if ran.returncode != 0:
            message = f"`{self.shown(*arguments)}` failed; its own message is above."
            raise DemoError(message)

    def output(self, *arguments: str) -> str:
        """Return what the command prints; fails with DemoError."""
        ran = subprocess.run(
            (*self.command, *arguments), cwd=ROOT, check=False, capture_output=True, text=True
        )
        if ran.returncode != 0:
            message = f"`{self.shown(*arguments)}` failed: {ran.stderr.strip()}"
            raise DemoError(message)
        return ran.stdout

    def containers(self) -> list[Container]:
        """Return every container of the project, ended ones included."""
        ids = self.output("ps", "-a", "-q").split()
        inspected = subprocess.run(
            ("docker", "inspect", *ids),
            check=False,
            capture_output=True,
            text=True,
        )
        if not ids or inspected.returncode != 0:
            return []  # none yet, or one was just replaced: ask again
        return [Container.from_inspection(found) for found in json.loads(inspected.stdout)]


def start(compose: Compose) -> None:
    """Build the image and create every container; fails with DemoError after showing why."""
    compose.run("build", "secrets")
    try:
        compose.run("up", "-d")
    except DemoError:
        _fail_with_logs_of([one for one in compose.containers() if one.failed], compose)
        raise


def wait_until_well(compose: Compose, patience: float) -> None:
    """Return when every container is well; fails with DemoError after `patience` seconds."""
    deadline = time.monotonic() + patience
    for containers in _observations(compose, deadline):
        _fail_with_logs_of([one for one in containers if one.failed], compose)
        if containers and all(one.well for one in containers):
            print(f"All {len(containers)} containers are well.")
            return
    waiting = sorted(one.service for one in compose.containers() if not one.well)
    message = f"Not ready after {patience:.0f} s: {', '.join(waiting) or 'no container exists'}."
    raise DemoError(message)


def _fail_with_logs_of(containers: Sequence[Container], compose: Compose) -> None:
    """Show the last lines of what failed and raise DemoError; does nothing where nothing did."""
    names = sorted(one.service for one in containers)
    if names:
        compose.run("logs", f"--tail={LAST_LINES}", *names)
        message = f"Not well: {', '.join(names)}. Their last lines are above."
        raise DemoError(message)


def _observations(compose: Compose, deadline: float) -> Iterator[list[Container]]:
    while time.monotonic() < deadline:
        yield compose.containers()
        time.sleep(2)


def fetch_operator_password(compose: Compose) -> Path:
    """Copy the first operator's password to a file for this user's eyes only."""
    password = compose.output("exec", "-T", "gateway", "cat", PASSWORD_IN_CONTAINER)
    STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = STATE / "operator.password"
    path.touch(mode=0o600)
    path.write_text(password, encoding="utf-8")
    return path


def tell_story(compose: Compose, gateway_url: str, password_file: Path) -> None:
    """Run the demonstration against the gateway; fails with DemoError."""
    done = subprocess.run(
        (
            *(sys.executable, "-m", "deploy.demo", "--gateway-url", gateway_url),
            *("--operator-password-file", str(password_file)),
            *("--accounts", str(STATE / "demo-accounts.json")),  # not those of the local platform
            *("--stop-command", compose.shown("down")),
        ),
        cwd=ROOT,
        check=False,
    )
    if done.returncode != 0:
        message = f"The story stopped with exit code {done.returncode}; the platform is still up."
        raise DemoError(message)


def _succeeds(command: Sequence[str]) -> bool:
    ran = subprocess.run(command, check=False, capture_output=True)
    return ran.returncode == 0


def _say_how_to_go_on(compose: Compose, gateway_url: str, password_file: Path) -> None:
    prometheus = os.environ.get("WANGGE_PROMETHEUS_PORT", DEFAULT_PROMETHEUS_PORT)
    print(
        f"""
HTTP API     {gateway_url}/docs
Prometheus   http://127.0.0.1:{prometheus}/alerts
Operator     password in {password_file.relative_to(ROOT)}
Logs         {compose.shown("logs", "-f", "cases-grpc")}
End          {compose.shown("down")}        (add -v to delete the data as well)"""
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 0 when the platform is up and the story was told, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Run the platform with Docker Compose.")
    parser.add_argument("--start", action="store_true", help="start only, tell no story")
    parser.add_argument("--patience", type=float, default=300, metavar="SECONDS")
    options = parser.parse_args(arguments)
    gateway_url = f"http://127.0.0.1:{os.environ.get('WANGGE_HTTP_PORT', DEFAULT_HTTP_PORT)}"
    try:
        compose = Compose.found()
        start(compose)
        wait_until_well(compose, options.patience)
        password_file = fetch_operator_password(compose)
        if not options.start:
            tell_story(compose, gateway_url, password_file)
    except DemoError as error:
        print(f"compose-demo: {error}", file=sys.stderr)
        return 1
    _say_how_to_go_on(compose, gateway_url, password_file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
