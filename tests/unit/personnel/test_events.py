"""What the service emits is exactly what the golden samples show."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from services.personnel.people.domain.people import ContactChanged
from services.personnel.posts.domain.posts import Interval, Place, Post, PostAssigned, PostEnded
from services.personnel.schemas import CONSUMES, EVENTS
from shared.eventing.contracts import Subscription
from shared.post_events import POST_ASSIGNED, POST_ENDED
from shared.structure.events import STRUCTURE
from shared.structure.restructuring import GRID_RESTRUCTURED

SAMPLES = Path(__file__).resolve().parents[2] / "contract" / "events"
PERSONAL = {"name", "display_name", "phone", "email", "username"}


def sample(key: str) -> dict:
    return json.loads((SAMPLES / f"{key}.json").read_text(encoding="utf-8"))


def post_of(key: str) -> Post:
    data = EVENTS_BY_KEY[key].schema.load(sample(key))["post"]
    place = Place(data["place"]["grid_id"], data["place"]["grid_path"], None)
    valid = Interval(data["valid"]["start"], data["valid"]["end"])
    return Post(
        post_id=data["post_id"],
        person_id=data["person_id"],
        role_type=data["role_type"],
        role_kind=data["role_kind"],
        title="直接责任人",
        capabilities=tuple(data["capabilities"]),
        place=place,
        valid=valid,
        version=1,
    )


EVENTS_BY_KEY = {emission.key: emission for emission in EVENTS.values()}


@pytest.mark.parametrize(
    ("key", "event"), [("post.assigned.v1", PostAssigned), ("post.ended.v1", PostEnded)]
)
def test_a_post_is_told_as_the_sample_shows(key: str, event: type) -> None:
    emitted = EVENTS[event].schema.dump(event(post_of(key)))

    assert EVENTS[event].key == key
    assert emitted == sample(key)
    assert not PERSONAL & set(emitted)


def test_a_contact_is_told_as_the_sample_shows() -> None:
    expected = sample("contact.changed.v1")
    event = ContactChanged(UUID(expected["person_id"]), "测试员甲", "13812345678", None)

    assert EVENTS[ContactChanged].schema.dump(event) == expected


def test_an_event_s_reader_leaves_out_what_it_does_not_know() -> None:
    known = sample("post.assigned.v1")

    loaded = EVENTS[PostAssigned].schema.load({**known, "colour": "green"})

    assert loaded == EVENTS[PostAssigned].schema.load(known)


@pytest.mark.parametrize("subscription", [POST_ASSIGNED, POST_ENDED])
def test_those_who_consume_posts_can_read_them(subscription: Subscription) -> None:
    data = subscription.schema.load({**sample(subscription.key), "colour": "green"})

    assert str(data["post_id"]) == sample(subscription.key)["post_id"]
    assert "colour" not in data


def test_the_structure_and_its_changes_are_all_that_is_consumed() -> None:
    assert (*STRUCTURE, GRID_RESTRUCTURED) == CONSUMES
    assert set(EVENTS_BY_KEY) >= {"post.assigned.v1", "post.ended.v1", "contact.changed.v1"}
