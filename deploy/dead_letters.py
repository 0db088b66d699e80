"""A service's dead letters: `python -m deploy.dead_letters list cases`, `… replay cases [--id ID]`.

Listing takes nothing away. Replaying sends each letter to the queue it came from, as if it had
never been tried, and removes it only once the broker has the copy.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import amqp
import kombu
from kombu.exceptions import OperationalError

from deploy.processes import SERVICES
from shared.config import ConfigError, Env
from shared.eventing.envelope import Envelope, MalformedEvent
from shared.eventing.outcome import (
    ATTEMPT_HEADER,
    ERROR_HEADER,
    OUTAGE_HEADER,
    QUEUE_HEADER,
    REASON_HEADER,
    TIME_HEADER,
    Tries,
    own_headers,
)
from shared.eventing.sending import Sender, body_of, copied_properties
from shared.eventing.topology import dead_letter_queue

VERDICT = (
    ATTEMPT_HEADER,
    ERROR_HEADER,
    OUTAGE_HEADER,
    QUEUE_HEADER,
    REASON_HEADER,
    TIME_HEADER,
)
"""Headers that a letter loses when it is sent again."""


class DeadLettersError(Exception):
    """The command cannot be carried out; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter. ``event_id``, ``key`` and ``county_id`` are ``-`` where they cannot be read."""

    event_id: str
    key: str
    county_id: str
    queue: str
    reason: str
    error: str
    attempts: int
    died_at: str

    def __str__(self) -> str:
        """Three lines for a person."""
        return (
            f"{self.event_id}  {self.key}  county {self.county_id}  {self.died_at}\n"
            f"  from {self.queue}: {self.reason} after {self.attempts} tries\n"
            f"  {self.error}"
        )


def find(amqp_url: str, service: str) -> list[DeadLetter]:
    """Return the service's dead letters, the oldest first; they stay where they are."""
    with _letters(amqp_url, service) as messages:
        return [_read(message) for message in messages]


def replay(amqp_url: str, service: str, event_id: str | None = None) -> int:
    """Send the letters (or the one of an event) to their queues again; return how many.

    A letter whose queue is no more stays, and stops none of the others. Raises DeadLettersError at
    the end where there was one, or where the event has no letter.
    """
    sent, refused = _send_all(amqp_url, service, event_id)
    if refused:
        raise DeadLettersError("\n".join([*refused, f"{sent} sent again, {len(refused)} not."]))
    if event_id is not None and not sent:
        raise DeadLettersError(f"{service} has no dead letter of event {event_id}.")
    return sent


def _send_all(amqp_url: str, service: str, event_id: str | None) -> tuple[int, list[str]]:
    """How many were sent, and what is wrong with each that was not."""
    sender = Sender(amqp_url)
    sent, refused = 0, []
    try:
        with _letters(amqp_url, service) as messages:
            for message in messages:
                letter = _read(message)
                if event_id not in (None, letter.event_id):
                    continue
                try:
                    _send_again(sender, message, letter)
                    sent += 1
                except DeadLettersError as error:
                    refused.append(str(error))
    finally:
        sender.close()
    return sent, refused


def main(arguments: list[str] | None = None) -> int:
    """Run one command from the environment's AMQP_URL; 1 with a message when it cannot be done."""
    chosen = _parser().parse_args(arguments)
    try:
        env = Env(os.environ)
        amqp_url = env.text("AMQP_URL")
        env.check()
        if chosen.command == "list":
            _show(chosen.service, find(amqp_url, chosen.service))
        else:
            sent = replay(amqp_url, chosen.service, chosen.id)
            print(f"{sent} sent again")
    except (ConfigError, DeadLettersError) as error:
        print(error, file=sys.stderr)
        return 1
    except (OperationalError, OSError, amqp.AMQPError) as error:
        print(f"RabbitMQ cannot be reached or refuses ({error}). Check AMQP_URL.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deploy.dead_letters", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("list", "replay"):
        command = commands.add_parser(name)
        command.add_argument("service", choices=SERVICES)
        if name == "replay":
            command.add_argument("--id", help="only the letter of this event")
    return parser


def _show(service: str, letters: list[DeadLetter]) -> None:
    for letter in letters:
        print(letter)
    print(f"{len(letters)} dead letters of {service}")


@contextmanager
def _letters(amqp_url: str, service: str) -> Iterator[Iterator[Any]]:
    """Give the letters there are now; each that is not acknowledged goes back at the end."""
    with kombu.Connection(amqp_url, connect_timeout=5) as connection:
        connection.connect()
        with connection.channel() as channel:
            yield _taken(channel, service)


def _taken(channel: Any, service: str) -> Iterator[Any]:
    name = dead_letter_queue(service).name
    try:
        count = channel.queue_declare(name, passive=True).message_count
    except amqp.NotFound as error:
        raise DeadLettersError(f"There is no queue {name}: run prepare first.") from error
    for _ in range(count):
        if (message := channel.basic_get(name)) is None:
            return
        yield channel.message_to_python(message)


def _send_again(sender: Sender, message: Any, letter: DeadLetter) -> None:
    headers = own_headers(message.headers or {})
    for name in VERDICT:
        headers.pop(name, None)
    try:
        sender.send("", letter.queue, body_of(message), copied_properties(message, headers))
    except amqp.ChannelError as error:
        raise DeadLettersError(
            f"The queue {letter.queue} does not take event {letter.event_id} ({error}); "
            "its letter stays. Run prepare, or start the service, and try again."
        ) from error
    message.ack()


def _read(message: Any) -> DeadLetter:
    headers: Mapping[str, Any] = message.headers or {}
    event_id, key, county_id = _event_of(message)
    by_broker: Mapping[str, Any] = next(iter(headers.get("x-death") or ()), {})
    return DeadLetter(
        event_id=event_id,
        key=key,
        county_id=county_id,
        queue=headers.get(QUEUE_HEADER) or message.delivery_info["routing_key"],
        reason=headers.get(REASON_HEADER) or str(by_broker.get("reason", "unknown")),
        error=headers.get(ERROR_HEADER)
        or "the broker gave it up: its process died again and again",
        attempts=Tries.of(headers).attempt,
        died_at=str(headers.get(TIME_HEADER) or by_broker.get("time", "-")),
    )


def _event_of(message: Any) -> tuple[str, str, str]:
    given = message.properties
    try:
        event = Envelope.from_json(body_of(message))
    except MalformedEvent:
        return given.get("message_id") or "-", given.get("type") or "-", "-"
    return str(event.id), event.key, event.county_id


if __name__ == "__main__":
    sys.exit(main())
