"""What the service emits is exactly what the golden samples show."""

from typing import Any
from uuid import UUID

import pytest

from services.personnel.absences.domain import absences
from services.personnel.people.domain.people import contact_of
from services.personnel.posts.domain import posts, vacancies
from services.personnel.posts.domain.posts import Interval, Place, Post
from services.personnel.posts.domain.vacancies import Vacancy
from services.personnel.schemas import CONSUMES, EVENTS
from shared.contracts import personnel as events
from shared.contracts.grid import STRUCTURE, GridRestructured
from shared.eventing.contracts import consumes, emission_of
from tests.support.samples import event_of, sample_of

PERSONAL = {"name", "display_name", "phone", "email", "username"}


def written(event: Any) -> Any:
    return emission_of(type(event)).data_of(event)


def post_of(facts: events.PostFacts) -> Post:
    return Post(
        post_id=facts.post_id,
        person_id=facts.person_id,
        role_type=facts.role_type,
        role_kind=facts.role_kind,
        title="直接责任人",
        capabilities=facts.capabilities,
        place=Place(facts.grid_id, facts.grid_path, facts.department_id),
        valid=Interval(facts.valid_from, facts.valid_to),
        version=1,
    )


@pytest.mark.parametrize("kind", [events.PostAssigned, events.PostEnded])
def test_a_post_is_told_as_the_sample_shows(kind: type[events.PostFacts]) -> None:
    told = kind(**posts.facts_of(post_of(event_of(kind))))

    assert written(told) == sample_of(kind)
    assert not PERSONAL & set(sample_of(kind))


def test_a_hand_over_is_told_as_the_sample_shows() -> None:
    known = event_of(events.PostHandedOver)
    facts = {
        name: getattr(known, name) for name in ("role_type", "role_kind", "grid_id", "grid_path")
    }
    before, after = (
        post_of(
            event_of(
                events.PostEnded,
                **facts,
                department_id=known.department_id,
                post_id=post_id,
                person_id=person_id,
                valid_from=known.at,
            )
        )
        for post_id, person_id in (
            (known.from_post_id, known.from_person_id),
            (known.to_post_id, known.to_person_id),
        )
    )

    assert written(posts.handed_over(before, after)) == sample_of(events.PostHandedOver)


@pytest.mark.parametrize("kind", [events.PostVacated, events.PostFilled])
def test_a_vacancy_is_told_as_the_sample_shows(kind: type[events.VacancyFacts]) -> None:
    known = event_of(kind)
    vacancy = Vacancy(
        vacancy_id=known.vacancy_id,
        role_type=known.role_type,
        role_kind=known.role_kind,
        title="网格员",
        place=Place(known.grid_id, known.grid_path, known.department_id),
        required=known.required,
        holders=known.holders,
        since=known.since,
        until=known.until,
        version=1,
    )

    assert written(kind(**vacancies.facts_of(vacancy))) == sample_of(kind)


def test_a_contact_is_told_as_the_sample_shows() -> None:
    known = sample_of(events.ContactChanged)

    class Somebody:
        person_id = UUID(known["person_id"])
        name = known["display_name"]
        phone = known["phone"]

    assert written(contact_of(Somebody())) == known  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [events.LeaveRecorded, events.LeaveEnded])
def test_a_leave_is_told_post_by_post_as_the_sample_shows(kind: type[events.Absence]) -> None:
    known = event_of(kind)

    class StandIn:
        post_id = known.post_id
        stand_in_id = known.stand_in_id

    class Leave:
        leave_id = known.leave_id
        person_id = known.person_id
        valid = Interval(known.valid_from, known.valid_to)
        stand_ins = (StandIn, StandIn)

    told = absences(Leave(), kind)  # type: ignore[arg-type]

    assert [written(each) for each in told] == [sample_of(kind)] * 2


def test_the_structure_and_its_changes_are_all_that_is_consumed() -> None:
    assert consumes(*STRUCTURE, GridRestructured) == CONSUMES
    assert set(EVENTS) >= {events.PostAssigned, events.PostEnded, events.ContactChanged}
