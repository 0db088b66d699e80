"""The access log."""

import io

import orjson

from gateway.access_log import AccessLog


def test_lines_are_written_in_order_and_all_of_them_before_the_end() -> None:
    stream = io.BytesIO()
    log = AccessLog(stream)

    for number in range(2000):
        log.write(number, {"status": 200, "correlation_id": str(number)})
    log.close()

    lines = [orjson.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["correlation_id"] for line in lines] == [str(number) for number in range(2000)]
    assert lines[1]["time"] == "1970-01-01T00:00:01+00:00"
    assert lines[1]["process"] == "gateway"
