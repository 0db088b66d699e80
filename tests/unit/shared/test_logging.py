import logging
import sys
from datetime import UTC, datetime
from uuid import uuid4

import orjson

from shared.context import RequestContext
from shared.logging import JsonFormatter, bound

FORMATTER = JsonFormatter("cases-grpc")


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("rpc", logging.WARNING, __file__, 1, message, args, None)
    made.__dict__.update(extra)
    return made


def line(made: logging.LogRecord) -> dict:
    text = FORMATTER.format(made)
    assert "\n" not in text
    return orjson.loads(text)


def test_a_record_is_one_json_object() -> None:
    written = line(record("第 %s 行\n完", 1))

    assert written["message"] == "第 1 行\n完"
    assert (written["level"], written["process"], written["logger"]) == (
        "warning",
        "cases-grpc",
        "rpc",
    )
    assert abs((datetime.now(UTC) - datetime.fromisoformat(written["time"])).total_seconds()) < 5
    assert "county_id" not in written


def test_within_a_request_every_record_says_whose_it_is() -> None:
    context = RequestContext("t1", "corr-1", actor_id=uuid4(), token="secret-token")

    with bound(context):
        inside = line(record("inside"))
    outside = line(record("outside"))

    assert (inside["county_id"], inside["correlation_id"]) == ("t1", "corr-1")
    assert inside["actor_id"] == str(context.actor_id)
    assert "secret-token" not in str(inside)
    assert "correlation_id" not in outside


def test_contexts_nest() -> None:
    with bound(RequestContext("t1", "outer")):
        with bound(RequestContext("t2", "inner")):
            assert line(record("x"))["correlation_id"] == "inner"
        assert line(record("x"))["correlation_id"] == "outer"


def test_only_the_known_extra_fields_are_written() -> None:
    written = line(record("answered", method="GetCase", seconds=0.25, phone="13812345678"))

    assert (written["method"], written["seconds"]) == ("GetCase", 0.25)
    assert "13812345678" not in str(written)


def test_an_error_carries_its_trace() -> None:
    made = record("failed")
    try:
        {}["lost"]
    except KeyError:
        made.exc_info = sys.exc_info()

    assert "KeyError: 'lost'" in line(made)["trace"]


def test_text_that_is_no_unicode_does_not_lose_the_record() -> None:
    assert "bad" in line(record("bad \ud800 text"))["message"]
