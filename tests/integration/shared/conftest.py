from collections.abc import Iterator

import pytest

from tests.integration.shared.broker import Pair


@pytest.fixture
def pair(amqp_url: str) -> Iterator[Pair]:
    """A source and a consumer that no other test has."""
    made = Pair(amqp_url)
    yield made
    made.remove()
