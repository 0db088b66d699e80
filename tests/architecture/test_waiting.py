"""Tests wait for what happens: only one place of theirs sleeps, and no other may."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
WAITING = TESTS / "support" / "waiting.py"
SLEEPERS = {"time", "asyncio", "eventlet", "gevent", "greenthread", "trio", "anyio"}


def sleeps(source: str) -> list[int]:
    """Lines that call a sleep or take one by name from a module."""
    return [node.lineno for node in ast.walk(ast.parse(source)) if _sleeps(node)]


def _sleeps(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        module = (node.module or "").split(".")[0]
        return module in SLEEPERS and any(alias.name == "sleep" for alias in node.names)
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return (isinstance(called, ast.Attribute) and called.attr == "sleep") or (
        isinstance(called, ast.Name) and called.id == "sleep"
    )


def test_no_test_sleeps() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        if path != WAITING
        for line in sleeps(path.read_text("utf-8"))
    ]

    assert not found, "wait with tests.support.waiting.until instead"


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.sleep(1)",
        "import time as clock\nclock.sleep(1)",
        "from time import sleep as rest",
        "import eventlet\neventlet.sleep(0)",
        "from eventlet.greenthread import sleep",
        "def handler(event):\n    return lambda: time.sleep(2)",
    ],
)
def test_every_way_to_sleep_is_seen(source: str) -> None:
    assert sleeps(source)


def test_the_place_that_waits_is_there() -> None:
    assert sleeps(WAITING.read_text("utf-8"))
