"""Posts in a township that does something its own way."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import grpc
import pytest

from shared.rpc.errors import problem_of
from tests.integration.personnel.conftest import Personnel
from tests.integration.personnel.scheme import SCHEME, role
from tests.integration.service_fixtures import grid_row

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
