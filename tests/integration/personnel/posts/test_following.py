"""Posts and answers to "who was responsible" when the county divides itself anew."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import text

from services.personnel.posts.usecases import restructuring as following
from services.personnel.store import make_transaction
from shared.contracts.grid import GridRestructured, RestructuringKind, Succession
from shared.db.transaction import UnitOfWork
from shared.structure.store import Structure, StructureNotYetKnown
from tests.integration.personnel.conftest import County, Personnel
from tests.integration.service_fixtures import context_of, grid_row
from wangge.personnel.v1 import people_service_pb2 as pb

NOW = datetime.now(UTC).replace(microsecond=0)
FIFTH = NOW - timedelta(days=5)
HEIR = UUID(int=88)


def stamp(moment: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(moment)
    return made


@pytest.fixture
def work(personnel: Personnel) -> Callable:
    unit_of_work = UnitOfWork(personnel.databases.engine("personnel"), make_transaction)
    return lambda county_id: unit_of_work(context_of(county_id))


def told(work: Callable, county: County, *rows: dict[str, Any]) -> None:
    with work(county.id) as tx:
        tx.store(Structure).apply_grids(list(rows))


def ended(grid_id: str, path: str, at: datetime = FIFTH) -> dict[str, Any]:
    return grid_row(path, grid_id=UUID(grid_id), version=2, since=at, valid_to=at)


def change(
    kind: RestructuringKind, *grid_ids: str, carry: bool = False, heir: UUID = HEIR
) -> GridRestructured:
    before = [UUID(grid_id) for grid_id in grid_ids]
    return GridRestructured(
        change_id=UUID(int=77),
        kind=kind,
        effective_at=FIFTH,
        document=None,
        predecessors=tuple(before),
        successors=(heir,),
        heirs=tuple(Succession(from_id=grid_id, to_id=heir) for grid_id in before),
        carry_posts=carry,
    )


def follow(work: Callable, county: County, told: GridRestructured) -> None:
    with work(county.id) as tx:
        following.follow_restructuring(tx, told, lambda: NOW, new_id=uuid4)


def posts_of(personnel: Personnel, county: County) -> list[Any]:
    query = text("SELECT * FROM posts WHERE county_id = :c ORDER BY valid_from, post_id")
    with personnel.databases.admin_engine("personnel").connect() as connection:
        return list(connection.execute(query, {"c": county.id}))


def responsible(personnel: Personnel, county: County, grid_id: str, at: datetime) -> list[str]:
    request = pb.FindResponsibleRequest(county_id=county.id, grid_id=grid_id, at=stamp(at))
    answer = personnel.calls.FindResponsible(request, metadata=personnel.admin(county.id))
    return [each.post.post_id for each in answer.responsible]


def appointed(personnel: Personnel, county: County, grid_id: str, role: str, **given: Any) -> Any:
    start = stamp(NOW - timedelta(days=30))
    person = personnel.person(county.id)
    given = {"valid_from": start, **given}
    return personnel.post(county.id, person, role, grid_id=grid_id, **given)


def test_who_was_responsible_goes_by_the_tree_of_the_day(
    personnel: Personnel, county: County, work: Callable
) -> None:
    town, village = UUID(county.township), UUID(county.village)
    other = {"level_id": "township", "rank": "township", "unit_type": "township"}
    told(work, county, grid_row("9.", grid_id=HEIR, **other))
    old = appointed(personnel, county, str(town), "township.direct")
    new = appointed(personnel, county, str(HEIR), "township.direct")
    own = appointed(personnel, county, str(village), "village.patroller")
    told(
        work,
        county,
        grid_row("9.2.", grid_id=village, parent_id=HEIR, version=2, since=FIFTH),
    )

    before = responsible(personnel, county, str(village), FIFTH - timedelta(seconds=1))
    after = responsible(personnel, county, str(village), FIFTH)

    assert before == [own.post_id, old.post_id]
    assert after == [own.post_id, new.post_id]
    # The post on the moved grid works on where the grid lies now.
    token = personnel.caller(county.id, read=["g:9."])
    request = pb.ListPostsRequest(county_id=county.id, grid_id=str(village))
    (listed,) = personnel.calls.ListPosts(request, metadata=token).posts
    assert (listed.post_id, listed.grid_path) == (own.post_id, "9.2.")


def test_posts_end_with_their_grid_and_why_is_kept(
    personnel: Personnel, county: County, work: Callable
) -> None:
    running = appointed(personnel, county, county.village, "village.patroller")
    planned = appointed(
        personnel,
        county,
        county.village,
        "any.observer",
        valid_from=stamp(NOW + timedelta(days=3)),
    )
    over = appointed(
        personnel,
        county,
        county.village,
        "any.observer",
        valid_to=stamp(FIFTH - timedelta(days=1)),
    )
    elsewhere = appointed(personnel, county, county.second_village, "village.patroller")
    told(work, county, grid_row("1.88.", grid_id=HEIR), ended(county.village, "1.2."))

    follow(work, county, change("split", county.village))
    follow(work, county, change("split", county.village))

    found = {str(post.post_id): post for post in posts_of(personnel, county)}
    assert len(found) == 4
    assert (found[running.post_id].valid_to, found[running.post_id].version) == (FIFTH, 2)
    assert found[planned.post_id].valid_to == found[planned.post_id].valid_from
    assert found[over.post_id].version == 1
    assert found[elsewhere.post_id].valid_to is None
    query = text("SELECT * FROM posts_ended_with_grid WHERE county_id = :c")
    with personnel.databases.admin_engine("personnel").connect() as connection:
        why = list(connection.execute(query, {"c": county.id}))
        bodies = connection.execute(
            text("SELECT body FROM outbox WHERE county_id = :c AND key = 'post.ended.v1'"),
            {"c": county.id},
        ).scalars()
        ends = [orjson.loads(body)["data"] for body in bodies]
    assert {str(row.post_id) for row in why} == {running.post_id, planned.post_id}
    assert {(row.reason, row.carried_to) for row in why} == {("split", None)}
    assert {end["post_id"] for end in ends} == {running.post_id, planned.post_id}


def test_holders_go_on_at_the_heir_where_that_is_asked_and_there_is_room(
    personnel: Personnel, county: County, work: Callable
) -> None:
    told(
        work,
        county,
        grid_row("8.", grid_id=UUID(int=90), level_id="township", rank="township"),
        grid_row("9.", grid_id=HEIR, level_id="township", rank="township"),
    )
    first = appointed(personnel, county, county.township, "township.direct")
    second = appointed(
        personnel,
        county,
        str(UUID(int=90)),
        "township.direct",
        valid_from=stamp(NOW - timedelta(days=20)),
    )
    told(work, county, ended(county.township, "1."), ended(str(UUID(int=90)), "8."))

    follow(work, county, change("merged", county.township, str(UUID(int=90)), carry=True))

    by_id = {str(post.post_id): post for post in posts_of(personnel, county)}
    assert by_id[first.post_id].valid_to == by_id[second.post_id].valid_to == FIFTH
    (carried,) = [post for post in by_id.values() if post.grid_id == HEIR]
    assert str(carried.person_id) == first.person_id
    assert (carried.valid_from, carried.valid_to, carried.role_type) == (
        FIFTH,
        None,
        "township.direct",
    )
    assert responsible(personnel, county, str(HEIR), NOW) == [str(carried.post_id)]


def test_a_role_that_does_not_fit_the_heir_is_not_carried_there(
    personnel: Personnel, county: County, work: Callable
) -> None:
    appointed(personnel, county, county.village, "village.patroller")
    heir = grid_row("9.", grid_id=HEIR, level_id="township", rank="township")
    told(work, county, heir, ended(county.village, "1.2."))

    follow(work, county, change("retired", county.village, carry=True))

    (post,) = posts_of(personnel, county)
    assert post.valid_to == FIFTH


def test_a_change_waits_for_its_grids_and_a_move_ends_nothing(
    personnel: Personnel, county: County, work: Callable
) -> None:
    appointed(personnel, county, county.village, "village.patroller")

    with pytest.raises(StructureNotYetKnown):
        follow(work, county, change("split", county.village))
    follow(work, county, change("moved", county.village, heir=UUID(county.village)))

    (post,) = posts_of(personnel, county)
    assert post.valid_to is None
