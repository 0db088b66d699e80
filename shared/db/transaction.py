"""One transaction for one county: the state, its events, and the events and keys seen before."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.context import RequestContext
from shared.db.platform import PlatformTables
from shared.db.statements import Row, Statement, Write, as_sqlalchemy, commit_with, insertion
from shared.eventing.contracts import Events
from shared.eventing.envelope import Envelope
from shared.ids import new_id

SET_COUNTY = text("SELECT set_config('app.county', :county, true)")
BIND = "SELECT set_config('app.county', %s, true)"


@dataclass(frozen=True, slots=True)
class _Statements:
    """The statements that transactions run on the tables that every service has."""

    add_event: Statement
    find_key: Statement
    keep_key: Statement


@cache
def _statements_of(tables: PlatformTables) -> _Statements:
    keys = tables.idempotency_keys
    own = ("county_id", "actor_id", "method", "key")
    return _Statements(
        add_event=insertion(tables.outbox, ("county_id", "event_id", "key", "body")),
        find_key=Statement(
            select(keys.c.request_hash, keys.c.response).where(
                *(keys.c[name] == bindparam(name) for name in own)
            )
        ),
        keep_key=insertion(keys, (*own, "request_hash", "response")),
    )


class Outbox:
    """Events to be published once the transaction commits, and not otherwise."""

    def __init__(
        self, source: str, events: Events, context: RequestContext, record: Callable[[Row], None]
    ) -> None:
        """``record`` takes each row, to be written when the transaction ends."""
        self._source = source
        self._events = events
        self._context = context
        self._record = record

    def add(self, event: object, *, subject: object, sequence: int) -> UUID:
        """Record a domain event of the aggregate ``subject`` at its version ``sequence``.

        Raises KeyError for a class that the service's EVENTS does not name.
        """
        emission = self._events[type(event)]
        envelope = Envelope(
            id=new_id(),
            source=self._source,
            key=emission.key,
            subject=str(subject),
            time=datetime.now(UTC),
            county_id=self._context.county_id,
            correlation_id=self._context.correlation_id,
            causation_id=self._context.causation_id,
            traceparent=self._context.traceparent,
            sequence=sequence,
            data=emission.data_of(event),
        )
        self._record(
            {
                "county_id": envelope.county_id,
                "event_id": envelope.id,
                "key": envelope.key,
                "body": envelope.to_json(),
            }
        )
        return envelope.id


class Inbox:
    """The events that the service's consumers have seen."""

    def __init__(self, connection: Connection, tables: PlatformTables, county_id: str) -> None:
        self._connection = connection
        self._table = tables.inbox
        self._county_id = county_id

    def is_new(self, event_id: UUID, consumer: str) -> bool:
        """Remember the event for the consumer; False when it was remembered before.

        Of two that ask at once, the second waits for the first one's transaction to end.
        """
        statement = (
            upsert(self._table)
            .values(county_id=self._county_id, consumer=consumer, event_id=event_id)
            .on_conflict_do_nothing()
            .returning(self._table.c.event_id)
        )
        return self._connection.execute(statement).first() is not None


class IdempotencyKeys:
    """Responses that were given before, by the caller's idempotency keys."""

    def __init__(
        self,
        connection: Connection,
        statements: _Statements,
        context: RequestContext,
        record: Callable[[Row], None],
    ) -> None:
        """``record`` takes each row, to be written when the transaction ends."""
        self._connection = connection
        self._statements = statements
        self._context = context
        self._record = record

    def find(self, method: str, key: str) -> tuple[bytes, bytes] | None:
        """The request's hash and the response kept under the key, or None."""
        row = self._statements.find_key.first(self._connection, **self._own(method, key))
        return None if row is None else (row.request_hash, row.response)

    def keep(self, method: str, key: str, request_hash: bytes, response: bytes) -> None:
        """Keep a response.

        The end of the transaction raises IntegrityError when another request kept one in between.
        """
        self._record({**self._own(method, key), "request_hash": request_hash, "response": response})

    def _own(self, method: str, key: str) -> dict[str, object]:
        return {
            "county_id": self._context.county_id,
            "actor_id": self._context.actor_id,
            "method": method,
            "key": key,
        }


S = TypeVar("S")


class Transaction:
    """One transaction of one county, as every use case takes it.

    A use case asks it for the stores it works on, by class: ``tx.store(LedgerStore)``. What it may
    ask for is what its subject may import, so the order of a service's subjects holds for data too.
    """

    def __init__(
        self,
        connection: Connection,
        context: RequestContext,
        *,
        service: str,
        tables: PlatformTables,
        events: Events,
    ) -> None:
        self.connection = connection
        self.context = context
        self._writes: list[Write] = []
        self._stores: dict[Callable[..., Any], Any] = {}
        statements = _statements_of(tables)
        self.outbox = Outbox(
            service, events, context, lambda row: self.write(statements.add_event, row)
        )
        self.inbox = Inbox(connection, tables, context.county_id)
        self.idempotency = IdempotencyKeys(
            connection, statements, context, lambda row: self.write(statements.keep_key, row)
        )

    @property
    def county_id(self) -> str:
        """The county whose rows the transaction sees."""
        return self.context.county_id

    def store(self, kind: Callable[..., S]) -> S:
        """The transaction's store of that class: the one provided, else made of the transaction."""
        made: S | None = self._stores.get(kind)
        if made is None:
            made = self._stores[kind] = kind(self)
        return made

    def provide(self, store: object) -> None:
        """Hand over a store that takes more than the transaction to make, such as keys."""
        self._stores[type(store)] = store

    def check_writable(self) -> None:
        """Raise a DomainError where nothing may be written; asked once, before a request writes."""

    def write(self, statement: Statement, row: Row) -> None:
        """Have a row written when the transaction ends, after those handed over before it.

        All go in one round trip. Until then no query sees them, and no constraint is checked.
        """
        self._writes.append((statement, row))

    def commit(self) -> None:
        """Write what was handed over, and commit; called once, by the unit of work."""
        writes, self._writes = self._writes, []
        commit_with(self.connection, writes)


TX = TypeVar("TX", bound=Transaction)


class UnitOfWork(Generic[TX]):
    """Opens transactions: ``with unit_of_work(context) as tx``.

    Commits when the block ends, rolls back when it raises. State and events share its fate.
    """

    def __init__(self, engine: Engine, make: Callable[[Connection, RequestContext], TX]) -> None:
        self._engine = engine
        self._make = make

    @contextmanager
    def __call__(self, context: RequestContext) -> Iterator[TX]:
        """Begin a transaction bound to the context's county."""
        with closing(self._bound(context.county_id)) as connection, connection.begin():
            tx = self._make(connection, context)
            yield tx
            tx.commit()

    def _bound(self, county_id: str) -> Connection:
        """A connection whose transaction has begun and sees the county.

        Connections that died while they were idle show here, where nothing was done yet, and are
        replaced: a restarted database costs a reconnection and not an error.
        """
        try:
            return self._begun(county_id)
        except psycopg.Error:
            self._engine.dispose()
        try:
            return self._begun(county_id)
        except psycopg.Error as error:
            raise as_sqlalchemy(error) from error

    def _begun(self, county_id: str) -> Connection:
        """Begin and bind in a single round trip. Raises psycopg's own errors."""
        connection = self._engine.connect()
        driver: Any = connection.connection.driver_connection
        try:
            with driver.pipeline():
                driver.execute(BIND, (county_id,))
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        return connection
