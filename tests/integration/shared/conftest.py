from collections.abc import Iterator

import pytest

from tests.integration.shared.broker import Pair
from tests.integration.shared.outboxes import Outboxes


@pytest.fixture
def pair(amqp_url: str) -> Iterator[Pair]:
    """A source and a consumer that no other test has."""
    made = Pair(amqp_url)
    yield made
    made.remove()


@pytest.fixture(scope="session")
def outboxes(database_url: str) -> Iterator[Outboxes]:
    made = Outboxes(database_url)
    yield made
    made.dispose()


@pytest.fixture
def outbox(outboxes: Outboxes) -> Outboxes:
    """The database, empty."""
    outboxes.empty()
    return outboxes
