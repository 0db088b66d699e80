"""The service emits exactly what the golden samples show, and reads what cases emits."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.disclosure import schemas
from shared.contracts.cases import CaseClosed
from shared.contracts.disclosure import PublicationPublished, PublicationWithdrawn
from shared.eventing.contracts import subscription_to

SAMPLES = Path(__file__).parents[3] / "contract" / "events"
PUBLISHED_AT = datetime(2026, 10, 12, 2, 30, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "publication_id": UUID(int=81),
    "item_id": UUID(int=82),
    "kind": "case_results",
    "published_at": PUBLISHED_AT,
}
EVENTS = [
    PublicationPublished(**FACTS, due_on=date(2026, 10, 22)),
    PublicationWithdrawn(**FACTS, due_on=date(2026, 10, 22)),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_what_its_sample_shows(event: object) -> None:
    emission = schemas.EVENTS[type(event)]
    sample = json.loads((SAMPLES / f"{emission.key}.json").read_text())

    assert emission.schema.dump(event) == sample
    assert emission.schema.load({**sample, "from_the_future": 1})["due_on"] == date(2026, 10, 22)


def test_without_a_limit_the_day_is_null() -> None:
    emission = schemas.EVENTS[PublicationPublished]

    assert emission.schema.dump(PublicationPublished(**FACTS, due_on=None))["due_on"] is None


def test_every_event_has_a_sample() -> None:
    assert {type(event) for event in EVENTS} == set(schemas.EVENTS)


def test_a_closed_case_is_read_as_cases_tells_of_it_and_later_fields_do_no_harm() -> None:
    sample = json.loads((SAMPLES / "case.closed.v1.json").read_text())

    case = subscription_to(CaseClosed).read({**sample, "from_the_future": 1})

    assert str(case.case_id) == sample["case_id"]
    assert case.closed_at.utcoffset() is not None
    assert (case.masked, case.reader_department_ids) == ((), ("ecology",))


def test_a_closed_case_of_the_earlier_form_says_nothing_of_what_was_masked() -> None:
    sample = json.loads((SAMPLES / "case.closed.v1.json").read_text())
    del sample["masked"], sample["reader_department_ids"]

    case = subscription_to(CaseClosed).read(sample)

    assert (case.masked, case.reader_department_ids) == (None, None)
