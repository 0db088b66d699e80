"""The platform under test as its users, its peers and its operators reach it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
from joserfc import jws

from deploy import secret_files
from deploy.demo.cast import YOUXIAN, Accounts
from deploy.demo.http import Api, eventually
from deploy.demo.onboarding import invite
from deploy.local import supervisor
from deploy.local.ports import LOOPBACK
from deploy.local.state import State
from shared.tokens import Signer

HIGH_RATES = {
    "RATE_LIMIT_LOGIN": "100000/minute",
    "RATE_LIMIT_PUBLIC": "1000000/minute",
    "RATE_LIMIT_PERSON": "1000000/minute",
}
"""So that tests are held off only where a limit is what they are about."""
TOWNSHIP, VILLAGE, NEIGHBOUR = "430223102", "430223102202", "430223102203"
PASSWORD, FIRST_PASSWORD = "a long enough pass phrase", "only until it is changed"
Json = Any


@dataclass(frozen=True, slots=True)
class Platform:
    """A stack that runs, with the accounts of its demonstration."""

    state: State
    url: str
    http: httpx.Client = field(repr=False)

    @property
    def anyone(self) -> Api:
        """The gateway for somebody without an account."""
        return Api(self.url, quiet=True)

    @property
    def operator_password(self) -> str:
        return secret_files.read(self.state.secrets, secret_files.OPERATOR_PASSWORD)

    @property
    def operator(self) -> Api:
        """The gateway for the first city operator."""
        return self.anyone.signed_in("city", "operator", self.operator_password)

    @property
    def accounts(self) -> Accounts:
        return Accounts(self.state.root / "demo-accounts.json")

    @property
    def runs_its_servers(self) -> bool:
        """Whether PostgreSQL and RabbitMQ are the stack's own processes, free to be stopped."""
        return bool(self.state.read("postgres") and self.state.read("rabbitmq"))

    @property
    def ports(self) -> Mapping[str, Mapping[str, int]]:
        """Process → variable → port."""
        return supervisor.deal_ports(self.state.read("processes")["base"])

    def grpc_address(self, service: str) -> str:
        return f"{LOOPBACK}:{self.ports[f'{service}-grpc']['GRPC_PORT']}"

    def secret(self, name: str) -> str:
        return secret_files.read(self.state.secrets, name)

    def expired(self, token: str) -> str:
        """The same token as its holder would have it an hour after it ended."""
        claims = orjson.loads(jws.extract_compact(token.encode()).payload)
        return Signer(self.secret(secret_files.SIGNING_KEY)).sign(
            county_id=claims["county"],
            person_id=claims["sub"],
            account_id=claims["acc"],
            roles=frozenset(claims["roles"]),
            capabilities=claims["caps"],
            now=datetime.now(UTC) - timedelta(hours=1),
            lifetime=timedelta(minutes=1),
        )


def open_platform(state: State, url: str) -> Platform:
    """What tests hold of a stack that `up` has brought up."""
    client = httpx.Client(base_url=url, timeout=30, trust_env=False)
    return Platform(state, url, client)


@dataclass(slots=True)
class Village:
    """A small county: one township, two of its villages, and somebody for each post."""

    platform: Platform
    county_id: str
    admin: Api = field(default_factory=lambda: Api(""))
    people: dict[str, Api] = field(default_factory=dict)
    grids: dict[str, str] = field(default_factory=dict)
    """Division code → grid id."""

    @property
    def base(self) -> str:
        return f"/v1/counties/{self.county_id}"

    def settle(self) -> "Village":
        """Create the county with the settings of the demonstration, and staff it."""
        self._found()
        divisions = {"codes": [TOWNSHIP]}
        self.admin.post(f"{self.base}/grids:import", divisions, expect=200)
        for code in (TOWNSHIP, VILLAGE, NEIGHBOUR):
            self.grids[code] = self.grid(code)["grid_id"]
        self.people = {
            "admin": self.admin,
            "direct": self.appoint("direct", "township.direct", grid_id=self.grids[TOWNSHIP]),
            "patroller": self.appoint("patroller", "grid.patroller", grid_id=self.grids[VILLAGE]),
            "neighbour": self.appoint("neighbour", "grid.patroller", grid_id=self.grids[NEIGHBOUR]),
            "officer": self.appoint("officer", "department.officer", department_id="agriculture"),
            "reviewer": self.appoint("reviewer", "county.reviewer"),
        }
        return self

    def _found(self) -> None:
        body = {
            "county_id": self.county_id,
            "name": "同名县",
            "admin_code": "430223",
            "template_id": YOUXIAN.template,
            "settings": YOUXIAN.settings,
            "effective_on": "2026-01-01",
        }
        operator = self.platform.operator
        operator.post("/v1/counties", body)
        person = {"name": "测试管理员", "username": "admin", "password": FIRST_PASSWORD}
        operator.post(f"{self.base}/admins", person)
        self.platform.anyone.change_password(self.county_id, "admin", FIRST_PASSWORD, PASSWORD)
        self.admin = self.sign_in("admin")

    def grid(self, code: str) -> Json:
        grids = self.admin.get(f"{self.base}/grids?admin_code={code}").json["grids"]
        assert len(grids) == 1, f"{len(grids)} grids of {self.county_id} have the code {code}"
        return grids[0]

    def appoint(self, username: str, role_type: str, **post: str) -> Api:
        """Record a person with an account and a post; return the API as that person."""
        person = self.admin.post(f"{self.base}/people", {"name": f"测试{username}"}).json
        self.admin.post(
            f"{self.base}/posts",
            {"person_id": person["person_id"], "role_type": role_type, **post},
        )
        invite(self.admin, self.county_id, person["person_id"], username, PASSWORD)
        return self.sign_in(username)

    def sign_in(self, username: str) -> Api:
        return self.platform.anyone.signed_in(self.county_id, username, PASSWORD)

    def report(self, **given: Json) -> Json:
        """A patrol of the village with one finding, and the case that it opens."""
        body = patrol(self.grids[VILLAGE], finding(**given))
        found = self.people["patroller"].post(f"{self.base}/patrols:submit", body).json
        return case_of(self.admin, self.base, found["findings"][0]["finding_id"])


def case_of(reader: Api, base: str, finding_id: str) -> Json:
    """The case that the finding's event opens, once it is there."""

    def ask() -> Json | None:
        cases = reader.get(f"{base}/cases?origin_id={finding_id}").json["cases"]
        return cases[0] if cases else None

    return eventually(f"the case of finding {finding_id}", ask)


def patrol(grid_id: str, *findings: Json, client_id: str | None = None) -> Json:
    """A patrol that ended just now."""
    now = datetime.now(UTC)
    return {
        "client_id": client_id or f"device-{uuid4()}",
        "grid_id": grid_id,
        "start_time": iso(now - timedelta(hours=1)),
        "end_time": iso(now - timedelta(minutes=5)),
        "summary": "巡查一遍",
        "findings": list(findings),
        "signature": {"sign_time": iso(now - timedelta(minutes=4))},
    }


def finding(**given: Json) -> Json:
    """Burning straw, met a quarter of an hour ago."""
    return {
        "category": "straw_burning",
        "description": "田间焚烧秸秆",
        "found_time": iso(datetime.now(UTC) - timedelta(minutes=15)),
        **given,
    }


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def state_in(folder: Path) -> State:
    """A state folder that no other test has."""
    return State((folder / "state").resolve())
