"""What happens to sources reaches their files, through the real process's handlers and queues."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.cases.schemas import EVENTS as CASES_EMIT
from services.grid.counties.usecases import creating as counties
from services.grid.divisions import usecases as importing
from services.grid.handlers import GridEvents
from services.grid.schemas import CONSUMES, EVENTS
from services.grid.sources.domain.ledger import Profile
from services.grid.sources.usecases import ledger as sources
from services.grid.store import make_transaction
from services.patrols.schemas import EVENTS as PATROLS_EMIT
from shared.db.transaction import UnitOfWork
from shared.eventing import topology
from shared.ids import new_id
from tests.integration.publishing import publish
from tests.integration.service_fixtures import Databases, context_of
from tests.support.events import handling
from tests.support.waiting import until

pytestmark = pytest.mark.eventlet

SAMPLES = Path(__file__).parents[4] / "contract" / "events"
KEPT = text("SELECT * FROM source_events WHERE county_id = :c ORDER BY at")
EMITTED = {
    "patrols": {emission.key for emission in PATROLS_EMIT.values()},
    "cases": {emission.key for emission in CASES_EMIT.values()},
}
SOURCE_OF = {key: service for service, keys in EMITTED.items() for key in keys}
CASE_KEYS = {subscription.key for subscription in CONSUMES if subscription.source == "cases"}


@pytest.fixture
def process(databases: Databases, amqp_url: str) -> Iterator[None]:
    contracts = [
        topology.Contract("grid", EVENTS, CONSUMES),
        topology.Contract("patrols", PATROLS_EMIT, ()),
        topology.Contract("cases", CASES_EMIT, ()),
    ]
    with handling(GridEvents, contracts, databases, amqp_url):
        yield


@pytest.fixture
def source_id(databases: Databases, county_id: str) -> UUID:
    """A source of a county with grids."""
    unit_of_work = UnitOfWork(databases.engine("grid"), make_transaction)
    wanted = counties.NewCounty(county_id, "测试县", "430223", "S06", {}, None)
    now = datetime.now(UTC)
    with unit_of_work(context_of(county_id, configure=["g:"])) as tx:
        counties.create_county(tx, wanted, now)
        importing.import_divisions(
            tx, ["430223126"], dry_run=False, valid_from=None, now=now, new_id=new_id
        )
        grid_id = tx.connection.execute(text("SELECT grid_id FROM grids LIMIT 1")).scalar_one()
        profile = Profile(grid_id=grid_id, name="测试场", type="livestock_farming")
        new = sources.NewSource(uuid4(), profile, "", key_object=False, off_list=False)
        sources.create_source(tx, new, now)
    return new.source_id


def told_of(key: str, **data: Any) -> tuple[UUID, str, dict[str, Any]]:
    """An event as its sample shows it, but for these fields."""
    sample = json.loads((SAMPLES / f"{key}.json").read_text("utf-8"))
    return uuid4(), key, {**sample, **data}


def kept(databases: Databases, county_id: str) -> list[Any]:
    with databases.admin_engine("grid").connect() as connection:
        return list(connection.execute(KEPT, {"c": county_id}))


def handled(databases: Databases, county_id: str) -> int:
    seen = text("SELECT count(*) FROM inbox WHERE county_id = :c")
    with databases.admin_engine("grid").connect() as connection:
        return connection.execute(seen, {"c": county_id}).scalar_one()


@pytest.mark.requirement("R-SRC-02", part="inspections and cases come by event")
@pytest.mark.usefixtures("process")
def test_everything_that_happens_to_a_source_is_in_its_file(
    databases: Databases, amqp_url: str, county_id: str, source_id: UUID
) -> None:
    named = {"pollution_source_id": str(source_id)}
    told = [
        told_of("patrol.submitted.v1", source_ids=[str(source_id), str(uuid4())]),
        told_of("finding.reported.v1", source_id=str(source_id)),
        *(told_of(key, **named) for key in sorted(CASE_KEYS)),
    ]
    strangers = [
        told_of("finding.reported.v1", source_id=None),
        told_of("case.opened.v1", pollution_source_id=str(uuid4())),
    ]

    for event_id, key, data in (*told, *strangers, *told):
        publish(amqp_url, county_id, SOURCE_OF[key], key, data, event_id=event_id)

    until(lambda: handled(databases, county_id) == len(told) + len(strangers))
    rows = kept(databases, county_id)
    assert {row.source_id for row in rows} == {source_id}
    assert sorted(row.key for row in rows) == sorted(key for _, key, _ in told)
    patrol = next(row for row in rows if row.key == "patrol.submitted.v1")
    assert patrol.facts["finding_count"] == told[0][2]["finding_count"]
    assert str(patrol.about_id) == told[0][2]["patrol_id"]
    case = next(row for row in rows if row.key == "case.opened.v1")
    assert set(case.facts) == {"number", "state", "category"}
