"""Sorts tests by their interpreter, and sets what holds for all of them.

Tests under an `events` folder run with eventlet's patches, which no grpc server or client survives;
`tests/run.sh` gives them a run of their own.
"""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.requirements.plugin"]

# How long an example takes says how busy the machine is, and nothing of what the test proves.
settings.register_profile(
    "wangge", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("wangge")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "events" in item.path.parent.parts:
            item.add_marker(pytest.mark.eventlet)
        elif item.get_closest_marker("eventlet"):
            message = f"{item.nodeid} is marked eventlet: move it under a folder named events."
            raise pytest.UsageError(message)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Keep UUIDs, which may differ between processes, out of the names of tests."""
    try:
        return argname if isinstance(val, str) and UUID(val) else None
    except ValueError:
        return None
