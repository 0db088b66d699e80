"""Refusals as they were recorded: where requests are made, how they are sent, what is kept of an answer.

``python -m tests.e2e.refusals``, run between servers (`deploy.local with-servers`), asks everything in
the recording again and writes the answers down. That is for new requests and for refusals that change
on purpose; whatever else changes in the file is what callers will notice.
"""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.e2e.everything import first, one_of_everything
from tests.e2e.platform import (
    FIRST_PASSWORD,
    NEIGHBOUR,
    TOWNSHIP,
    VILLAGE,
    Platform,
    Village,
    iso,
)

RECORDING = Path(__file__).with_name("recorded_refusals.json")
LANGUAGES = ("en", "zh")
NOWHERE = "0190f0aa-0000-7000-8000-000000000001"
OF_A_RUN = (
    ("{id}", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    ("{moment}", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")),
    ("{hash}", re.compile(r"[0-9a-f]{64}")),
)
"""What an answer may hold that no request named, and that is another in each run."""
REPEATED = re.compile(r"\{(.)\*(\d+)\}")
"""Stands for a character written many times: ``{x*5000}``."""
Json = Any
Steps = tuple[tuple[str, str, Json], ...]
HANDLED: Steps = (("direct", "acknowledge", {}), ("direct", "handle", {"result": "已清理"}))
VERIFIED: Steps = (*HANDLED, ("patroller", "verify", {"passed": True}))
STATES: dict[str, Steps] = {
    "reported": (),
    "rejected": (("direct", "reject", {"reason": "重复上报"}),),
    "filed": (("direct", "acknowledge", {}),),
    "transferring": (("direct", "acknowledge", {}), ("direct", "transfer", {})),
    "handled": HANDLED,
    "verified": VERIFIED,
    "closed": (*VERIFIED, ("direct", "close", {})),
}
"""State of a case → the steps to it: who, verb, body."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A county in which everything stands that the requests name, beside another county."""

    http: httpx.Client
    names: Mapping[str, str]
    """What requests and answers write in braces → its value in this run."""
    tokens: Mapping[str, str]
    """Who asks → the token; ``anyone`` has none."""

    def ask(self, asked: Json, language: str = "en") -> httpx.Response:
        """Send one request."""
        headers = {"Accept-Language": language, **self.filled(asked.get("headers", {}))}
        if token := self.tokens.get(asked["who"]):
            headers.setdefault("Authorization", f"Bearer {token}")
        if "raw" in asked:
            content = self.filled(asked["raw"]).encode(asked.get("encoding", "utf-8"))
        elif "body" in asked:
            headers.setdefault("Content-Type", "application/json")
            content = json.dumps(self.filled(asked["body"]), ensure_ascii=False).encode()
        else:
            content = b""
        path = self.filled(asked["path"])
        return self.http.request(asked["method"], path, headers=headers, content=content)

    def answer(self, asked: Json) -> Json:
        """The refusal in both languages, with names for what only this run has."""
        for before in asked.get("first", []):
            done = self.ask(before)
            assert done.is_success, done.text
        problems = [self._problem(self.ask(asked, language)) for language in LANGUAGES]
        one, other = problems
        assert (one["status"], one["reason"]) == (other["status"], other["reason"]), problems
        errors = zip(one.get("errors", []), other.get("errors", []), strict=True)
        answer = {
            "status": one["status"],
            "reason": one["reason"],
            "title": [each["title"] for each in problems],
            "detail": [each["detail"] for each in problems],
            "errors": sorted([en["pointer"], en["detail"], zh["detail"]] for en, zh in errors),
        }
        return self.named(answer)

    @staticmethod
    def _problem(response: httpx.Response) -> Json:
        assert response.status_code >= httpx.codes.BAD_REQUEST, response.text
        assert response.headers["content-type"] == "application/problem+json", response.text
        problem = response.json()
        assert problem["status"] == response.status_code
        return problem

    def filled(self, value: Json) -> Json:
        """The value with what the names stand for."""
        if isinstance(value, dict):
            return {key: self.filled(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if not isinstance(value, str):
            return value
        for name, known in self.names.items():
            value = value.replace(f"{{{name}}}", known)
        return REPEATED.sub(lambda found: found[1] * int(found[2]), value)

    def named(self, value: Json) -> Json:
        """The value with names for what only this run has."""
        if isinstance(value, dict):
            return {key: self.named(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.named(each) for each in value]
        if isinstance(value, str):
            for name, known in self.names.items():
                value = value.replace(known, f"{{{name}}}")
            for name, form in OF_A_RUN:
                value = form.sub(name, value)
        return value


def set_up(platform: Platform, county_id: str = "e2e-refused") -> Stage:
    """Two counties, in the first of which there is one of everything and a case in each state."""
    county = Village(platform, county_id).settle()
    other = Village(platform, f"{county_id}-other").settle()
    operator = platform.operator
    person = {"name": "测试新人", "username": "newcomer", "password": FIRST_PASSWORD}
    operator.post(f"{county.base}/admins", person)
    newcomer = platform.anyone.signed_in(county_id, "newcomer", FIRST_PASSWORD)
    tokens = {who: str(api.token) for who, api in county.people.items()}
    tokens |= {
        "operator": str(operator.token),
        "newcomer": str(newcomer.token),
        "stranger": str(other.admin.token),
        "expired": platform.expired(tokens["patroller"]),
        "tampered": f"{tokens['patroller'][:-8]}AAAAAAAA",
    }
    return Stage(platform.http, names_of(county, other), tokens)


def names_of(county: Village, other: Village) -> dict[str, str]:
    """What requests may name, the more particular before what is a part of it."""
    names = dict(one_of_everything(county).ids)
    names |= {f"{state}_case": case_after(county, steps) for state, steps in STATES.items()}
    names["due_item"] = item_about(county, names["closed_case"])
    names["submitted_item"] = item_about(county, case_after(county, STATES["closed"]))
    path = f"{county.base}/register/{names['submitted_item']}:submit"
    county.admin.post(path, {}, expect=200)
    for code, name in ((TOWNSHIP, "township"), (VILLAGE, "village"), (NEIGHBOUR, "neighbour")):
        names[name] = county.grids[code]
        names[f"their_{name}"] = other.grids[code]
    names |= ended_records(county, names["group_id"])
    now = datetime.now(UTC)
    for name, minutes in (("hour", 60), ("quarter", 15), ("minutes", 5), ("minute", 4)):
        names[f"{name}_ago"] = iso(now - timedelta(minutes=minutes))
    names |= {"tomorrow": iso(now + timedelta(days=1)), "nowhere": NOWHERE, "key": f"key-{uuid4()}"}
    return names | {"other": other.county_id, "county": county.county_id}


def case_after(county: Village, steps: Steps) -> str:
    """A case after the steps: who, verb, body."""
    case_id: str = county.report()["case_id"]
    for who, verb, body in steps:
        path = f"{county.base}/cases/{case_id}:{verb}"
        county.people[who].post(path, body, expect=200)
    return case_id


def item_about(county: Village, case_id: str) -> str:
    """The item of the register that a closed case makes due."""
    path = f"{county.base}/register?about_id={case_id}"
    item_id: str = first(county.admin, path, "items")["item_id"]
    return item_id


def ended_records(county: Village, group_id: str) -> dict[str, str]:
    """Records that came to their end, a group below another, and a person without a post."""

    def made(path: str, body: Json, member: str) -> str:
        value: str = county.admin.post(f"{county.base}/{path}", body).json[member]
        return value

    person = made("people", {"name": "测试闲人"}, "person_id")
    kind = {"kind": "working_group"}
    certificate = {
        "person_id": person,
        "kind": "enforcement",
        "number": "测试0002",
        "issuer": "测试机关",
        "issued_on": "2026-01-05",
    }
    post = {"person_id": person, "role_type": "county.reviewer"}
    names = {
        "idle_person": person,
        "ended_group": made("groups", {**kind, "name": "已撤小组"}, "group_id"),
        "lower_group": made(
            "groups", {**kind, "name": "下级小组", "parent_id": group_id}, "group_id"
        ),
        "revoked_certificate": made("certificates", certificate, "certificate_id"),
        "ended_post": made("posts", post, "post_id"),
    }
    for path, body in (
        (f"groups/{names['ended_group']}:end", {}),
        (f"certificates/{names['revoked_certificate']}:revoke", {"reason": "证件作废"}),
        (f"posts/{names['ended_post']}:end", {}),
    ):
        county.admin.post(f"{county.base}/{path}", body, expect=200)
    return names


def load() -> list[Json]:
    """Every recorded request with its answer."""
    recorded: list[Json] = json.loads(RECORDING.read_text("utf-8"))
    return recorded


def write(recorded: list[Json]) -> None:
    """One refusal a line, so that a change shows as one."""
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in recorded)
    RECORDING.write_text(f"[\n{lines}\n]\n", "utf-8")


def record() -> None:
    """Ask everything again on a platform of this run's own."""
    from tests.e2e.conftest import running

    with tempfile.TemporaryDirectory() as folder, running(Path(folder), own_servers=False) as made:
        stage = set_up(made)
        write([{**asked, "answer": stage.answer(asked)} for asked in load()])


if __name__ == "__main__":
    if not os.environ.get("WANGGE_DATABASE_URL"):
        raise SystemExit("Run it between servers: python -m deploy.local with-servers -- ...")
    record()
