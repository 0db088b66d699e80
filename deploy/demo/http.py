"""A person at the API: signs in, calls, and shows each call with its answer."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

SHOWN_CHARACTERS = 400
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.2

Json = Any
T = TypeVar("T")


class DemoError(Exception):
    """The platform did not answer as the story needs; the text has the call and the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of one call."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Json:
        """The body as JSON."""
        return json.loads(self.text)


@dataclass(slots=True)
class Api:
    """The gateway, as one caller sees it. Without a token the caller is anyone."""

    url: str
    token: str | None = None
    quiet: bool = False

    def signed_in(self, county: str, username: str, password: str) -> "Api":
        """The same gateway as the holder of an account."""
        credentials = {"county": county, "username": username, "password": password}
        answer = Api(self.url, quiet=True).post("/v1/auth/token", credentials, expect=200)
        return Api(self.url, answer.json["access_token"], self.quiet)

    def change_password(self, county: str, username: str, old: str, new: str) -> None:
        """As the holder of an account, put another password in place of the one it has."""
        holder = Api(self.url, quiet=True).signed_in(county, username, old)
        body = {"old_password": old, "new_password": new}
        holder.post(f"/v1/counties/{county}/account:change-password", body, expect=200)

    def accept_invitation(self, county: str, username: str, code: str, password: str) -> None:
        """As somebody who was invited, choose a password with the code."""
        body = {"county": county, "username": username, "code": code, "password": password}
        Api(self.url, quiet=True).post("/v1/auth/invitation:accept", body, expect=200)

    def get(self, path: str, expect: int = 200) -> Answer:
        """Read ``path``."""
        return self._call("GET", path, None, None, expect)

    def post(
        self,
        path: str,
        body: Json | None = None,
        *,
        key: str | None = None,
        expect: int | None = 201,
    ) -> Answer:
        """Write to ``path``; the same ``key`` and body again have no second effect.

        Any other status than ``expect`` is a DemoError; None takes every answer.
        """
        return self._call("POST", path, {} if body is None else body, key, expect)

    def _call(
        self, method: str, path: str, body: Json, key: str | None, expect: int | None
    ) -> Answer:
        answer = self._send(method, path, body, key)
        if not self.quiet:
            self._show(method, path, body, answer)
        if expect is not None and answer.status != expect:
            raise DemoError(
                f"{method} {path} answered {answer.status}, not {expect}:\n{answer.text}"
            )
        return answer

    def _send(self, method: str, path: str, body: Json, key: str | None) -> Answer:
        headers = {"Content-Type": "application/json", "Accept-Language": "zh"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = urllib.request.Request(  # noqa: S310 - the gateway's own address
            self.url + path, data=data, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                return Answer(response.status, dict(response.headers), response.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers), error.read().decode())

    def _show(self, method: str, path: str, body: Json, answer: Answer) -> None:
        print(f"    {method} {path}")
        if body:
            print(f"      → {_short(json.dumps(_without_password(body), ensure_ascii=False))}")
        print(f"      ← {answer.status} {_short(answer.text)}")


def eventually(what: str, ask: Callable[[], T | None]) -> T:
    """Ask until there is an answer: events take a moment. Raises DemoError after a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (found := ask()) is not None:
            return found
        time.sleep(POLL_SECONDS)
    raise DemoError(f"{what}: not within {PATIENCE_SECONDS:.0f} seconds")


def step(text: str) -> None:
    """Print what happens next in the story."""
    print(f"\n● {text}")


def _without_password(body: Json) -> Json:
    return {**body, "password": "…"} if "password" in body else body


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} …"
