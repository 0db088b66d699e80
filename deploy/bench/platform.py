"""A platform of the bench's own, from empty servers, with enough people to load it."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import URL, make_url

from deploy.bench.wrk import CONNECTIONS
from deploy.connections import connect
from deploy.demo.cast import YOUXIAN, Accounts
from deploy.demo.http import Api
from deploy.demo.onboarding import invite, onboard, sign_in
from deploy.demo.story import Story
from deploy.local import servers, stack, supervisor
from deploy.local.problems import LocalStackError
from deploy.local.state import REPOSITORY, State
from deploy.processes import PROCESSES

COUNTY: Final = YOUXIAN.county_id
BASE: Final = f"/v1/counties/{COUNTY}"
PUBLIC: Final = f"/public/v1/counties/{COUNTY}"

_VILLAGE_DIGITS: Final = 12  # of a village's division code
_COUNT: Final = "SELECT count(*) FROM patrols WHERE client_id LIKE %s"
_UNHINDERED: Final = {
    "RATE_LIMIT_LOGIN": "1000/second",
    "RATE_LIMIT_PERSON": "1000000/second",
    "RATE_LIMIT_PUBLIC": "1000000/second",
}


@dataclass(frozen=True, slots=True)
class Patroller:
    """Somebody who patrols a village: an account, and the grid of the post."""

    username: str
    password: str
    grid_id: str


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform that the demonstration was played on."""

    state: State
    url: str
    admin_url: str
    accounts: Accounts
    patrollers: tuple[Patroller, ...]

    @property
    def anyone(self) -> Api:
        """The gateway without an account."""
        return Api(self.url, quiet=True)

    def as_(self, username: str) -> Api:
        """The gateway as somebody of the demonstration's first county."""
        return sign_in(self.anyone, self.accounts, YOUXIAN, username)

    @property
    def environ(self) -> dict[str, str]:
        """The settings that its processes get besides those that they need."""
        return _environ()

    @property
    def amqp_url(self) -> str:
        """The broker."""
        return (self.state.secrets / "amqp_url").read_text("utf-8").strip()

    @property
    def python(self) -> str:
        """The interpreter of every process."""
        return sys.executable

    def file(self, name: str) -> Path:
        """A file of the bench's own."""
        return self.state.root / name

    def database(self, service: str, *, as_admin: bool = False) -> URL:
        """A service's database, as its application role or as the servers' administrator."""
        own = make_url((self.state.secrets / f"{service}.database_url").read_text("utf-8").strip())
        if not as_admin:
            return own
        return make_url(self.admin_url).set(database=own.database)

    def expect_patrols(self, run_id: str, answered: int) -> None:
        """Raise LocalStackError unless every answered submission of a run is in the ledger.

        Those that were on their way when the run ended may be there too: one a connection.
        """
        with connect(self.database("patrols", as_admin=True)) as connection:
            row = connection.execute(_COUNT, [f"{run_id}-%"]).fetchone()
        stored = row[0] if row else 0
        if not answered <= stored <= answered + CONNECTIONS:
            raise LocalStackError(f"{answered} submissions were answered, {stored} are stored.")

    def ports(self) -> dict[str, dict[str, int]]:
        """Where every process listens."""
        return supervisor.deal_ports(self.state.read("processes")["base"])

    @contextmanager
    def resting(self, *suffixes: str) -> Iterator[None]:
        """Within the block no process runs whose name ends in one of the suffixes."""
        names = [each.name for each in PROCESSES if each.name.endswith(suffixes)]
        supervisor.rest(self.state, names)
        try:
            yield
        finally:
            supervisor.wake(self.state, names)


@contextmanager
def running() -> Iterator[Platform]:
    """A platform for the length of the block; its servers, processes and data end with it."""
    state = State(REPOSITORY / ".wangge" / "bench")
    stack.destroy(state)  # what a bench that was killed has left
    try:
        url = stack.up(state, _environ())
        admin_url = servers.start(state, _environ()).database_url
        yield _populated(state, url, admin_url)
    finally:
        logs = REPOSITORY / ".wangge" / "bench-logs"
        shutil.rmtree(logs, ignore_errors=True)
        stack.down(state)
        shutil.copytree(state.logs, logs)
        stack.destroy(state)


def _populated(state: State, url: str, admin_url: str) -> Platform:
    """Play the demonstration, then staff as many villages as there will be connections."""
    print("Playing the demonstration and staffing 16 villages ...", flush=True)
    accounts = Accounts(state.root / "demo-accounts.json")
    with (state.logs / "bench.log").open("w", encoding="utf-8") as log, redirect_stdout(log):
        password = (state.secrets / "operator.password").read_text("utf-8").strip()
        onboard(Api(url), accounts, password)
        Story.begin(Api(url), accounts).tell()
        admin = sign_in(Api(url, quiet=True), accounts, YOUXIAN, "admin")
        patrollers = tuple(_staffed(admin, grid) for grid in _villages(admin))
    return Platform(state, url, admin_url, accounts, patrollers)


def _environ() -> dict[str, str]:
    return {**os.environ, **_UNHINDERED}


def _villages(admin: Api) -> list[Any]:
    grids: list[Any] = admin.get(f"{BASE}/grids?page_size=500").json["grids"]
    villages = [grid for grid in grids if len(grid["admin_code"] or "") == _VILLAGE_DIGITS]
    return villages[:CONNECTIONS]


def _staffed(admin: Api, grid: Any) -> Patroller:
    name = f"bench-{grid['admin_code']}"
    body = {"name": f"演示网格员{grid['admin_code']}"}
    person = admin.post(f"{BASE}/people", body, key=f"person-{name}").json
    post = {
        "person_id": person["person_id"],
        "role_type": "grid.patroller",
        "grid_id": grid["grid_id"],
    }
    admin.post(f"{BASE}/posts", post, key=f"post-{name}")
    password = f"clear water {grid['admin_code']}"
    invite(admin, COUNTY, person["person_id"], name, password)
    return Patroller(name, password, grid["grid_id"])
