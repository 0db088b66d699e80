"""B2 and B3: reads through the gateway, against an empty RPC and against constant bytes."""

from typing import Final

from deploy.bench import empty_rpc, wrk
from deploy.bench.platform import BASE, PUBLIC, Platform
from deploy.bench.ratios import Result, in_turns

CASE_GOAL: Final = 0.5
PUBLIC_GOAL: Final = 0.8


def measure_case(platform: Platform, rounds: int, seconds: int) -> Result:
    """One case, against the same request whose service answers with an empty message at once.

    The limit is a second gateway of the same program, whose cases service is `empty_rpc`: same
    route, same token, same checks, but nothing is looked up.
    """
    direct = platform.as_("direct")
    case_id = direct.get(f"{BASE}/cases?page_size=1").json["cases"][0]["case_id"]
    script = platform.file("b2.lua")
    script.write_text(wrk.reading(f"{BASE}/cases/{case_id}", direct.token), "utf-8")
    with platform.resting("-events"), empty_rpc.gateway(platform) as empty_url:
        for url in (platform.url, empty_url):
            wrk.run(url, script, 2)
        turns = in_turns(
            rounds,
            lambda: wrk.run(empty_url, script, seconds).per_second,
            lambda: wrk.run(platform.url, script, seconds).per_second,
        )
    return Result("B2", "read one case", CASE_GOAL, turns)


def measure_public(platform: Platform, rounds: int, seconds: int) -> Result:
    """One publication with its ETag, against the few bytes of the gateway's own /healthz."""
    publications = platform.anyone.get(f"{PUBLIC}/publications").json["publications"]
    scripts = {
        "ours": f"{PUBLIC}/publications/{publications[0]['publication_id']}",
        "limit": "/healthz",
    }
    for name, path in scripts.items():
        platform.file(f"b3-{name}.lua").write_text(wrk.reading(path), "utf-8")

    def load(name: str) -> float:
        return wrk.run(platform.url, platform.file(f"b3-{name}.lua"), seconds).per_second

    with platform.resting("-events"):
        load("ours")
        turns = in_turns(rounds, lambda: load("limit"), lambda: load("ours"))
    return Result("B3", "read a publication without an account", PUBLIC_GOAL, turns)
