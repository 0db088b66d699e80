"""Which interpreter a test belongs to.

Tests under an `events` folder run with eventlet's patches, which no grpc server or client survives;
`tests/run.sh` gives them a run of their own.
"""

import pytest

pytest_plugins = ["tests.requirements.plugin"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "events" in item.path.parent.parts:
            item.add_marker(pytest.mark.eventlet)
        elif item.get_closest_marker("eventlet"):
            message = f"{item.nodeid} is marked eventlet: move it under a folder named events."
            raise pytest.UsageError(message)
