"""B7: every division of China as grids of its county, against COPY of the same rows."""

import http.client
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from psycopg import sql
from sqlalchemy.engine import URL

from deploy.bench.platform import Platform
from deploy.bench.ratios import Result, Round
from deploy.connections import connect
from deploy.demo.http import DemoError
from services.grid.data import county_codes

GOAL: Final = 0.25
TEMPLATE: Final = "S16"
"""The scheme with levels of its own for counties, townships and villages alike."""
IMPORTERS: Final = 4
READS: Final = 500
GIVEN: Final = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = 'grids' AND is_generated = 'NEVER'
ORDER BY ordinal_position
"""
OURS: Final = sql.SQL("county_id LIKE 'b7-%'")


def measure(platform: Platform, _rounds: int, _seconds: int) -> Result:
    """Create 2,978 counties, then import the divisions of each through the gateway; one round.

    Creating the counties is not counted: the limit has no counties. While it runs, no other
    service copies the grids.
    """
    codes = county_codes()
    with platform.resting("-events"):
        session = _Session(platform)
        _each(codes, session.create)
        started = time.perf_counter()
        made = sum(_each(codes, session.bring))
        ours = made / (time.perf_counter() - started)
        limit = _copied(platform.database("grid", as_admin=True), made, platform.file("b7.copy"))
        details = tuple(_reads(session, codes))
    return Result(
        "B7",
        f"import {made:,} grids of {len(codes):,} counties",
        GOAL,
        (Round(ours, limit),),
        details,
    )


@dataclass(slots=True)
class _Session:
    """The city's operator at the gateway; signed in anew before the token ends."""

    platform: Platform
    lifetime: float = 600.0
    _token: str = ""
    _until: float = 0.0
    _idle: list[http.client.HTTPConnection] = field(default_factory=list)

    def create(self, code: str) -> int:
        """Create the county of a code."""
        body = {
            "county_id": _id(code),
            "name": code,
            "admin_code": code,
            "template_id": TEMPLATE,
        }
        self.send("POST", "/v1/counties", body)
        return 1

    def bring(self, code: str) -> int:
        """Import all divisions of a county; how many grids that made."""
        made = self.send("POST", f"/v1/counties/{_id(code)}/grids:import", {"codes": [code]})
        return int(made["created"])

    def send(self, method: str, path: str, body: object = None) -> Any:
        """The answer to one request. Raises DemoError unless it is one of 200 or 201."""
        connection = self._idle.pop() if self._idle else self._connect()
        data = None if body is None else orjson.dumps(body)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token()}"}
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        text = answer.read()
        self._idle.append(connection)
        if answer.status not in (200, 201):
            raise DemoError(f"{method} {path} answered {answer.status}: {text.decode()}")
        return orjson.loads(text)

    def token(self) -> str:
        """The operator's token."""
        if time.monotonic() > self._until:
            password = (self.platform.state.secrets / "operator.password").read_text("utf-8")
            signed_in = self.platform.anyone.signed_in("city", "operator", password.strip())
            self._token, self._until = signed_in.token or "", time.monotonic() + self.lifetime
        return self._token

    def _connect(self) -> http.client.HTTPConnection:
        host = urlsplit(self.platform.url)
        return http.client.HTTPConnection(host.hostname or "", host.port, timeout=120)


def _each(codes: Sequence[str], act: Callable[[str], int]) -> list[int]:
    with ThreadPoolExecutor(IMPORTERS) as importers:
        return list(importers.map(act, codes))


def _copied(database: URL, count: int, file: Path) -> float:
    """Rows a second of COPY of the same rows into a table like ours, indexes and all."""
    with connect(database) as connection:
        columns = [sql.Identifier(row[0]) for row in connection.execute(GIVEN)]
        names = sql.SQL(", ").join(columns)
        with file.open("wb") as rows, connection.cursor() as cursor:
            query = sql.SQL("COPY (SELECT {} FROM grids WHERE {}) TO STDOUT").format(names, OURS)
            with cursor.copy(query) as copy:
                for piece in copy:
                    rows.write(piece)
        connection.execute("CREATE TABLE b7_limit (LIKE grids INCLUDING ALL)")
    seconds = _timed(database, sql.SQL("COPY b7_limit ({}) FROM STDIN").format(names), file)
    with connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM b7_limit").fetchone()
        connection.execute("DROP TABLE b7_limit")
    if row is None or row[0] != count:
        raise DemoError(f"{count} grids were made, COPY found {row and row[0]}")
    return count / seconds


def _timed(database: URL, statement: sql.Composed, file: Path) -> float:
    with connect(database) as connection:
        started = time.perf_counter()
        with file.open("rb") as rows, connection.cursor() as cursor, cursor.copy(statement) as copy:
            while piece := rows.read(1 << 20):
                copy.write(piece)
        connection.commit()
        return time.perf_counter() - started


def _reads(session: _Session, codes: Sequence[str]) -> Iterator[str]:
    """How long reads take once all the grids are there: of random counties, one after the other."""
    chance = random.Random(7)  # noqa: S311 - a sample, not a secret
    places = [_place(session, chance.choice(codes), chance) for _ in range(READS)]
    for name, address in (
        ("subtree of a township", "grids?under={township}&page_size=100"),
        ("all above a village", "grids/{village}/ancestors"),
        ("subtree as of a day", "grids?under={township}&page_size=100&as_of={moment}"),
        ("locate by code", "grids:locate?code={code}"),
    ):
        times = []
        for place in places:
            path = f"/v1/counties/{place['county']}/{address.format(**place)}"
            started = time.perf_counter()
            session.send("GET", path)
            times.append(1000 * (time.perf_counter() - started))
        times.sort()
        p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
        yield f"B7  {name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms"


def _place(session: _Session, code: str, chance: random.Random) -> dict[str, str]:
    """A village of the county, and the township above it."""
    county = _id(code)
    path = f"/v1/counties/{county}/grids?level_id=village&page_size=100"
    village = chance.choice(session.send("GET", path)["grids"])
    return {
        "county": county,
        "village": village["grid_id"],
        "township": village["parent_id"],
        "code": village["admin_code"],
        "moment": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _id(code: str) -> str:
    return f"b7-{code}"
