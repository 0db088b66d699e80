"""The service emits exactly what the golden samples show."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from services.cases import schemas
from services.cases.life.domain import steps
from services.cases.life.domain.case import facts_of
from services.cases.life.domain.closing import facts_of_closing
from services.cases.life.domain.transitions import TABLE, Action
from services.cases.transfers import domain as transfers
from shared.contracts import cases as events
from tests.unit.cases.examples import (
    FRIDAY,
    HANDLER,
    LIMITS,
    ME,
    handled_by_department,
    offer,
    opened,
)

SAMPLES = Path(__file__).parents[3] / "contract" / "events"
OFFER = {"transfer_id": offer().transfer_id, "to_department_id": "ecology"}


def emitted() -> list[events.CaseFacts]:
    filed = steps.accept(opened(), LIMITS, FRIDAY)
    offered = transfers.transfer(filed, LIMITS, FRIDAY, offer())
    taken = transfers.accept(offered, LIMITS, FRIDAY, HANDLER)
    given_back = transfers.decline(offered, LIMITS, FRIDAY, HANDLER, "不属我局")
    handled = handled_by_department()
    verified = steps.verify(handled, LIMITS, FRIDAY, ME)
    closed = steps.close(verified, LIMITS, FRIDAY)
    rejected = steps.move(opened(), Action.REJECT, LIMITS, FRIDAY)
    return [
        events.CaseOpened(**facts_of(opened())),
        events.CaseMoved(**facts_of(opened())),
        events.CaseAccepted(**facts_of(filed), actor_id=ME),
        events.CaseRejected(**facts_of(rejected), actor_id=ME),
        events.CaseTransferred(**facts_of(offered), actor_id=ME, **OFFER),
        events.TransferAccepted(**facts_of(taken), actor_id=HANDLER, **OFFER),
        events.TransferDeclined(**facts_of(given_back), actor_id=HANDLER, **OFFER),
        events.CaseHandled(**facts_of(handled), actor_id=HANDLER, result=handled.result),
        events.CaseVerified(**facts_of(verified), actor_id=ME, passed=True),
        events.CaseClosed(**facts_of(closed), actor_id=ME, **facts_of_closing(closed)),
    ]


@pytest.mark.parametrize("event", emitted(), ids=lambda event: type(event).__name__)
def test_an_event_is_what_its_sample_shows(event: events.CaseFacts) -> None:
    emission = schemas.EVENTS[type(event)]
    sample = json.loads((SAMPLES / f"{emission.key}.json").read_text())

    assert emission.schema.dump(event) == sample


def test_a_closing_says_what_was_masked_and_which_departments_read_the_case() -> None:
    closed = replace(
        handled_by_department(),
        lead_department_id="forestry",
        result="已扑灭,联系人13800138000,13900001111,车牌湘B12345",
    )

    facts = facts_of_closing(closed)

    assert facts["result"] == "已扑灭,联系人***,***,车牌***"
    assert facts["masked"] == (
        events.MaskedPassages(kind="phone", count=2),
        events.MaskedPassages(kind="plate", count=1),
    )
    assert facts["reader_department_ids"] == ("ecology", "forestry")


def test_every_event_has_a_sample() -> None:
    assert {type(event) for event in emitted()} == set(schemas.EVENTS)
    assert {row.event for row in TABLE.values()} | {events.CaseOpened, events.CaseMoved} == set(
        schemas.EVENTS
    )


def test_no_event_tells_who_reported_or_what_was_written() -> None:
    private = {"reporter_id", "description", "address", "note", "reason", "decline_reason"}
    for emission in schemas.EVENTS.values():
        assert private.isdisjoint(emission.schema.fields)
