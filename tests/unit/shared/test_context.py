from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.context import CITY, RequestContext
from shared.errors import NotFound, PermissionDenied
from shared.rpc.rules import AccessRule

paths = st.lists(st.integers(1, 30), min_size=1, max_size=4).map(
    lambda nodes: ".".join(map(str, nodes)) + "."
)


def caller(
    county: str = "t1", roles: tuple[str, ...] = (), **capabilities: tuple
) -> RequestContext:
    return RequestContext(
        county, "corr", actor_id=uuid4(), roles=frozenset(roles), capabilities=capabilities
    )


@given(scope=paths, path=paths)
def test_a_subtree_is_reached_by_whole_nodes_only(scope: str, path: str) -> None:
    nodes, wanted = path.split(".")[:-1], scope.split(".")[:-1]

    assert caller(read=(f"g:{scope}",)).may_grid("read", path) is (nodes[: len(wanted)] == wanted)


def test_node_1_does_not_reach_node_10() -> None:
    assert not caller(read=("g:1.",)).may_grid("read", "10.")
    assert not caller(read=("g:1.1.",)).may_grid("read", "1.10.")


def test_the_whole_county_reaches_everything_in_it() -> None:
    context = caller(read=("g:",))

    assert context.may_grid("read", "7.3.")
    assert context.may_department("read", "ecology")
    assert context.may_county("read")


def test_a_department_reaches_itself_alone() -> None:
    context = caller(accept=("d:ecology",))

    assert context.may_department("accept", "ecology")
    assert not context.may_department("accept", "police")
    assert not context.may_grid("accept", "1.")
    for refused in (
        lambda: context.require_county("accept"),
        lambda: context.require_grid("accept", "1."),
        lambda: context.require_department("read", "ecology"),
    ):
        with pytest.raises(PermissionDenied):
            refused()


def admitted(rule: AccessRule, context: RequestContext, county: str) -> str:
    try:
        return rule.admit(context, county, "Method").county_id
    except (PermissionDenied, NotFound) as error:
        return error.reason


CLERK = caller(read=("g:1.",))
NOBODY = caller()
OPERATOR = caller(CITY, roles=("city_operator",))
SUPERVISOR = caller(CITY, roles=("city_supervisor",))
IMPOSTOR = caller("t1", roles=("city_operator",))


@pytest.mark.parametrize(
    ("rule", "context", "county", "outcome"),
    [
        (AccessRule(any_post=True), CLERK, "t1", "t1"),
        (AccessRule(any_post=True), CLERK, "", "t1"),
        (AccessRule(any_post=True), CLERK, "t2", "COUNTY_NOT_FOUND"),
        (AccessRule(any_post=True), OPERATOR, "t1", "PERMISSION_DENIED"),
        (AccessRule.needs("read"), CLERK, "t1", "t1"),
        (AccessRule.needs("read"), NOBODY, "t1", "PERMISSION_DENIED"),
        (AccessRule.needs("read"), CLERK, "t2", "COUNTY_NOT_FOUND"),
        (AccessRule.needs("close"), CLERK, "t1", "PERMISSION_DENIED"),
        (AccessRule.needs("read"), OPERATOR, "t1", "PERMISSION_DENIED"),
        (AccessRule.city("city_operator"), OPERATOR, "t2", "t2"),
        (AccessRule.city("city_operator"), OPERATOR, CITY, CITY),
        (AccessRule.city("city_operator"), OPERATOR, "", CITY),
        (AccessRule.city("city_operator"), SUPERVISOR, "t2", "PERMISSION_DENIED"),
        (AccessRule.city("city_operator"), CLERK, "t1", "PERMISSION_DENIED"),
        (AccessRule.city("city_operator"), IMPOSTOR, "t1", "PERMISSION_DENIED"),
        (AccessRule.city("city_operator"), IMPOSTOR, "t2", "COUNTY_NOT_FOUND"),
        (AccessRule.city("city_supervisor", any_post=True), CLERK, "t1", "t1"),
        (AccessRule.city("city_supervisor", any_post=True), SUPERVISOR, "t2", "t2"),
    ],
)
def test_who_is_admitted_to_which_county(
    rule: AccessRule, context: RequestContext, county: str, outcome: str
) -> None:
    assert admitted(rule, context, county) == outcome
