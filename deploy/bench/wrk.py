"""Load over HTTP from wrk, which costs a small part of what answering does.

One thread a connection: each then has a Lua state of its own, and so can be one person.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local import apt
from deploy.local.problems import LocalStackError

CONNECTIONS: Final = 16
_MARK: Final = "WANGGE "

# Every answer is looked at: one that is not `wanted` ends up in the error, with its text.
_COUNTING: Final = """\
local threads = {}
function setup(thread)
  table.insert(threads, thread)
  thread:set("place", #threads)
end
answered, odd, odd_text = 0, 0, ""
function response(status, headers, body)
  if status == %(wanted)d then answered = answered + 1
  else odd = odd + 1; odd_text = status .. " " .. string.sub(body, 1, 400) end
end
"""

_REPORT: Final = """\
function done(summary, latency, requests)
  local answered, odd, text = 0, 0, ""
  for _, thread in ipairs(threads) do
    answered = answered + thread:get("answered")
    odd = odd + thread:get("odd")
    if thread:get("odd_text") ~= "" then text = thread:get("odd_text") end
  end
  local e = summary.errors
  local lost = e.connect + e.read + e.write + e.timeout
  text = string.gsub(text, '[%%c"\\\\]', " ")
  io.write(string.format('%(mark)s{"answered":%%d,"odd":%%d,"lost":%%d,"seconds":%%.6f,' ..
    '"p50_ms":%%.3f,"p99_ms":%%.3f,"text":"%%s"}\\n', answered, odd, lost,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, text))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a run: answers a second, all of the wanted status, and their latencies."""

    per_second: float
    answered: int
    p50_ms: float
    p99_ms: float


def program() -> str:
    """The path of wrk, installed where that is possible. Raises LocalStackError."""
    if shutil.which("wrk") is None and apt.is_possible():
        apt.install("wrk")
    if (found := shutil.which("wrk")) is None:
        message = "wrk makes the load and is not on the path: install it (apt or brew install wrk)."
        raise LocalStackError(message)
    return found


def run(url: str, script: Path, seconds: int) -> Load:
    """Load ``url`` over 16 connections. Raises LocalStackError for any answer not wanted."""
    command = [program(), f"-t{CONNECTIONS}", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    command += ["--timeout", "10s", "-s", str(script), url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalStackError(f"wrk failed:\n{done.stdout}{done.stderr}")
    return read(done.stdout)


def read(output: str) -> Load:
    """What a run's output says. Raises LocalStackError unless every answer was the wanted one."""
    lines = [line for line in output.splitlines() if line.startswith(_MARK)]
    if not lines:
        raise LocalStackError(f"wrk did not report:\n{output}")
    report = json.loads(lines[-1].removeprefix(_MARK))
    if report["odd"] or report["lost"] or not report["answered"]:
        raise LocalStackError(
            f"Of {report['answered'] + report['odd']} answers {report['odd']} were not as wanted "
            f"and {report['lost']} requests were lost. One answer: {report['text']}"
        )
    return Load(
        report["answered"] / report["seconds"],
        report["answered"],
        report["p50_ms"],
        report["p99_ms"],
    )


def reading(path: str, token: str | None = None) -> str:
    """A script that reads ``path`` again and again, as the holder of ``token``."""
    header = f'wrk.headers["Authorization"] = "Bearer {token}"\n' if token else ""
    constant = f'local constant\nfunction init() constant = wrk.format("GET", "{path}") end\n'
    request = "function request() return constant end\n"
    return header + _COUNTING % {"wanted": 200} + constant + request + _report()


def posting(path: str, people: Sequence[tuple[str, str]], run_id: str) -> str:
    """A script in which each connection is one of ``people`` and posts to ``path``.

    A person is a token and the body to send, in which ``CLIENT_ID`` stands for an id that no other
    request of any run with another ``run_id`` has; it is the Idempotency-Key as well.
    """
    listed = ",\n".join(f"  {{{_quoted(token)}, {_quoted(body)}}}" for token, body in people)
    return (
        f"local people = {{\n{listed}\n}}\nlocal sent = 0\n"
        + _COUNTING % {"wanted": 201}
        + "function request()\n"
        "  local me = people[(place - 1) % #people + 1]\n"
        "  sent = sent + 1\n"
        f'  local id = "{run_id}-" .. place .. "-" .. sent\n'
        '  local body = string.gsub(me[2], "CLIENT_ID", id)\n'
        f'  return wrk.format("POST", "{path}", {{["Authorization"] = "Bearer " .. me[1],\n'
        '    ["Content-Type"] = "application/json", ["Idempotency-Key"] = id}, body)\n'
        "end\n" + _report()
    )


def _report() -> str:
    return _REPORT % {"mark": _MARK}


def _quoted(text: str) -> str:
    """A Lua string that no text can leave."""
    level = "="
    while f"]{level}]" in text:
        level += "="
    return f"[{level}[{text}]{level}]"
