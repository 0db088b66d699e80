"""The service reads what others emit, and what they may add to it later."""

import pytest
from marshmallow import ValidationError

from services.cases import schemas
from shared.contracts.patrols import FindingReported
from shared.eventing.contracts import subscription_to

FINDING = {
    "finding_id": "0199b1f4-0000-7000-8000-000000000001",
    "patrol_id": "0199b1f4-0000-7000-8000-000000000002",
    "grid_id": "0199b1f4-0000-7000-8000-000000000003",
    "category": "straw_burning",
    "description": "地里在烧秸秆",
    "found_at": "2026-03-06T02:00:00+00:00",
    "longitude": None,
    "latitude": None,
    "reporter_id": "0199b1f4-0000-7000-8000-000000000004",
}


def test_a_finding_may_carry_more_than_is_read() -> None:
    found = subscription_to(FindingReported).read({**FINDING, "weather": "晴"})

    assert (found.category, found.address) == ("straw_burning", "")


@pytest.mark.parametrize("name", FINDING)
def test_a_finding_without_a_field_that_is_needed_is_refused(name: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        subscription_to(FindingReported).read({k: v for k, v in FINDING.items() if k != name})

    assert name in refusal.value.messages


def test_the_queues_are_the_documented_ones() -> None:
    assert {subscription.queue("cases") for subscription in schemas.CONSUMES} == {
        "cases.grid.county.created.v1",
        "cases.grid.scheme.published.v1",
        "cases.grid.grid.changed.v1",
        "cases.grid.grid.restructured.v1",
        "cases.patrols.finding.reported.v1",
        "cases.notifications.notice.confirmed.v1",
    }
