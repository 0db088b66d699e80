"""`make dlq` and `make replay`, as they run: a command, its output and its exit code."""

import os
import subprocess
import sys

import kombu
import pytest

from deploy.dead_letters import main
from shared.eventing import topology
from tests.integration.eventing.running import ROOT, free_port


@pytest.fixture
def letter(amqp_url):
    """A dead letter of assessment, whose one queue the test has."""
    queue = "assessment.test.thing.made.v1"
    with kombu.Connection(amqp_url) as connection, connection.channel() as channel:
        topology.declare_failures(channel, "assessment", (1.0,))
        channel.queue_purge("assessment.dlq")
        channel.queue_declare(queue, auto_delete=False)
        with connection.Producer() as producer:
            producer.publish(
                b"no json",
                exchange="assessment.dlx",
                routing_key=queue,
                content_type="application/cloudevents+json",
                content_encoding="binary",
                message_id="00000000-0000-0000-0000-000000000001",
                type="thing.made.v1",
                headers={
                    "x-wangge-queue": queue,
                    "x-wangge-reason": "permanent",
                    "x-wangge-error": "MalformedEvent: not a CloudEvent",
                    "x-wangge-attempt": 4,
                    "x-wangge-dead-at": "2026-03-02T08:00:00+08:00",
                    "x-wangge-outage": 2,
                    "x-kept": "yes",
                    "x-death": [{"queue": queue, "reason": "delivery_limit", "count": 1}],
                },
            )
        yield queue
        channel.queue_delete(queue)
        channel.queue_purge("assessment.dlq")


def run(*arguments, **environment):
    inherited = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-m", "deploy.dead_letters", *arguments],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_list_says_what_each_letter_is_and_why_it_is_there(amqp_url, letter):
    found = run("list", "assessment", AMQP_URL=amqp_url)

    assert found.returncode == 0
    for part in (
        "00000000-0000-0000-0000-000000000001  thing.made.v1",
        "2026-03-02T08:00:00+08:00",
        f"from {letter}: permanent after 4 tries",
        "MalformedEvent: not a CloudEvent",
        "1 dead letters of assessment",
    ):
        assert part in found.stdout


def test_a_replayed_letter_is_like_new(amqp_url, letter):
    event_id = "00000000-0000-0000-0000-000000000001"

    found = run("replay", "assessment", "--id", event_id, AMQP_URL=amqp_url)

    assert (found.returncode, found.stdout) == (0, "1 sent again\n")
    with kombu.Connection(amqp_url) as connection, connection.channel() as channel:
        message = channel.basic_get(letter, no_ack=True)
        assert bytes(message.body) == b"no json"
        assert message.properties["message_id"] == event_id
        assert message.properties["delivery_mode"] == 2
        assert message.properties["application_headers"] == {"x-kept": "yes"}
    assert "0 dead letters" in run("list", "assessment", AMQP_URL=amqp_url).stdout


def test_an_unknown_event_is_named(monkeypatch, capsys, amqp_url, letter):
    monkeypatch.setenv("AMQP_URL", amqp_url)

    assert main(["replay", "assessment", "--id", "1234"]) == 1

    assert "assessment has no dead letter of event 1234" in capsys.readouterr().err
    assert main(["list", "assessment"]) == 0
    assert letter in capsys.readouterr().out


def test_without_a_broker_the_command_says_so():
    found = run("list", "cases", AMQP_URL=f"amqp://u:p@127.0.0.1:{free_port()}/x")

    assert found.returncode == 1
    assert "RabbitMQ cannot be reached" in found.stderr
    assert "Traceback" not in found.stderr


def test_without_its_address_the_command_names_the_variable():
    found = run("list", "cases")

    assert found.returncode == 1
    assert "AMQP_URL is not set" in found.stderr


def test_an_unknown_service_is_refused_with_the_known_ones():
    found = run("list", "weather")

    assert found.returncode == 2
    assert "'grid', 'personnel'" in found.stderr
