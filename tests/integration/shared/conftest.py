from collections.abc import Callable, Iterator

import pytest

from services.notifications.store import NotificationsTransaction, make_transaction
from shared.db.transaction import UnitOfWork
from tests.integration.service_fixtures import Databases, context_of
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


@pytest.fixture
def work(databases: Databases, county_id: str) -> Callable:
    unit_of_work = UnitOfWork(databases.engine("notifications"), make_transaction)
    return lambda county=county_id: unit_of_work(context_of(county))


@pytest.fixture
def tx(work: Callable) -> Iterator[NotificationsTransaction]:
    with work() as tx:
        yield tx
