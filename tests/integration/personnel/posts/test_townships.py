"""Posts in a township that does something its own way."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import grpc
import pytest

from shared.rpc.errors import problem_of
from tests.integration.personnel.answers import responsible
from tests.integration.personnel.conftest import County, Personnel
from tests.integration.personnel.posts.test_vacancies import World
from tests.integration.personnel.scheme import SCHEME, role
from tests.integration.service_fixtures import grid_row
from wangge.personnel.v1 import staffing_service_pb2 as staffing_pb

HERE, ELSEWHERE = "430223126", "430223125"
DOCUMENT: dict[str, Any] = {
    **SCHEME,
    "role_types": [role("grid.officer", "grid", None, "handle", max=1)],
    "overrides": [
        {"admin_code": HERE, "patrol": [], "reports": [],
         "holders": [{"role_type": "grid.officer", "holder": None, "min": None, "max": 2}]}
    ],
}  # fmt: skip


def test_a_township_s_own_number_of_holders_counts_in_it_and_below_it(
    personnel: Personnel,
    structure: Callable[[str, str, dict, list[dict]], None],
    county_id: str,
) -> None:
    here, below, elsewhere = uuid4(), uuid4(), uuid4()
    township = {"level_id": "township", "rank": "township", "unit_type": "township"}
    rows = [
        grid_row("1.", grid_id=here, admin_code=HERE, **township),
        grid_row("1.2.", grid_id=below, parent_id=here),
        grid_row("3.", grid_id=elsewhere, admin_code=ELSEWHERE, **township),
    ]
    structure("personnel", county_id, DOCUMENT, rows)

    def appoint(grid_id: object) -> str:
        person = personnel.person(county_id)
        try:
            personnel.post(county_id, person, "grid.officer", grid_id=str(grid_id))
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "appointed"

    assert [appoint(here) for _ in range(3)] == ["appointed", "appointed", "POSTS_FILLED"]
    assert [appoint(below) for _ in range(3)] == ["appointed", "appointed", "POSTS_FILLED"]
    assert [appoint(elsewhere) for _ in range(2)] == ["appointed", "POSTS_FILLED"]


def test_a_role_that_the_scheme_lacks_is_refused_in_such_a_township_too(
    personnel: Personnel,
    structure: Callable[[str, str, dict, list[dict]], None],
    county_id: str,
) -> None:
    here = uuid4()
    structure("personnel", county_id, DOCUMENT, [grid_row("1.", grid_id=here, admin_code=HERE)])
    personnel.grid.schemes[county_id] = (1, DOCUMENT)

    with pytest.raises(grpc.RpcError) as failed:
        personnel.post(county_id, personnel.person(county_id), "no.body", grid_id=str(here))

    assert [v.pointer for v in problem_of(failed.value).violations] == ["/role_type"]


def test_a_township_s_own_least_number_makes_the_vacancies_in_it(
    personnel: Personnel,
    structure: Callable[[str, str, dict, list[dict]], None],
    county_id: str,
) -> None:
    holders = [{"role_type": "grid.officer", "holder": None, "min": 2, "max": None}]
    document = {
        **DOCUMENT,
        "departments": [],
        "role_types": [role("grid.officer", "grid", None, "handle", min=1)],
        "overrides": [{"admin_code": HERE, "patrol": [], "reports": [], "holders": holders}],
    }
    here, below, elsewhere = (uuid4() for _ in range(3))
    rows = [
        grid_row("1.", grid_id=here, admin_code=HERE),
        grid_row("1.2.", grid_id=below, parent_id=here),
        grid_row("3.", grid_id=elsewhere, admin_code=ELSEWHERE),
    ]
    structure("personnel", county_id, document, rows)
    county = County(county_id, str(here), str(below), str(elsewhere), str(elsewhere))
    world = World(personnel, county)

    world.look()

    assert world.open() == {
        ("grid.officer", str(here), 2, 0),
        ("grid.officer", str(below), 2, 0),
        ("grid.officer", str(elsewhere), 1, 0),
    }
    [gap, above] = responsible(personnel, county, str(below)).gaps
    assert (gap.required, above.required) == (2, 2)
    request = staffing_pb.CheckStaffingRequest(county_id=county_id)
    check = personnel.staffing.CheckStaffing(request, metadata=personnel.admin(county_id))
    [rule] = check.rules
    assert (rule.min, rule.places, rule.too_few) == (1, 3, 3)
