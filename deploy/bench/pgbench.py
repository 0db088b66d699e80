"""What PostgreSQL itself can do: the same rows written by pgbench, prepared and under row security.

The rows are copies of one real submission, so every value has its real size; only the keys differ.
"""

import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy.engine import URL

from deploy.bench.wrk import CONNECTIONS
from deploy.connections import connect
from deploy.local import postgres
from deploy.local.problems import LocalStackError

_RATE: Final = re.compile(r"^tps = ([0-9.]+) \(without initial connection time\)", re.MULTILINE)
_FAILED: Final = re.compile(r"^number of failed transactions: ([0-9]+)", re.MULTILINE)

# Keys as the platform makes them: they begin with the time, so they go to the end of each index.
_ID: Final = "(:run || lpad(((:n * 64 + :client_id) * 8 + {place})::text, 20, '0'))::uuid"
_PERSON: Final = "(:run || lpad(:client_id::text, 20, '0'))::uuid"
_TEXT: Final = "(:run || '-' || :client_id || '-' || :n)"

Row = dict[str, str | None]
"""A row as PostgreSQL writes it: text whatever the type, so that it goes back in as it is."""


def program() -> str:
    """The path of pgbench. Raises LocalStackError."""
    folder = postgres.binaries()
    if folder is None or not (folder / "pgbench").exists():
        message = (
            "pgbench measures the limit of B1 and is not there: install PostgreSQL's programs."
        )
        raise LocalStackError(message)
    return str(folder / "pgbench")


def sample(database: URL, county: str, patrol_id: str) -> dict[str, list[Row]]:
    """The rows that the submission of a patrol has left, by table."""
    with connect(database) as connection:
        connection.execute("SELECT set_config('app.county', %s, false)", [county])
        asked = {
            "patrols": "WHERE patrol_id = %(id)s",
            "findings": "WHERE patrol_id = %(id)s",
            "outbox": "WHERE convert_from(body, 'UTF8')::json ->> 'subject' = %(id)s",
            "idempotency_keys": "WHERE position(convert_to(%(id)s, 'UTF8') in response) > 0",
        }
        found = {name: _rows(connection, name, where, patrol_id) for name, where in asked.items()}
    counts = {name: len(rows) for name, rows in found.items()}
    if counts != {"patrols": 1, "findings": 1, "outbox": 2, "idempotency_keys": 1}:
        raise LocalStackError(f"A submission should leave other rows than {counts}.")
    return found


def script(county: str, rows: dict[str, list[Row]]) -> str:
    """The transaction of one submission: a statement a table, in the platform's order."""
    (patrol,), (finding,) = rows["patrols"], rows["findings"]
    (key,) = rows["idempotency_keys"]
    mine = {"patrol_id": _ID.format(place=0), "finding_id": _ID.format(place=1)}
    patrol_keys = {**mine, "patroller_id": _PERSON, "client_id": _TEXT, "number": ":n"}
    events = [
        _values(row, {"event_id": _ID.format(place=place), "published_at": "now()"})
        for place, row in enumerate(rows["outbox"], 2)
    ]
    return "\n".join(
        (
            "\\set n :n + 1",
            "BEGIN;",
            f"SELECT set_config('app.county', {_literal(county)}, true);",
            _insert("patrols", patrol, [_values(patrol, patrol_keys)]),
            _insert("findings", finding, [_values(finding, mine)]),
            _insert("outbox", rows["outbox"][0], events),
            _insert("idempotency_keys", key, [_values(key, {"actor_id": _PERSON, "key": _TEXT})]),
            "COMMIT;",
            "",
        )
    )


def run(database: URL, script_file: Path, seconds: int) -> float:
    """Transactions a second over 16 connections. Raises LocalStackError where any failed."""
    run_prefix = f"{time.time_ns() // 1_000_000:012x}"
    command = [program(), "--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}"]
    command += [f"--jobs={CONNECTIONS}", f"--time={seconds}", f"--file={script_file}"]
    command += [f"--define=run={run_prefix}", "--define=n=0", "--random-seed=1"]
    command += [f"--host={database.host}", f"--port={database.port}"]
    command += [f"--username={database.username}", str(database.database)]
    environment = {
        **os.environ,
        "PGPASSWORD": database.password or "",
        "PGOPTIONS": "-c timezone=UTC",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    rate, failed = _RATE.search(done.stdout), _FAILED.search(done.stdout)
    if done.returncode or rate is None or (failed and int(failed[1])):
        raise LocalStackError(f"pgbench failed:\n{done.stdout}{done.stderr}")
    return float(rate[1])


def _rows(connection: psycopg.Connection[Any], table: str, where: str, patrol_id: str) -> list[Row]:
    query = f"SELECT * FROM {table} {where}"  # noqa: S608 - the names stand above
    result = connection.execute(query, {"id": patrol_id}).pgresult
    if result is None:
        return []
    names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
    return [
        {name: _text(result.get_value(row, column)) for column, name in enumerate(names)}
        for row in range(result.ntuples)
    ]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _insert(table: str, row: Row, values: list[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES {', '.join(values)};"  # noqa: S608


def _values(row: Row, given: dict[str, str]) -> str:
    return f"({', '.join(given.get(name) or _literal(value) for name, value in row.items())})"


def _literal(value: str | None) -> str:
    if value is None:
        return "NULL"
    # A colon before a letter would be a variable of pgbench's.
    text = value.replace("\\", "\\\\").replace("'", "''").replace(":", "\\u003a")
    return f"E'{text}'"
