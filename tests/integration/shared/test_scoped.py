"""A scoped table before real PostgreSQL, as the administrator whom no row-level security binds."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    select,
    update,
)

from shared.context import RequestContext
from shared.db.pages import SortKey
from shared.db.platform import platform_tables
from shared.db.scoped import ScopedTable, of_county, same_county
from shared.db.statements import Statement, insertion
from shared.db.transaction import Transaction
from shared.errors import Aborted, InvalidArgument, NotFound
from shared.errors import Text as Words
from shared.paging import PageRequest, encode
from tests.integration.service_fixtures import Databases

HERE, THERE = "430223", "131126"
METADATA = MetaData()
PLATFORM = platform_tables(METADATA)
RECORDS = Table(
    "scoped_records",
    METADATA,
    Column("county_id", Text, primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("path", Text(collation="C"), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("due_on", Date),
    prefixes=["TEMPORARY"],
)
START = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = UUID(int=1)


class RecordNotFound(NotFound):
    reason = "RECORD_NOT_FOUND"
    detail = Words("No record {record_id}.", "没有记录 {record_id}。")


def values(record_id: UUID = FIRST, **changed: Any) -> dict[str, Any]:
    given = {"version": 1, "path": "1.", "rank": 0, "at": START, "due_on": None}
    return {"record_id": record_id, **given, **changed}


@pytest.fixture
def connection(databases: Databases) -> Iterator[Connection]:
    with databases.admin_engine("assessment").connect() as connection:
        RECORDS.create(connection)
        yield connection
        connection.rollback()


@pytest.fixture
def table(connection: Connection) -> Callable[[str], ScopedTable]:
    def of(county_id: str) -> ScopedTable:
        context = RequestContext(county_id=county_id, correlation_id="c")
        tx = Transaction(connection, context, service="probe", tables=PLATFORM, events={})
        return ScopedTable(tx, RECORDS, missing=RecordNotFound)

    return of


@pytest.fixture
def here(table: Callable[[str], ScopedTable]) -> ScopedTable:
    """The table of a county beside one that has a record of the same id."""
    table(THERE).insert(values(path="9.", rank=9))
    return table(HERE)


@pytest.fixture
def there(table: Callable[[str], ScopedTable]) -> ScopedTable:
    return table(THERE)


def test_no_question_sees_another_countys_rows(here: ScopedTable) -> None:
    assert here.find(record_id=FIRST) is None
    assert here.all(here.select()) == []
    assert not here.has(record_id=FIRST)
    assert not here.has(RECORDS.c.rank == 9)
    for question in (here.get, here.lock):
        with pytest.raises(RecordNotFound) as caught:
            question(record_id=FIRST)
        assert caught.value.metadata == {"record_id": str(FIRST)}


def test_no_write_reaches_another_countys_rows(here: ScopedTable, there: ScopedTable) -> None:
    before = there.all(there.select())

    assert here.update({"rank": 7}) == 0
    assert here.delete() == 0
    assert here.delete(record_id=FIRST) == 0
    with pytest.raises(RecordNotFound):
        here.save(values(version=2, rank=7), 1)
    here.keep_newest([values(version=5, rank=5)])
    here.upsert([values(version=6, rank=6)], ["rank", "version"])

    assert there.all(there.select()) == before
    assert here.get(record_id=FIRST).rank == 6


def test_a_row_is_written_for_the_county_whatever_it_says_itself(
    here: ScopedTable, there: ScopedTable
) -> None:
    here.insert({**values(UUID(int=2)), "county_id": THERE})
    here.insert_many([{**values(UUID(int=3)), "county_id": THERE}])
    here.insert_bulk([{**values(UUID(int=4)), "county_id": THERE}])

    assert len(here.all(here.select())) == 3
    assert len(there.all(there.select())) == 1


def test_only_rows_that_are_new_are_written_and_answered(here: ScopedTable) -> None:
    here.insert(values(rank=3))

    written = here.insert_new([values(rank=4), values(UUID(int=2))], RECORDS.c.record_id)

    assert [row.record_id for row in written] == [UUID(int=2)]
    assert here.get(record_id=FIRST).rank == 3


def test_writing_no_rows_asks_nothing(here: ScopedTable) -> None:
    here.insert_many([])
    here.insert_bulk([])
    here.upsert([], ["rank"])
    here.keep_newest([])

    assert here.insert_new([]) == []
    assert not here.has()


def test_a_row_is_saved_at_the_version_that_was_seen(here: ScopedTable) -> None:
    here.insert(values())

    here.save(values(version=2, rank=8), 1)

    assert (here.get(record_id=FIRST).version, here.get(record_id=FIRST).rank) == (2, 8)
    with pytest.raises(Aborted) as caught:
        here.save(values(version=2, rank=9), 1)
    assert caught.value.metadata == {"expected": "1", "actual": "2"}
    assert here.get(record_id=FIRST).rank == 8


def test_a_join_keeps_to_the_county(here: ScopedTable) -> None:
    here.insert(values(path="1."))
    other = RECORDS.alias("other")

    joined = here.select(other.c.path).join(other, same_county(RECORDS, other, "record_id"))

    assert [row.path for row in here.all(joined)] == ["1."]
    renamed = str(same_county(RECORDS, other, path="record_id"))
    assert "scoped_records.path = other.record_id" in renamed
    assert "scoped_records.county_id = other.county_id" in renamed


def test_statements_made_once_are_bound_to_the_county(here: ScopedTable) -> None:
    here.insert(values(rank=4))
    ranks = Statement(
        of_county(select(RECORDS.c.rank), RECORDS).where(RECORDS.c.rank >= bindparam("least"))
    )

    assert here.first(ranks, least=0).rank == 4
    assert [row.rank for row in here.all(ranks, least=0)] == [4]
    assert [[row.rank for row in rows] for rows in here.answers([ranks], least=5)] == [[]]
    assert "county_id" in str(of_county(update(RECORDS).values(rank=1), RECORDS))


def test_a_statement_that_forgets_the_county_is_refused(here: ScopedTable) -> None:
    forgetful = Statement(select(RECORDS.c.rank))

    for ask in (here.first, here.all, lambda question: here.answers([question])):
        with pytest.raises(TypeError, match="of_county"):
            ask(forgetful)


def test_rows_handed_over_are_written_for_the_county(connection: Connection) -> None:
    context = RequestContext(county_id=HERE, correlation_id="c")
    tx = Transaction(connection, context, service="probe", tables=PLATFORM, events={})
    written: list[Any] = []
    tx.write = lambda _, row: written.append(row)  # type: ignore[method-assign]

    ScopedTable(tx, RECORDS).write(insertion(RECORDS, RECORDS.c.keys()), values())

    assert written == [{**values(), "county_id": HERE}]


def filled(here: ScopedTable) -> None:
    """Nine records in which each path comes three times, and every third has no day."""
    here.insert_many(
        values(
            UUID(int=number),
            path=f"{number % 3}.",
            rank=number * 1_000,
            at=START + timedelta(microseconds=number // 2),
            due_on=None if number % 3 == 0 else date(2026, 3, 1 + number // 2),
        )
        for number in range(1, 10)
    )


KEYS = {
    "id": SortKey(RECORDS.c.record_id),
    "id descending": SortKey(RECORDS.c.record_id, descending=True),
    "moment and id": SortKey(RECORDS.c.at, RECORDS.c.record_id, descending=True),
    "path and number": SortKey(RECORDS.c.path, RECORDS.c.rank),
    "day or none, and id": SortKey(RECORDS.c.due_on, RECORDS.c.record_id),
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("size", [1, 2, 4, 9, 50])
def test_pages_show_every_row_once_in_order(here: ScopedTable, key: SortKey, size: int) -> None:
    filled(here)
    seen, token, pages = [], "", 0
    while token or not pages:
        page = here.page(here.select(), key, PageRequest.of(Asked(size, token)))
        assert len(page.items) <= size
        seen += [key.of(row) for row in page.items]
        token, pages = page.next_page_token, pages + 1

    assert len(seen) == len(set(seen)) == 9
    assert pages == -(-9 // size)
    ordered = [tuple((value is None, value) for value in values) for values in seen]
    for one, next_one in pairwise(ordered):
        assert _before(next_one, one) if key.descending else _before(one, next_one)


def _before(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    for ours, theirs in zip(one, other, strict=True):
        if ours != theirs:
            return bool(ours[0] < theirs[0] or (ours[0] == theirs[0] and ours[1] < theirs[1]))
    return False


NO_VALUES: dict[str, list[Any]] = {
    "id": ["no id", 7, None, True, [], {}, 1.5, "a\0b"],
    "number": [2**31, -(2**31) - 1, 2**63, True, "7", None, 1.5, [1]],
    "version": [2**63, -(2**63) - 1, 2**64, True, "7", None],
    "path": ["a\0b", 7, None, ["1."], True],
    "moment": ["2026-03-01T00:00:00", "0001-01-01T00:00:00+14:00", "soon", 7, None, True],
    "day": ["2026-13-01", "soon", 7, True, [None]],
}
OF_ONE = {
    "id": SortKey(RECORDS.c.record_id),
    "number": SortKey(RECORDS.c.rank),
    "version": SortKey(RECORDS.c.version),
    "path": SortKey(RECORDS.c.path),
    "moment": SortKey(RECORDS.c.at),
    "day": SortKey(RECORDS.c.due_on),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in NO_VALUES for value in NO_VALUES[name]], ids=repr
)
def test_a_token_with_a_value_that_the_key_cannot_have_is_refused(
    here: ScopedTable, name: str, value: Any
) -> None:
    asked = PageRequest(key=(value,))

    with pytest.raises(InvalidArgument) as caught:
        here.page(here.select(), OF_ONE[name], asked)

    assert [violation.pointer for violation in caught.value.violations] == ["/page_token"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", 2**31 - 1),
        ("version", -(2**63)),
        ("path", "'; DROP TABLE scoped_records; --"),
        ("moment", "9999-12-31T23:59:59.999999+00:00"),
        ("moment", "2026-03-01T00:00:00+23:59"),
        ("day", None),
        ("id", str(uuid4())),
    ],
)
def test_every_other_value_is_a_question_that_the_database_answers(
    here: ScopedTable, name: str, value: Any
) -> None:
    token = encode(value)

    page = here.page(here.select(), OF_ONE[name], PageRequest.of(Asked(10, token)))

    assert page.items == []


class Asked:
    def __init__(self, page_size: int = 0, page_token: str = "") -> None:
        self.page_size = page_size
        self.page_token = page_token
