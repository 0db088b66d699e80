"""The personnel service, served for real, with a county whose structure is known here."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import grpc
import orjson
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import event

from services.personnel.people.vault import KeyRing
from services.personnel.serve_grpc import build
from shared.rpc.errors import to_status
from shared.rpc.rules import CountyNotFound
from shared.structure.store import GridNotFound
from shared.tokens import Claims, Verifier
from tests.integration.personnel.scheme import SCHEME
from tests.integration.service_fixtures import Databases, RpcServers, Tokens, bearer, grid_row
from wangge.grid.v1 import schemes_pb2, tree_pb2, tree_service_pb2_grpc
from wangge.personnel.v1 import accounts_service_pb2 as account_pb
from wangge.personnel.v1 import accounts_service_pb2_grpc as account_grpc
from wangge.personnel.v1 import auth_service_pb2 as auth_pb
from wangge.personnel.v1 import auth_service_pb2_grpc as auth_grpc
from wangge.personnel.v1 import people_service_pb2 as pb
from wangge.personnel.v1 import people_service_pb2_grpc as pb_grpc
from wangge.personnel.v1 import staffing_service_pb2_grpc as staffing_grpc

PASSWORD = "平安网格2026-test"
OWN_PASSWORD = "nine tall pines"


KEYS = KeyRing("test-1", {"test-1": b"k" * 32}, b"i" * 32)


def settings_of(token: Tokens) -> dict[str, str]:
    """Settings of the process beside the usual ones."""
    return {"TOKEN_SIGNING_JWK": token.jwk, "PERSONAL_DATA_KEYS": KEYS.dump()}


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD_HASH_MEMORY_KIB", "64")
    monkeypatch.setenv("PASSWORD_HASH_TIME_COST", "1")


class GridServer(tree_service_pb2_grpc.GridServiceServicer):
    """grid as seen by a caller: it knows what the test gives it, and notes its callers."""

    def __init__(self) -> None:
        self.schemes: dict[str, tuple[int, dict]] = {}
        self.grids: dict[tuple[str, str], dict] = {}
        self.asked: list[tuple[str, str]] = []

    def GetScheme(  # noqa: N802
        self, request: schemes_pb2.GetSchemeRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.GetSchemeResponse:
        self._note("GetScheme", context)
        if request.county_id not in self.schemes:
            context.abort_with_status(
                to_status(CountyNotFound(county_id=request.county_id), "grid.wangge")
            )
        version, document = self.schemes[request.county_id]
        scheme = schemes_pb2.Scheme(
            county_id=request.county_id,
            version=version,
            effective_on="2020-01-01",
            document_json=orjson.dumps(document).decode(),
        )
        return schemes_pb2.GetSchemeResponse(scheme=scheme)

    def GetGrid(  # noqa: N802
        self, request: tree_pb2.GetGridRequest, context: grpc.ServicerContext
    ) -> tree_pb2.GetGridResponse:
        self._note("GetGrid", context)
        row = self.grids.get((request.county_id, request.grid_id))
        if row is None:
            context.abort_with_status(
                to_status(GridNotFound(grid_id=request.grid_id), "grid.wangge")
            )
        known = {k: str(v or "") for k, v in row.items() if not k.startswith("valid")}
        known["version"] = row["version"]
        valid_from = Timestamp()
        valid_from.FromDatetime(row["valid_from"])
        return tree_pb2.GetGridResponse(
            grid=tree_pb2.Grid(county_id=request.county_id, valid_from=valid_from, **known)
        )

    def _note(self, method: str, context: grpc.ServicerContext) -> None:
        metadata = dict(context.invocation_metadata())
        self.asked.append((method, metadata.get("authorization", "")))


@pytest.fixture
def grid_server() -> Iterator[tuple[GridServer, str]]:
    servicer = GridServer()
    server = grpc.server(ThreadPoolExecutor(2))
    tree_service_pb2_grpc.add_GridServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"127.0.0.1:{port}"
    server.stop(0).wait()


@dataclass
class Personnel:
    """The service as a client sees it, with the steps that many tests take."""

    channel: grpc.Channel
    address: str
    tokens: Tokens
    grid: GridServer
    databases: Databases
    calls: Any = field(init=False)
    auth: Any = field(init=False)
    accounts: Any = field(init=False)
    staffing: Any = field(init=False)

    def __post_init__(self) -> None:
        self.calls = pb_grpc.PersonnelServiceStub(self.channel)
        self.auth = auth_grpc.AuthServiceStub(self.channel)
        self.accounts = account_grpc.AccountServiceStub(self.channel)
        self.staffing = staffing_grpc.StaffingServiceStub(self.channel)

    def caller(self, county_id: str, person_id: UUID | None = None, **capabilities: Any) -> Any:
        """Metadata of a caller with these capabilities."""
        return bearer(
            self.tokens(county_id=county_id, person_id=person_id, capabilities=capabilities)
        )

    def admin(self, county_id: str) -> Any:
        return self.caller(county_id, staff=["g:"], read=["g:"])

    def operator(self) -> Any:
        return bearer(self.tokens(county_id="city", roles=["city_operator"]))

    def person(self, county_id: str, name: str = "测试员甲", **fields: Any) -> str:
        """Record a person; returns the id. A password given is the person's own from then on."""
        request = pb.CreatePersonRequest(county_id=county_id, name=name, **fields)
        answer = self.calls.CreatePerson(request, metadata=self.admin(county_id))
        person_id = str(answer.person.person_id)
        if "password" in fields:
            self.choose_password(county_id, person_id, fields["username"], fields["password"])
        return person_id

    def choose_password(
        self, county_id: str, person_id: str, username: str, password: str = PASSWORD
    ) -> None:
        """Let the person choose a password, with the code of a reset."""
        reset = account_pb.ResetPasswordRequest(county_id=county_id, person_id=person_id)
        code = self.accounts.ResetPassword(reset, metadata=self.admin(county_id)).code
        self.auth.AcceptInvitation(
            auth_pb.AcceptInvitationRequest(
                county_id=county_id, username=username, code=code, password=password
            )
        )

    def change_password(self, county_id: str, username: str, new: str, old: str = PASSWORD) -> None:
        """As the holder of an account, put another password in place of the one it has."""
        tokens = self.sign_in(county_id, username, old)
        request = auth_pb.ChangePasswordRequest(
            county_id=county_id, old_password=old, new_password=new
        )
        self.auth.ChangePassword(request, metadata=bearer(tokens.access_token))

    def post(self, county_id: str, person_id: str, role_type: str, **fields: Any) -> Any:
        """Appoint; returns the post."""
        request = pb.AssignPostRequest(
            county_id=county_id, person_id=person_id, role_type=role_type, **fields
        )
        return self.calls.AssignPost(request, metadata=self.admin(county_id)).post

    def sign_in(self, county_id: str, username: str, password: str = PASSWORD) -> Any:
        request = auth_pb.IssueTokenRequest(
            county_id=county_id, username=username, password=password
        )
        return self.auth.IssueToken(request).tokens

    def refresh(self, county_id: str, token: str) -> Any:
        request = auth_pb.RefreshTokenRequest(county_id=county_id, refresh_token=token)
        return self.auth.RefreshToken(request).tokens

    def claims(self, tokens: Any) -> Claims:
        return Verifier(self.tokens.jwks).verify(tokens.access_token)


@pytest.fixture
def personnel(
    rpc: RpcServers, token: Tokens, databases: Databases, grid_server: tuple[GridServer, str]
) -> Personnel:
    servicer, address = grid_server
    at = rpc.serve("personnel", build, peers={"grid": address}, settings=settings_of(token))
    return Personnel(rpc.channel(at), at, token, servicer, databases)


@dataclass(frozen=True)
class County:
    """A county with a township and two villages in it, and a village of another township."""

    id: str
    township: str
    village: str
    second_village: str
    far_village: str


@pytest.fixture
def make_county(
    structure: Callable[[str, str, dict, list[dict]], None],
    grid_server: tuple[GridServer, str],
) -> Callable[..., County]:
    def make(county_id: str, scheme: Mapping[str, Any] = SCHEME) -> County:
        ids = [uuid4() for _ in range(4)]
        township = {"level_id": "township", "rank": "township", "unit_type": "township"}
        rows = [
            grid_row("1.", grid_id=ids[0], **township),
            grid_row("1.2.", grid_id=ids[1], parent_id=ids[0]),
            grid_row("1.3.", grid_id=ids[2], parent_id=ids[0]),
            grid_row("10.4.", grid_id=ids[3]),
        ]
        structure("personnel", county_id, dict(scheme), rows)
        grid_server[0].schemes[county_id] = (1, dict(scheme))
        return County(county_id, *(str(i) for i in ids))

    return make


@pytest.fixture
def county(make_county: Callable[..., County], county_id: str) -> County:
    return make_county(county_id)


@pytest.fixture
def statements(databases: Databases) -> Iterator[Callable[[], int]]:
    """How many statements the service has sent so far."""
    engine, sent = databases.engine("personnel"), [0]

    def count(*_: object) -> None:
        sent[0] += 1

    event.listen(engine, "before_cursor_execute", count)
    yield lambda: sent[0]
    event.remove(engine, "before_cursor_execute", count)
