"""The running API keeps to its own description, whatever is sent to it."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import Case
from schemathesis.checks import CHECKS

from deploy.demo.http import Api
from gateway.openapi import describe
from gateway.routes import SECTIONS
from gateway.tables.reading import GEOJSON, XLSX
from tests.e2e.platform import VILLAGE, Platform, Village

pytestmark = pytest.mark.e2e

EXAMPLES = 8


@schemathesis.serializer(XLSX, GEOJSON)
def as_bytes(_context: object, value: object) -> bytes:
    """A file as whatever was made up for it: what is no workbook and no map must be refused."""
    return value if isinstance(value, bytes) else str(value).encode()


schema = schemathesis.openapi.from_dict(describe(SECTIONS))
KEPT = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
    )
]
CITY = {"ListCounties", "CreateCounty", "CreateCountyAdmin"}
STAFF = {
    "SubmitPatrol": "patroller",
    "VerifyCase": "patroller",
    "AcceptCase": "direct",
    "RejectCase": "direct",
    "TransferCase": "direct",
    "HandleCase": "direct",
    "CloseCase": "direct",
    "ConfirmNotice": "direct",
    "ListInbox": "direct",
    "AcknowledgeCase": "officer",
    "DeclineCase": "officer",
    "ApproveItem": "reviewer",
}
"""Operation → who may do it; the administrator where none is named."""


@pytest.fixture(scope="module")
def county(platform: Platform) -> Village:
    return Village(platform, "e2e-described").settle()


@pytest.fixture(scope="module")
def operator(platform: Platform) -> Api:
    return platform.operator


@pytest.fixture(scope="module")
def ids(county: Village) -> dict[str, str]:
    """Values of address fields that name something which is there."""
    case = county.report()
    patrol = county.admin.get(f"{county.base}/patrols").json["patrols"][0]
    return {
        "county": county.county_id,
        "case_id": case["case_id"],
        "grid_id": county.grids[VILLAGE],
        "patrol_id": patrol["patrol_id"],
        "patroller_id": patrol["patroller_id"],
        "person_id": patrol["patroller_id"],
        "session_id": county.admin.get(f"{county.base}/account/sessions").json["sessions"][0][
            "session_id"
        ],
        "indicator_id": "on_time_rate",
        "template_id": "S01",
    }


def test_what_it_answers_is_the_description_and_valid(platform: Platform) -> None:
    answered = platform.http.get("/openapi.json").json()

    assert list(OpenAPIV31SpecValidator(answered).iter_errors()) == []
    assert set(answered["paths"]) == set(describe(SECTIONS)["paths"])
    assert answered == schema.raw_schema


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_description_names(
    case: Case, county: Village, operator: Api, ids: dict[str, str]
) -> None:
    operation_id = case.operation.definition.raw["operationId"]
    who = operator if operation_id in CITY else county.people[STAFF.get(operation_id, "admin")]
    if case.meta is not None and case.meta.generation.mode.is_positive:
        known = {name: ids[name] for name in case.path_parameters or {} if name in ids}
        case.path_parameters = {**(case.path_parameters or {}), **known}
    headers = {} if operation_id.startswith("page-") else bearer(who)

    case.call_and_validate(base_url=county.platform.url, headers=headers, checks=KEPT)


def bearer(who: Api) -> dict[str, Any]:
    return {"Authorization": f"Bearer {who.token}"}
