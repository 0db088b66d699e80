"""Who gets past the guard, in whose name, and what is written about it."""

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import grpc
import pytest
from grpc_health.v1 import health_pb2
from prometheus_client import REGISTRY

from shared.config import ConfigError
from shared.context import CITY, RequestContext
from shared.logging import JsonFormatter
from shared.rpc import call
from shared.rpc.errors import Problem, problem_of
from shared.rpc.process import Mount
from shared.rpc.rules import AccessRule
from tests.integration.service_fixtures import RpcServers, Tokens, bearer
from tests.integration.shared.serving import mounting
from wangge.notifications.v1 import inbox_service_pb2 as pb
from wangge.notifications.v1 import inbox_service_pb2_grpc as pb_grpc


class Door:
    """A guarded method, and the contexts that came through."""

    def __init__(self, rpc: RpcServers, rule: AccessRule) -> None:
        self.entered: list[RequestContext] = []
        answer = lambda *_: self.entered.append(call.current())  # noqa: E731
        self._stub = pb_grpc.InboxServiceStub(rpc("notifications", mounting(answer, rule)))

    def knock(self, county: str, metadata: list | None = None) -> Problem | None:
        try:
            self._stub.ListInbox(pb.ListInboxRequest(county_id=county), metadata=metadata)
        except grpc.RpcError as error:
            return problem_of(error)
        return None


@pytest.fixture
def door(rpc: RpcServers) -> Callable[[AccessRule], Door]:
    return lambda rule: Door(rpc, rule)


def test_a_public_method_takes_anyone_for_the_county_that_is_named(door: Callable) -> None:
    public = door(AccessRule.public())

    assert public.knock("t1") is None
    assert public.knock("t2", bearer("nonsense")) is None
    assert [(c.county_id, c.actor_id) for c in public.entered] == [("t1", None), ("t2", None)]


def test_a_token_makes_the_context(door: Callable, token: Tokens) -> None:
    some = door(AccessRule.needs("read"))
    person = uuid4()
    mine = token(county_id="t1", person_id=person, capabilities={"read": ["g:1."]})
    metadata = [*bearer(mine), ("x-correlation-id", "corr-7"), ("traceparent", "00-ab-cd-01")]

    assert some.knock("t1", metadata) is None

    (context,) = some.entered
    assert (context.county_id, context.actor_id) == ("t1", person)
    assert (context.correlation_id, context.traceparent) == ("corr-7", "00-ab-cd-01")
    assert context.grid_scopes("read") == ("1.",)


def test_any_post_needs_no_capability_but_an_account(door: Callable, token: Tokens) -> None:
    any_post = door(AccessRule(any_post=True))

    assert any_post.knock("t1", bearer(token(county_id="t1"))) is None
    assert any_post.knock("t1").reason == "UNAUTHENTICATED"


def test_a_capability_that_no_post_gives_is_refused_in_both_languages(
    door: Callable, token: Tokens
) -> None:
    mine = bearer(token(county_id="t1", capabilities={"read": ["g:"]}))

    problem = door(AccessRule.needs("close")).knock("t1", mine)

    assert (problem.status, problem.reason) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "PERMISSION_DENIED",
    )
    assert "'close'" in problem.detail.en
    assert "“close”" in problem.detail.zh
    assert problem.domain == "notifications.wangge"


@pytest.mark.requirement("R-TEN-01", part="a forged county in a message")
def test_a_county_forged_into_the_message_is_not_found(door: Callable, token: Tokens) -> None:
    some = door(AccessRule.needs("read"))
    mine = bearer(token(county_id="t1", capabilities={"read": ["g:"]}))

    problem = some.knock("t2", mine)

    assert (problem.status, problem.reason) == (grpc.StatusCode.NOT_FOUND, "COUNTY_NOT_FOUND")
    assert some.entered == []


def test_a_role_of_the_city_acts_in_any_county_and_it_is_audited(
    door: Callable, token: Tokens, caplog: pytest.LogCaptureFixture
) -> None:
    some = door(AccessRule.city("city_operator"))
    operator = bearer(token(county_id=CITY, roles=["city_operator"]))
    supervisor = bearer(token(county_id=CITY, roles=["city_supervisor"]))
    impostor = bearer(token(county_id="t1", roles=["city_operator"]))

    with caplog.at_level(logging.INFO, "audit"):
        assert some.knock("t1", operator) is None
    assert [context.county_id for context in some.entered] == ["t1"]
    (audited,) = [record for record in caplog.records if record.name == "audit"]
    assert audited.county_id == "t1"
    assert some.knock("t1", supervisor).reason == "PERMISSION_DENIED"
    assert some.knock("t1", impostor).reason == "PERMISSION_DENIED"
    assert some.knock("t2", impostor).reason == "COUNTY_NOT_FOUND"


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        (None, "UNAUTHENTICATED"),
        ("", "UNAUTHENTICATED"),
        ("Bearer ", "UNAUTHENTICATED"),
        ("Basic dTpw", "UNAUTHENTICATED"),
        ("Bearer garbage", "TOKEN_INVALID"),
        ("Bearer a.b.c", "TOKEN_INVALID"),
        ("Bearer eyJhbGciOiJub25lIn0.e30.", "TOKEN_INVALID"),
    ],
)
def test_without_proof_nobody_enters(
    door: Callable, authorization: str | None, reason: str
) -> None:
    some = door(AccessRule(any_post=True))
    metadata = None if authorization is None else [("authorization", authorization)]

    problem = some.knock("t1", metadata)

    assert (problem.status, problem.reason) == (grpc.StatusCode.UNAUTHENTICATED, reason)
    assert some.entered == []


def test_an_expired_token_and_one_of_a_foreign_key_are_refused(
    door: Callable, token: Tokens
) -> None:
    some = door(AccessRule(any_post=True))
    expired = bearer(token(county_id="t1", lifetime=timedelta(seconds=-1)))
    foreign = bearer(Tokens()(county_id="t1"))

    assert some.knock("t1", expired).reason == "TOKEN_EXPIRED"
    assert some.knock("t1", foreign).reason == "TOKEN_INVALID"
    assert some.entered == []


def test_every_record_of_a_request_carries_its_correlation_id(
    rpc: RpcServers, token: Tokens, caplog: pytest.LogCaptureFixture
) -> None:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(JsonFormatter("test").format(record))
    logging.getLogger().addHandler(handler)
    caplog.set_level(logging.INFO)

    def answer(*_: object) -> None:
        logging.getLogger("work").info("within")
        raise RuntimeError("broken")

    stub = pb_grpc.InboxServiceStub(
        rpc("notifications", mounting(answer, AccessRule(any_post=True)))
    )
    metadata = [*bearer(token(county_id="t1")), ("x-correlation-id", "corr-42")]
    try:
        with pytest.raises(grpc.RpcError) as caught:
            stub.ListInbox(pb.ListInboxRequest(county_id="t1"), metadata=metadata)
        rpc.stop()
    finally:
        logging.getLogger().removeHandler(handler)

    problem = problem_of(caught.value)
    assert (problem.status, problem.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert "broken" not in problem.detail.en
    mine = [line for line in lines if '"corr-42"' in line]
    for message in ("within", "unexpected error", "answered"):
        assert any(f'"message":"{message}"' in line for line in mine), message
    assert any("RuntimeError: broken" in line for line in mine)


def test_answers_are_counted_by_method_and_code(door: Callable, token: Tokens) -> None:
    some = door(AccessRule.needs("read"))
    labels = {"service": "notifications", "method": "ListInbox", "code": "PERMISSION_DENIED"}
    before = REGISTRY.get_sample_value("wangge_rpc_server_handled_total", labels) or 0

    some.knock("t1", bearer(token(county_id="t1")))

    assert REGISTRY.get_sample_value("wangge_rpc_server_handled_total", labels) == before + 1


def test_a_method_whose_proto_says_nothing_does_not_start(rpc: RpcServers) -> None:
    def build(parts: object) -> list:
        (mount,) = mounting(lambda *_: None, AccessRule.public())(parts)
        return [Mount(mount.add, mount.servicer, health_pb2.DESCRIPTOR.services_by_name["Health"])]

    with pytest.raises(ConfigError, match=r"Health\.Check: its proto does not say"):
        rpc("notifications", build)
