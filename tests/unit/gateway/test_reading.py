"""What fields take and what they refuse."""

from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import fields, validate

from gateway import fields as own
from gateway.reading import load
from shared.errors import InvalidArgument


class Page(own.Body):
    page_size = fields.Integer(validate=validate.Range(1, 500))


class Everything(own.Body):
    moment = own.Instant()
    day = own.Day()
    flag = own.Flag()
    words = own.Text(validate=validate.Length(1, 10))
    id = own.Id()
    longitude = own.Number(validate=validate.Range(-180, 180))
    document = own.Document()
    nested = fields.List(fields.Nested(Page))


def pointers(data: Any) -> list[str]:
    with pytest.raises(InvalidArgument) as caught:
        load(Everything(), data)
    return [violation.pointer for violation in caught.value.violations]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-05T08:00:00+08:00", datetime(2026, 3, 5, tzinfo=UTC)),
        ("2026-03-05t00:00:00z", datetime(2026, 3, 5, tzinfo=UTC)),
        ("2026-03-05T00:00:00.250Z", datetime(2026, 3, 5, 0, 0, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_a_moment_has_its_offset(text: str, utc: datetime) -> None:
    assert load(Everything(), {"moment": text})["moment"] == utc


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-05T08:00:00",
        "2026-03-05",
        "20260305T080000Z",
        "2026-03-05 08:00:00Z",
        "2026-02-30T08:00:00Z",
        "2026-03-05T25:00:00Z",
        1772668800,
        "",
    ],
)
def test_what_is_no_moment_is_refused(value: object) -> None:
    assert pointers({"moment": value}) == ["/moment"]


@pytest.mark.parametrize("value", ["2026-02-30", "2026-3-5", "20260305", 20260305, ""])
def test_what_is_no_day_is_refused(value: object) -> None:
    assert pointers({"day": value}) == ["/day"]


@pytest.mark.parametrize(
    "data",
    [
        {"moment": "9999-12-31T23:59:59-14:00"},
        {"moment": "0001-01-01T00:00:00+14:00"},
        {"day": "0000-01-01"},
        {"day": "9999-12-31"},
    ],
)
def test_a_time_at_the_end_of_the_calendar_is_refused(data: dict[str, str]) -> None:
    assert pointers(data) == [f"/{name}" for name in data]


@pytest.mark.parametrize("value", ["true", 1, 0, "yes", "", []])
def test_only_true_and_false_are_flags(value: object) -> None:
    assert pointers({"flag": value}) == ["/flag"]


@pytest.mark.parametrize("value", ["", "   ", "x" * 11, "a\x00b", "a\x1bb", 7, None, ["a"]])
def test_what_is_no_text_is_refused(value: object) -> None:
    assert pointers({"words": value}) == ["/words"]


def test_text_is_trimmed_and_counted_in_characters() -> None:
    assert (
        load(Everything(), {"words": "  焚烧秸秆焚烧秸秆秸秆 "})["words"] == "焚烧秸秆焚烧秸秆秸秆"
    )


@pytest.mark.parametrize(
    "value", ["0190F0AA00007000800000000000000A", "{0190f0aa-0000-7000-8000-00000000000a}", "1", 1]
)
def test_only_the_usual_form_of_a_uuid_is_an_id(value: object) -> None:
    assert pointers({"id": value}) == ["/id"]


def test_an_id_is_lower_case_afterwards() -> None:
    given = "0190F0AA-0000-7000-8000-00000000000A"

    assert load(Everything(), {"id": given})["id"] == given.lower()


@pytest.mark.parametrize("value", [180.01, -181, "113", True, None])
def test_a_coordinate_is_a_number_on_earth(value: object) -> None:
    assert pointers({"longitude": value}) == ["/longitude"]


def test_an_unknown_field_is_named_with_its_place() -> None:
    assert pointers({"nested": [{}, {"a/b~c": 1}]}) == ["/nested/1/a~1b~0c"]


def test_a_body_that_is_no_object_is_told_of_as_a_whole() -> None:
    assert pointers([]) == [""]
