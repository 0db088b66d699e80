"""B1: a patrol with a finding, through the gateway, against the same rows by pgbench."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deploy.bench import pgbench, wrk
from deploy.bench.platform import BASE, COUNTY, Patroller, Platform
from deploy.bench.ratios import Result, in_turns
from deploy.demo.http import DemoError

GOAL: Final = 0.20
_PATH: Final = f"{BASE}/patrols:submit"


def measure(platform: Platform, rounds: int, seconds: int) -> Result:
    """Sixteen patrollers, each with a connection of its own, submit as fast as they can."""
    now = datetime.now(UTC)
    people = [
        (_token(platform, patroller), body(patroller.grid_id, now))
        for patroller in platform.patrollers
    ]
    database = platform.database("patrols")
    patrol_id = _submit_one(platform, platform.patrollers[0], people[0][1])
    limit_script = platform.file("b1.sql")
    limit_script.write_text(
        pgbench.script(COUNTY, pgbench.sample(database, COUNTY, patrol_id)), "utf-8"
    )
    our_script = platform.file("b1.lua")

    def ours() -> float:
        run_id = f"b1-{time.time_ns()}"
        our_script.write_text(wrk.posting(_PATH, people, run_id), "utf-8")
        load = wrk.run(platform.url, our_script, seconds)
        platform.expect_patrols(run_id, load.answered)
        return load.per_second

    with platform.resting("-events"):
        ours()  # connections, pools and caches get warm
        turns = in_turns(rounds, lambda: pgbench.run(database, limit_script, seconds), ours)
    return Result("B1", "submit a patrol with a finding", GOAL, turns)


def body(grid_id: str, now: datetime) -> str:
    """A patrol as a device hands it in; CLIENT_ID stands for its own id."""
    finding = {
        "category": "straw_burning",
        "description": "村东田间露天焚烧秸秆,过火约半亩",
        "found_time": _iso(now - timedelta(minutes=20)),
        "address": "村东",
        "stopped_by": "当场劝阻并扑灭明火",
        "longitude": 113.38,
        "latitude": 27.12,
    }
    patrol: dict[str, Any] = {
        "client_id": "CLIENT_ID",
        "grid_id": grid_id,
        "start_time": _iso(now - timedelta(hours=1)),
        "end_time": _iso(now - timedelta(minutes=5)),
        "summary": "上午巡查全村,发现一处焚烧秸秆",
        "findings": [finding],
        "signature": {"sign_time": _iso(now - timedelta(minutes=4))},
    }
    return json.dumps(patrol, ensure_ascii=False)


def _token(platform: Platform, patroller: Patroller) -> str:
    token = platform.anyone.signed_in(COUNTY, patroller.username, patroller.password).token
    if token is None:
        raise DemoError(f"{patroller.username} got no token")
    return token


def _submit_one(platform: Platform, patroller: Patroller, template: str) -> str:
    api = platform.anyone.signed_in(COUNTY, patroller.username, patroller.password)
    client_id = f"b1-sample-{time.time_ns()}"
    patrol = json.loads(template.replace("CLIENT_ID", client_id))
    patrol_id: str = api.post(_PATH, patrol, key=client_id).json["patrol_id"]
    return patrol_id


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
