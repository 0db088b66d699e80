"""Leave and changes of holder through a real broker into the real handlers."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.notifications.handlers import NotificationEvents
from services.notifications.schemas import CONSUMES, EVENTS
from shared.eventing import topology
from tests.integration.publishing import publish
from tests.integration.service_fixtures import Databases, grid_row
from tests.support.events import handling
from tests.support.waiting import until

pytestmark = pytest.mark.eventlet

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def running(databases: Databases, amqp_url: str) -> Iterator[None]:
    """The service's events process, within this one."""
    contracts = [topology.Contract(name, {}, ()) for name in ("grid", "personnel", "cases")] + [
        topology.Contract("notifications", EVENTS, CONSUMES)
    ]
    with handling(NotificationEvents, contracts, databases, amqp_url):
        yield


@pytest.mark.usefixtures("running")
def test_leave_is_kept_and_a_change_of_holder_reported_once(
    databases: Databases,
    amqp_url: str,
    county_id: str,
    structure: Callable[[str, str, dict, list[dict]], None],
) -> None:
    grids = [grid_row("1."), grid_row("1.2.")]
    structure("notifications", county_id, {"role_types": []}, grids)
    post, holder, chief = (str(uuid4()) for _ in range(3))

    def rows(sql: str) -> list[Any]:
        with databases.admin_engine("notifications").connect() as connection:
            return list(connection.execute(text(sql), {"c": county_id}))

    def tell(key: str, data: dict[str, Any], **more: Any) -> Any:
        return publish(amqp_url, county_id, "personnel", key, data, **more)

    leading = {
        "post_id": str(uuid4()),
        "person_id": chief,
        "role_type": "township.leader",
        "role_kind": "leader",
        "capabilities": ["read"],
        "grid_id": str(grids[0]["grid_id"]),
        "grid_path": "1.",
        "department_id": None,
        "valid_from": (NOW - DAY).isoformat(),
        "valid_to": None,
    }
    tell("post.assigned.v1", leading)
    absence = {
        "leave_id": str(uuid4()),
        "post_id": post,
        "person_id": holder,
        "stand_in_id": None,
        "valid_from": NOW.isoformat(),
        "valid_to": (NOW + DAY).isoformat(),
    }
    tell("leave.recorded.v1", absence)
    tell("leave.recorded.v1", {**absence, "leave_id": str(uuid4())})
    until(lambda: len(rows("SELECT * FROM stand_ins WHERE county_id = :c")) == 2)
    until(lambda: rows("SELECT * FROM holders WHERE county_id = :c"))
    handed = {
        "from_post_id": post,
        "from_person_id": holder,
        "to_post_id": str(uuid4()),
        "to_person_id": str(uuid4()),
        "role_type": "village.direct",
        "role_kind": "direct",
        "grid_id": str(grids[1]["grid_id"]),
        "grid_path": "1.2.",
        "department_id": None,
        "at": NOW.isoformat(),
    }
    event_id = tell("post.handed-over.v1", handed)
    tell("post.handed-over.v1", handed, event_id=event_id)
    tell("leave.ended.v1", {**absence, "leave_id": str(uuid4())})
    until(lambda: len(rows("SELECT * FROM stand_ins WHERE county_id = :c")) == 3)

    [told] = until(lambda: rows("SELECT person_id, title FROM notices WHERE county_id = :c"))
    assert (str(told.person_id), told.title) == (chief, "岗位交接:网格1.2. village.direct")
