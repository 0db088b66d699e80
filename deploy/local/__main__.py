"""The platform on one machine: `python -m deploy.local up`, `down`, `status`, `logs` and more."""

import argparse
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from deploy.local import borrowed, servers, stack
from deploy.local.problems import LocalStackError
from deploy.local.state import REPOSITORY, State


def _up(chosen: argparse.Namespace) -> int:
    url = stack.up(_state(chosen), os.environ)
    print(f"Wangge is up: {url}")
    return 0


def _down(chosen: argparse.Namespace) -> int:
    stack.down(_state(chosen))
    return 0


def _destroy(chosen: argparse.Namespace) -> int:
    stack.destroy(_state(chosen))
    return 0


def _status(chosen: argparse.Namespace) -> int:
    return 0 if stack.status(_state(chosen)) else 1


def _logs(chosen: argparse.Namespace) -> int:
    stack.follow_logs(_state(chosen), chosen.service)
    return 0


def _prepare(chosen: argparse.Namespace) -> int:
    state = _state(chosen)
    with state.lock():
        stack.prepare(state, servers.start(state, os.environ), os.environ)
    return 0


def _servers(chosen: argparse.Namespace) -> int:
    state = _state(chosen)
    with state.lock():
        found = servers.start(state, os.environ)
    print(f"export WANGGE_DATABASE_URL={shlex.quote(found.database_url)}")
    print(f"export WANGGE_AMQP_URL={shlex.quote(found.amqp_url)}")
    return 0


def _with_servers(chosen: argparse.Namespace) -> int:
    command = chosen.command[1:] if chosen.command[:1] == ["--"] else chosen.command
    if not command:
        message = "Name the command to run: with-servers -- COMMAND ..."
        raise LocalStackError(message)
    kept = State(chosen.state.resolve()) if chosen.state else None
    return borrowed.run(command, os.environ, kept)


_COMMANDS: Final[dict[str, tuple[Callable[[argparse.Namespace], int], str]]] = {
    "up": (_up, "start the servers and every process, and wait until all are ready"),
    "down": (_down, "stop them; the data stays"),
    "destroy": (_destroy, "stop them and remove all data"),
    "status": (_status, "show every process; exit 1 unless all are ready"),
    "logs": (_logs, "show logs as they grow"),
    "prepare": (_prepare, "databases, roles, migrations, queues and the first operator"),
    "servers": (_servers, "start the two servers and print their URLs for `eval`"),
    "with-servers": (_with_servers, "run a command with two servers of its own"),
}


def _state(chosen: argparse.Namespace) -> State:
    return State((chosen.state or REPOSITORY / ".wangge").resolve())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deploy.local", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")
    for name, (_, purpose) in _COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=purpose)
        command.add_argument(
            "--state", type=Path, metavar="DIR", help="the state folder (.wangge in the repository)"
        )
        if name == "logs":
            command.add_argument("--service", help="a service, or a process such as cases-grpc")
        if name == "with-servers":
            command.add_argument("command", nargs=argparse.REMAINDER, help="the command to run")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 with a message on standard error when it cannot be done."""
    chosen = _parser().parse_args(arguments)
    run, _ = _COMMANDS[chosen.name]
    try:
        return run(chosen)
    except LocalStackError as problem:
        print(problem, file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
