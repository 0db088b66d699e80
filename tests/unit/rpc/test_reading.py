"""Page tokens, moments, and what becomes of errors."""

from uuid import UUID

import pytest

from shared.context import CITY, CITY_OPERATOR, CITY_SUPERVISOR, RequestContext
from shared.errors import InvalidArgument, PermissionDenied
from shared.rpc import paging
from shared.rpc.errors import domain_error_of
from shared.rpc.fields import moment
from shared.rpc.rules import AccessRule
from shared.structure.store import StructureNotYetKnown
from wangge.grid.v1 import tree_pb2


def test_a_token_gives_back_the_key_it_was_made_of() -> None:
    key = UUID(int=7)

    assert paging.decode_one(paging.encode(key), UUID) == key
    assert paging.decode_one("", UUID) is None


@pytest.mark.parametrize("token", [paging.encode(5), paging.encode("x"), paging.encode(None), "%"])
def test_a_token_of_something_else_is_refused(token: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        paging.decode_one(token, UUID)

    assert [violation.pointer for violation in caught.value.violations] == ["/page_token"]


@pytest.mark.parametrize("seconds", [10**15, -(10**15)])
def test_a_time_beyond_the_calendar_is_refused_by_name(seconds: int) -> None:
    request = tree_pb2.ListGridsRequest(as_of={"seconds": seconds})

    with pytest.raises(InvalidArgument) as caught:
        moment(request, "as_of")

    assert [violation.pointer for violation in caught.value.violations] == ["/as_of"]


def test_a_structure_still_on_its_way_is_told_as_such_with_a_time_to_retry() -> None:
    error = domain_error_of(StructureNotYetKnown("scheme of county t1"))

    assert (error.status, error.reason) == ("UNAVAILABLE", "STRUCTURE_NOT_READY")
    assert int(error.metadata["retry_after"]) > 0
    assert "again" in error.text.en
    assert "重试" in error.text.zh


def test_in_the_citys_own_county_a_role_is_asked_for_like_anywhere() -> None:
    supervisor = RequestContext(CITY, "c", roles=frozenset({CITY_SUPERVISOR}))
    rule = AccessRule.city(CITY_OPERATOR)

    for county_id in (CITY, "t1", ""):
        with pytest.raises(PermissionDenied):
            rule.admit(supervisor, county_id, "CreateCounty")
    anyone = AccessRule.city(CITY_OPERATOR, any_post=True)
    assert anyone.admit(supervisor, CITY, "GetPerson") is supervisor
