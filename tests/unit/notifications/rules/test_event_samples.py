"""What this service reads of other services' events: their golden samples, and whatever is added."""

from pathlib import Path

import orjson
import pytest

from services.assessment.schemas import CONSUMES as ASSESSMENT_CONSUMES
from services.notifications.schemas import CONSUMES
from shared.eventing.contracts import Subscription

SAMPLES = Path(__file__).parents[3] / "contract" / "events"
SUBSCRIPTIONS = {s.key: s for s in (*CONSUMES, *ASSESSMENT_CONSUMES) if s.source != "grid"}


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS.values(), ids=SUBSCRIPTIONS.keys())
def test_a_sample_and_one_with_a_field_added_later_are_read_alike(
    subscription: Subscription,
) -> None:
    sample = orjson.loads((SAMPLES / f"{subscription.key}.json").read_bytes())

    read = subscription.schema.load(sample)

    assert subscription.schema.load({**sample, "added_later": {"x": 1}}) == read
    assert read.keys() <= sample.keys()


@pytest.mark.parametrize("name", ["case_id", "grid_id", "clocks", "handled_at"])
def test_a_case_event_without_what_is_promised_is_refused(name: str) -> None:
    subscription = SUBSCRIPTIONS["case.handled.v1"]
    sample = orjson.loads((SAMPLES / "case.handled.v1.json").read_bytes())
    del sample[name]

    assert name in subscription.schema.validate(sample)
