"""What tests of records about people and bodies share."""

from typing import Any

import grpc
import orjson
from sqlalchemy import text

from tests.integration.personnel.conftest import Personnel
from tests.integration.personnel.scheme import SCHEME, role

SCHEME_OF_RECORDS: dict[str, Any] = {
    **SCHEME,
    "role_types": [
        *SCHEME["role_types"],
        role("village.head", "grid", "village", "report", title="村主任"),
        role("village.volunteer", "grid", "village", "report"),
        role("village.liaison", "grid", "village", "report"),
        role("village.informant", "grid", "village", "patrol", "report", "verify"),
        role("township.informant", "grid", "township", "report"),
        role("county.leader", "county", None, "lead", "notify"),
    ],
    "staffing": {
        "leading_group": {
            "chair": "乡党委书记、乡长",
            "chairs": 2,
            "deputies": "分管领导",
            "office": "环保办",
        }
    },
    "assessment": {"responsibility_letter": True},
}


def faults(problem: Any) -> dict[str, str]:
    """Pointer to English detail; every fault speaks Chinese as well."""
    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    for violation in problem.violations:
        assert violation.detail.zh
        assert not violation.detail.zh.isascii()
    return {violation.pointer: violation.detail.en for violation in problem.violations}


def events_of(personnel: Personnel, county_id: str, key: str) -> list[dict[str, Any]]:
    """The events of one key that the county's outbox holds, oldest first."""
    with personnel.databases.admin_engine("personnel").connect() as connection:
        bodies = connection.execute(
            text("SELECT body FROM outbox WHERE county_id = :c AND key = :k ORDER BY event_id"),
            {"c": county_id, "k": key},
        ).scalars()
        return [orjson.loads(bytes(body)) for body in bodies]
