"""Make the kept data anew, from the code at hand: ``python -m tests.integration.kept.make``.

It starts a platform of its own, fills one small county with made-up people, asks everything that
the test asks again, and dumps the seven databases. What it writes stands for a platform that was in
use before the code changed: make it anew only to keep more, never to let a test pass.
"""

import json
import lzma
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from deploy import secret_files
from deploy.demo.http import Api
from deploy.local import postgres
from deploy.processes import SERVICES
from tests.e2e.conftest import running
from tests.e2e.everything import one_of_everything
from tests.e2e.platform import PASSWORD, VILLAGE, Platform, Village, finding, patrol
from tests.e2e.refusals import STATES, case_after
from tests.integration.kept.kept import ANSWERS, CONNECT, DUMP
from tests.support.waiting import until

COUNTY = "kept"
QUIET_SECONDS = 3
Json = Any
META = re.compile(r"^\\.*$|^SET .*$|^SELECT pg_catalog\.set_config.*$|^--.*$", re.MULTILINE)
"""Lines of a dump that belong to psql, to one release of PostgreSQL, or to nobody."""


def repeated(county: Village, case_id: str) -> list[Json]:
    """Requests with a key, each with the answer that it was given."""
    base = county.base
    asked = [
        ("patroller", f"{base}/patrols:submit", patrol(county.grids[VILLAGE], finding())),
        ("admin", f"{base}/people", {"name": "测试留存", "phone": "13800000001"}),
        ("admin", f"{base}/rules", {"kind": "duty", "title": "值班", "text": "每日值班。"}),
        (
            "admin",
            f"{base}/sources",
            {
                "grid_id": county.grids[VILLAGE],
                "name": "窑厂",
                "type": "discharging_enterprise",
                "longitude": 113.5,
                "latitude": 27.1,
            },
        ),
        ("admin", f"{base}/groups", {"kind": "working_group", "name": "工作组"}),
        ("direct", f"{base}/cases/{case_id}:acknowledge", {"note": "已受理"}),
    ]
    return [
        {
            "who": who,
            "path": path,
            "body": body,
            "key": f"kept-{number}",
            "answer": county.people[who].post(path, body, key=f"kept-{number}", expect=None).json,
        }
        for number, (who, path, body) in enumerate(asked)
    ]


def reads(ids: dict[str, str], cases: dict[str, str]) -> list[tuple[str, str]]:
    """Who reads what: every list and every kind of thing, at a moment where answers depend on one."""
    month = time.strftime("%Y-%m", time.gmtime())
    grid, person = ids["grid_id"], ids["person_id"]
    lists = (
        *("cases", "grids", "patrols", "people", "register", "sources", "groups", "rules"),
        *("group-members", "trainings", "training-kinds", "training-attendance", "leaves"),
        *("pledge-rounds", "source-lists", "source-events", "ledger-objects", "scheme/versions"),
        f"posts?person_id={person}",
        f"sources?grid_id={grid}",
    )
    things = (
        *("", "scheme", "features", "departments", "categories", "indicators", "source-settings"),
        *(f"cases/{each}" for each in cases.values()),
        *(f"cases/{each}/history" for each in cases.values()),
        *(f"patrols/{ids['patrol_id']}", f"ledgers/{ids['patroller_id']}:verify"),
        *(f"grids/{grid}{part}" for part in ("", "/ancestors", "/lineage", "/states")),
        *(f"grids/{grid}{part}" for part in ("/responsible", "/responsibility-archive", "/board")),
        *(f"people/{person}", f"people/{person}/account", f"groups/{ids['group_id']}"),
        *(f"sources/{ids['source_id']}{part}" for part in ("", "/history", "/file")),
        *(f"register/{ids['item_id']}", f"rules/{ids['rule_id']}/versions"),
        *(f"trainings/{ids['training_id']}", f"certificates/{ids['certificate_id']}"),
        *(f"pledge-rounds/{ids['round_id']}", f"pledge-rounds/{ids['round_id']}/letters/{grid}"),
        f"indicators/on_time_rate?period={month}",
        f"indicators/on_time_rate/explain?period={month}",
    )
    asked = [("admin", f"/v1/counties/{COUNTY}/{each}".rstrip("/")) for each in (*lists, *things)]
    public = f"/public/v1/counties/{COUNTY}/publications"
    asked += [("direct", f"/v1/counties/{COUNTY}/inbox"), ("anyone", public)]
    return [*asked, ("anyone", f"{public}/{ids['publication_id']}")]


def settle(database_url: str) -> None:
    """Wait until every event has been published, and every one that is consumed has been."""

    def at_rest() -> bool:
        return not any(_pending(database_url, service) for service in SERVICES)

    def looks_again() -> bool:
        before = [_consumed(database_url, service) for service in SERVICES]
        ended = time.monotonic() + QUIET_SECONDS
        until(lambda: time.monotonic() > ended, "a while without events")
        return at_rest() and before == [_consumed(database_url, service) for service in SERVICES]

    until(looks_again, "the platform's rest")


def _ask(database_url: str, service: str, question: str) -> int:
    engine = create_engine(make_url(database_url).set(database=f"wangge_{service}"))
    with engine.connect() as connection:
        answer: int = connection.execute(text(question)).scalar_one()
    engine.dispose()
    return answer


def _pending(database_url: str, service: str) -> int:
    return _ask(database_url, service, "SELECT count(*) FROM outbox WHERE published_at IS NULL")


def _consumed(database_url: str, service: str) -> int:
    return _ask(database_url, service, "SELECT count(*) FROM inbox")


def dump(database_url: str) -> str:
    """The SQL of all databases."""
    folder = postgres.binaries()
    if folder is None:
        raise FileNotFoundError("pg_dump is needed: install PostgreSQL")
    return "".join(
        f"{CONNECT}{service}\n{_dump_one(folder, database_url, service)}" for service in SERVICES
    )


def _dump_one(folder: Path, database_url: str, service: str) -> str:
    url = urlsplit(database_url)
    name = f"postgresql://{url.netloc}/wangge_{service}"
    command = [str(folder / "pg_dump"), "--inserts", "--rows-per-insert=500", "--schema=public"]
    done = subprocess.run([*command, name], capture_output=True, text=True, check=True)
    return re.sub(r"\n{2,}", "\n", META.sub("", done.stdout))


def keep(platform: Platform, database_url: str) -> None:
    """Fill the county, write down what is answered, and dump."""
    county = Village(platform, COUNTY).settle()
    ids = one_of_everything(county).ids
    cases = {state: case_after(county, steps) for state, steps in STATES.items()}
    cases["accepted"] = case_after(county, ())
    keyed = repeated(county, cases["accepted"])
    settle(database_url)
    people: dict[str, Api] = {**county.people, "anyone": platform.anyone}
    answers = {
        "county": COUNTY,
        "password": PASSWORD,
        "personal_data_keys": platform.secret(secret_files.PERSONAL_DATA_KEYS),
        "reads": [
            {"who": who, "path": path, "answer": people[who].get(path).json}
            for who, path in reads(ids, cases)
        ],
        "repeated": keyed,
    }
    ANSWERS.write_text(json.dumps(answers, ensure_ascii=False, indent=0) + "\n", "utf-8")
    DUMP.write_bytes(lzma.compress(dump(database_url).encode(), preset=9))


def main() -> None:
    """Make both files."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), own_servers=True) as made:
        found = made.state.read("postgres")
        if found is None:
            raise LookupError("the platform's PostgreSQL is not one of its own")
        keep(made, str(found["url"]))


if __name__ == "__main__":
    main()
