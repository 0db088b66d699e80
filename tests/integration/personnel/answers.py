"""Steps and answers that tests of staffing share."""

from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import orjson
from sqlalchemy import text

from tests.integration.personnel.conftest import County, Personnel
from wangge.personnel.v1 import absences_pb2, people_service_pb2
from wangge.personnel.v1 import staffing_service_pb2 as pb

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
BAD = grpc.StatusCode.INVALID_ARGUMENT


def pointers(problem: Any) -> list[str]:
    assert problem.status is BAD
    assert all(v.detail.en != v.detail.zh for v in problem.violations)
    return [violation.pointer for violation in problem.violations]


def leave(personnel: Personnel, county: County, person_id: str, **given: Any) -> Any:
    """Record leave, from a day ago for eleven days unless given otherwise."""
    caller = given.pop("caller", None) or personnel.admin(county.id)
    values: dict[str, Any] = {
        "kind": absences_pb2.LEAVE_KIND_SICK,
        "valid_from": NOW - DAY,
        "valid_to": NOW + 10 * DAY,
    }
    request = pb.RecordLeaveRequest(county_id=county.id, person_id=person_id, **{**values, **given})
    return personnel.staffing.RecordLeave(request, metadata=caller).leave


def end_leave(personnel: Personnel, county: County, leave_id: str, **given: Any) -> Any:
    caller = given.pop("caller", None) or personnel.admin(county.id)
    request = pb.EndLeaveRequest(county_id=county.id, leave_id=leave_id, **given)
    return personnel.staffing.EndLeave(request, metadata=caller).leave


def responsible(personnel: Personnel, county: County, grid_id: str, **given: Any) -> Any:
    request = people_service_pb2.FindResponsibleRequest(
        county_id=county.id, grid_id=grid_id, **given
    )
    return personnel.calls.FindResponsible(request, metadata=personnel.admin(county.id))


def vacancies(personnel: Personnel, county: County, **given: Any) -> Any:
    caller = given.pop("caller", None) or personnel.admin(county.id)
    request = pb.ListVacanciesRequest(county_id=county.id, **given)
    return personnel.staffing.ListVacancies(request, metadata=caller)


def end_post(personnel: Personnel, county: County, post_id: str, **given: Any) -> Any:
    request = people_service_pb2.EndPostRequest(county_id=county.id, post_id=post_id, **given)
    return personnel.calls.EndPost(request, metadata=personnel.admin(county.id)).post


def events(personnel: Personnel, county_id: str, key: str) -> list[dict[str, Any]]:
    """Data of the events that were recorded, oldest first."""
    with personnel.databases.admin_engine("personnel").connect() as connection:
        bodies = connection.execute(
            text("SELECT body FROM outbox WHERE county_id = :c AND key = :k ORDER BY event_id"),
            {"c": county_id, "k": key},
        ).scalars()
        return [orjson.loads(bytes(body))["data"] for body in bodies]
