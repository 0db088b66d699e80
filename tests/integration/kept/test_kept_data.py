"""What an earlier form of the platform stored is read, verified and answered again by this one."""

import importlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from deploy.demo.http import Api
from deploy.prepare import contract_of
from deploy.processes import SERVICES
from tests.integration.gateway_process import start_gateway
from tests.integration.kept.kept import KeptDatabases, read_answers, restored
from tests.integration.service_fixtures import Databases, RpcServers, Tokens

Json = Any
KEPT = read_answers()
RENAMED_MEMBERS: tuple[tuple[str, str, str], ...] = (
    ("/patrols", "source_ids", "pollution_source_ids"),
    ("/patrols", "source_id", "pollution_source_id"),
    ("/sources", "source_id", "pollution_source_id"),
    ("/ledger-objects", "source_ids", "pollution_source_ids"),
    ("/ledger-objects", "source_id", "pollution_source_id"),
    ("/cases", "source_type", "origin"),
    ("/cases", "source_id", "origin_id"),
)
"""Where (a part of the address), a member's recorded name, and its present one."""
RENAMED_ACTIONS = {"accept": "acknowledge", "acknowledge": "accept-transfer"}
"""A case's verb as it was → what it is now, where a case says what the caller may do."""
RENAMED_VERBS = {f":{old}": f":{new}" for old, new in RENAMED_ACTIONS.items()}
OF_THE_MOMENT = frozenset({"compute_time"})
"""Members that say when an answer was made."""
PEOPLE = ("admin", "direct", "patroller")


@pytest.fixture(scope="module")
def databases_as_they_were(databases: Databases) -> Iterator[KeptDatabases]:
    with restored(databases) as kept:
        yield kept


@pytest.fixture(scope="module")
def url(
    databases_as_they_were: KeptDatabases,
    amqp_url: str,
    token: Tokens,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The gateway before all seven services, which work on the kept data."""
    servers = RpcServers(databases_as_they_were, amqp_url, token)
    settings = {
        "TOKEN_SIGNING_JWK": token.jwk,
        "PERSONAL_DATA_KEYS": KEPT["personal_data_keys"],
    }
    addresses: dict[str, str] = {}
    with ExitStack() as ends:
        ends.callback(servers.stop)
        for service in SERVICES:
            build = importlib.import_module(f"services.{service}.serve_grpc").build
            addresses[service] = servers.serve(service, build, peers=addresses, settings=settings)
        output = tmp_path_factory.mktemp("gateway") / "output"
        gateway = start_gateway(addresses, token.jwks, {}, output)
        ends.callback(gateway.end)
        yield gateway.url


@pytest.fixture(scope="module")
def people(url: str) -> dict[str, Api]:
    """Those who had an account then, signed in with the password they had; and anyone."""
    anyone = Api(url, quiet=True)
    signed_in = {who: anyone.signed_in(KEPT["county"], who, KEPT["password"]) for who in PEOPLE}
    return {**signed_in, "anyone": anyone}


@pytest.mark.parametrize("read", KEPT["reads"], ids=lambda read: read["path"])
def test_what_was_stored_reads_as_it_did(people: dict[str, Api], read: Json) -> None:
    answer = people[read["who"]].get(read["path"]).json

    assert stored(answer) == stored(present(read["answer"], read["path"]))


@pytest.mark.parametrize("asked", KEPT["repeated"], ids=lambda asked: asked["path"])
def test_a_key_used_then_still_gives_that_answer_and_stands_for_no_other_request(
    people: dict[str, Api], asked: Json
) -> None:
    path, body = present_address(asked["path"]), present(asked["body"], asked["path"])
    other = {name: f"{value}二" for name, value in body.items() if name in WORDS}

    again = people[asked["who"]].post(path, body, key=asked["key"], expect=None)
    refused = people[asked["who"]].post(path, body | other, key=asked["key"], expect=422)

    assert other
    assert again.json == present(asked["answer"], asked["path"])
    assert refused.json["reason"] == "IDEMPOTENCY_KEY_REUSED"


WORDS = frozenset({"summary", "name", "title", "note"})
"""Members of the repeated requests that may say anything."""


def test_every_ledger_verifies_whole(
    people: dict[str, Api], databases_as_they_were: KeptDatabases
) -> None:
    ledgers = counts(databases_as_they_were, "patrols", "patroller_id", "patrols")

    assert ledgers
    for patroller, records in ledgers.items():
        path = f"/v1/counties/{KEPT['county']}/ledgers/{patroller}:verify"
        verified = people["admin"].get(path).json
        assert verified == {"records": records, "whole": True, "first_broken_patrol_id": ""}


def test_every_history_of_a_case_verifies_whole(
    people: dict[str, Api], databases_as_they_were: KeptDatabases
) -> None:
    histories = counts(databases_as_they_were, "cases", "case_id", "case_history")

    assert len(histories) >= 8
    for case, steps in histories.items():
        history = people["admin"].get(f"/v1/counties/{KEPT['county']}/cases/{case}/history").json
        assert history["whole"]
        assert len(history["entries"]) == steps


def test_every_consumer_reads_the_events_that_were_sent_then(
    databases_as_they_were: KeptDatabases,
) -> None:
    sent = {
        (service, key): orjson.loads(body)["data"]
        for service in SERVICES
        for key, body in events(databases_as_they_were, service)
    }
    subscriptions = [each for service in SERVICES for each in contract_of(service).consumes]
    read = {(each.source, each.key) for each in subscriptions} & sent.keys()

    assert {source for source, _ in read} >= {"grid", "personnel", "patrols", "cases"}
    for subscription in subscriptions:
        if (subscription.source, subscription.key) in read:
            assert subscription.schema.load(sent[subscription.source, subscription.key])


def counts(kept: KeptDatabases, service: str, column: str, table: str) -> dict[str, int]:
    """Value of a column → how many rows have it."""
    query = text(f"SELECT {column}, count(*) FROM {table} GROUP BY {column}")
    with kept.admin_engine(service).connect() as connection:
        return {str(value): count for value, count in connection.execute(query)}


def events(kept: KeptDatabases, service: str) -> list[tuple[str, bytes]]:
    """Every event in the outbox of a service: its key and its body."""
    with kept.admin_engine(service).connect() as connection:
        rows = connection.execute(text("SELECT key, body FROM outbox ORDER BY event_id"))
        return [(row.key, row.body) for row in rows]


def present(value: Json, path: str) -> Json:
    """What was recorded at an address, with the names that its members have now."""
    names = {old: new for part, old, new in RENAMED_MEMBERS if part in path}

    def renamed(value: Json, within: str = "") -> Json:
        if isinstance(value, dict):
            return {names.get(key, key): renamed(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [renamed(each, within) for each in value]
        return RENAMED_ACTIONS.get(value, value) if within == "allowed_actions" else value

    return renamed(value)


def present_address(path: str) -> str:
    """A recorded address with the verb that it has now."""
    start, colon, verb = path.rpartition(":")
    return f"{start}{RENAMED_VERBS.get(f'{colon}{verb}', f'{colon}{verb}')}"


def stored(answer: Json) -> Json:
    """An answer without what says when it was made."""
    if isinstance(answer, dict):
        return {key: stored(each) for key, each in answer.items() if key not in OF_THE_MOMENT}
    return [stored(each) for each in answer] if isinstance(answer, list) else answer
