import orjson
import pytest
from prometheus_client import CollectorRegistry, Counter

from shared.config import ConfigError
from shared.health import Readiness, require
from shared.metrics import application


class Thing:
    """Something a process depends on, which can be away."""

    def __init__(self) -> None:
        self.away = False

    def __call__(self) -> None:
        if self.away:
            raise ConnectionError("refused\nwith a second line")


@pytest.fixture
def database() -> Thing:
    return Thing()


@pytest.fixture
def broker() -> Thing:
    return Thing()


@pytest.fixture
def readiness(database: Thing, broker: Thing) -> Readiness:
    return Readiness({"database": database, "broker": broker})


def ask(readiness: Readiness, path: str) -> tuple[str, bytes]:
    lines = []
    registry = CollectorRegistry()
    Counter("wangge_test", "A counter.", registry=registry).inc(3)
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "QUERY_STRING": ""}
    body = application(readiness, registry)(environ, lambda line, _: lines.append(line))
    return lines[0].split(" ")[0], b"".join(body)


def test_before_the_first_check_nothing_is_promised(readiness: Readiness) -> None:
    assert readiness.report()["status"] == "down"
    assert ask(readiness, "/readyz")[0] == "503"


def test_a_lost_broker_degrades_and_a_lost_database_is_down(
    readiness: Readiness, database: Thing, broker: Thing
) -> None:
    readiness.refresh()
    assert readiness.report() == {"status": "ok", "checks": {"database": "ok", "broker": "ok"}}

    broker.away = True
    readiness.refresh()
    code, body = ask(readiness, "/readyz")
    assert (code, orjson.loads(body)) == (
        "200",
        {
            "status": "degraded",
            "checks": {"database": "ok", "broker": "ConnectionError: refused"},
        },
    )

    database.away = True
    readiness.refresh()
    code, body = ask(readiness, "/readyz")
    assert (code, orjson.loads(body)["status"]) == ("503", "down")
    assert ask(readiness, "/healthz")[0] == "200"

    database.away = broker.away = False
    readiness.refresh()
    assert readiness.report()["status"] == "ok"


def test_listeners_hear_the_first_state_and_each_change_once(
    readiness: Readiness, broker: Thing
) -> None:
    heard: list[tuple[str, bool]] = []
    readiness.on_change(lambda name, up: heard.append((name, up)))
    broker.away = True

    readiness.refresh()
    readiness.refresh()
    broker.away = False
    readiness.refresh()

    assert heard == [("database", True), ("broker", False), ("broker", True)]


def test_metrics_are_shown_and_other_paths_are_named(readiness: Readiness) -> None:
    assert b"wangge_test_total 3.0" in ask(readiness, "/metrics")[1]
    code, body = ask(readiness, "/else")
    assert code == "404"
    assert "/readyz" in orjson.loads(body)["paths"]


def test_a_server_that_is_away_at_the_start_is_named_with_its_variable(database: Thing) -> None:
    database.away = True

    with pytest.raises(
        ConfigError, match=r"PostgreSQL cannot be reached \(refused\).*DATABASE_URL"
    ):
        require("PostgreSQL", "DATABASE_URL", database)
