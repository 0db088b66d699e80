"""Dead letters of a service: `python -m deploy.dead_letters list|count|replay SERVICE [--id ID]`.

Behind `make dlq service=cases` and `make replay service=cases [id=…]`. Reads AMQP_URL.
"""

import argparse
import os
import sys
from typing import Final

from kombu.exceptions import OperationalError

from deploy.processes import SERVICES
from shared.config import ConfigError, Env
from shared.eventing import dead_letters
from shared.eventing.dead_letters import DeadLetter

_COMMANDS: Final = ("list", "count", "replay")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 with a message on standard error when it cannot be done."""
    chosen = _parser().parse_args(arguments)
    env = Env(os.environ)
    amqp_url = env.text("AMQP_URL")
    try:
        env.check()
        return _run(amqp_url, chosen)
    except ConfigError as error:
        print(f"dead letters: {error}", file=sys.stderr)
    except (OperationalError, OSError) as error:
        print(
            f"dead letters: RabbitMQ cannot be reached ({error}). "
            "Start it, or set AMQP_URL to where it runs.",
            file=sys.stderr,
        )
    except dead_letters.NoSuchQueue as error:
        print(f"dead letters: {error}", file=sys.stderr)
    return 1


def _run(amqp_url: str, chosen: argparse.Namespace) -> int:
    service: str = chosen.service
    if chosen.command == "count":
        print(dead_letters.count(amqp_url, service))
        return 0
    if chosen.command == "list":
        return _list(amqp_url, service)
    return _replay(amqp_url, service, chosen.id)


def _list(amqp_url: str, service: str) -> int:
    shown = 0
    for letter in dead_letters.entries(amqp_url, service):
        print(_shown(letter))
        shown += 1
    print(f"{service}: {_counted(shown)}")
    return 0


def _replay(amqp_url: str, service: str, event_id: str | None) -> int:
    done = dead_letters.replay(amqp_url, service, event_id)
    for letter in done.refused:
        print(f"No queue {letter.queue}; {letter.event_id} stays. Run prepare.", file=sys.stderr)
    if event_id and not done.count and not done.refused:
        print(f"{service}: no dead letter has the id {event_id}", file=sys.stderr)
        return 1
    print(f"{service}: sent {_counted(done.count)} again")
    return 1 if done.refused else 0


def _shown(letter: DeadLetter) -> str:
    return (
        f"{letter.event_id}  {letter.event}  county {letter.county_id}\n"
        f"    queue {letter.queue}, tries {letter.attempts}, died {letter.died_at}\n"
        f"    {letter.reason}: {letter.error}"
    )


def _counted(number: int) -> str:
    return f"{number} dead letter{'' if number == 1 else 's'}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deploy.dead_letters", description=__doc__)
    parser.add_argument("command", choices=_COMMANDS)
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("--id", help="replay the letter of this event alone")
    return parser


if __name__ == "__main__":
    sys.exit(main())
