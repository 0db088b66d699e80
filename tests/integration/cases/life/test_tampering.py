"""What somebody with the database in hand can do shows."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from shared.db import migrate
from shared.db.transaction import SET_COUNTY
from tests.integration.cases.county import County
from tests.integration.service_fixtures import Databases

TOUCHES = [
    "UPDATE case_history SET note = '另有说法' WHERE case_id = :id AND sequence = 2",
    "UPDATE case_history SET at = at - interval '3 days' WHERE case_id = :id AND sequence = 2",
    "UPDATE case_history SET actor_id = gen_random_uuid() WHERE case_id = :id AND sequence = 2",
    "UPDATE case_history SET facts = '{}' WHERE case_id = :id AND sequence = 3",
    "DELETE FROM case_history WHERE case_id = :id AND sequence = 1",
    "DELETE FROM case_history WHERE case_id = :id AND sequence = 5",
    "UPDATE cases SET state = 'closed' WHERE case_id = :id",
]


AsAdmin = Callable[[], AbstractContextManager[Connection]]


@pytest.fixture
def as_admin(databases: Databases) -> AsAdmin:
    @contextmanager
    def connect() -> Iterator[Connection]:
        with databases.admin_engine("cases").begin() as connection:
            yield connection

    return connect


@pytest.mark.parametrize("touch", TOUCHES)
def test_a_touched_history_is_no_longer_whole(
    county: County, as_admin: AsAdmin, touch: str
) -> None:
    case_id = county.handled()
    assert county.office.call("GetCaseHistory", case_id=case_id).whole

    with as_admin() as connection:
        assert connection.execute(text(touch), {"id": case_id}).rowcount == 1

    assert not county.office.call("GetCaseHistory", case_id=case_id).whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_history SET note = ''",
        "DELETE FROM case_history",
        "TRUNCATE case_history",
        "UPDATE case_clock_segments SET owner = ''",
        "DELETE FROM case_clock_segments",
        "DELETE FROM cases",
        "DELETE FROM case_clocks",
        "DELETE FROM case_transfers",
    ],
)
def test_the_application_cannot_unwrite_what_happened(
    databases: Databases, county: County, statement: str
) -> None:
    county.opened()

    with databases.engine("cases").connect() as connection:
        connection.execute(SET_COUNTY, {"county": county.county_id})
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(statement))


def test_models_and_migrations_agree(databases: Databases) -> None:
    databases.engine("cases")

    migrate.check("cases", databases.admin_url)
