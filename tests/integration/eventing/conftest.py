"""Events processes for the tests here."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.eventing.running import EventsProcess

Start = Callable[..., EventsProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start an events process: ``start(module, environment)``; killed when the test ends."""
    numbers = itertools.count(1)
    started: list[EventsProcess] = []

    def run(module: str, environment: dict[str, str]) -> EventsProcess:
        log = tmp_path / f"process-{next(numbers)}.log"
        started.append(EventsProcess(module, environment, log))
        return started[-1]

    yield run
    for process in started:
        process.kill()
