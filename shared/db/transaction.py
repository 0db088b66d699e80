"""One transaction for one county: the state, the events it causes, and what was seen before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from uuid6 import uuid7

from shared.context import RequestContext
from shared.db.platform import PlatformTables
from shared.eventing.contracts import Events
from shared.eventing.envelope import Envelope

SET_COUNTY = text("SELECT set_config('app.county', :county, true)")


class Outbox:
    """Events to be published once the transaction commits, and not otherwise."""

    def __init__(self, source: str, events: Events, context: RequestContext) -> None:
        self._source = source
        self._events = events
        self._context = context
        self._rows: list[dict[str, object]] = []

    def add(self, event: object, *, subject: object, sequence: int) -> UUID:
        """Record a domain event of the aggregate ``subject`` at its version ``sequence``.

        Raises KeyError for a class that the service's EVENTS does not name.
        """
        emission = self._events[type(event)]
        envelope = Envelope(
            id=UUID(int=uuid7().int),
            source=self._source,
            key=emission.key,
            subject=str(subject),
            time=datetime.now(UTC),
            county_id=self._context.county_id,
            correlation_id=self._context.correlation_id,
            causation_id=self._context.causation_id,
            traceparent=self._context.traceparent,
            sequence=sequence,
            data=emission.schema.dump(event),
        )
        self._rows.append(
            {
                "county_id": envelope.county_id,
                "event_id": envelope.id,
                "key": envelope.key,
                "body": envelope.to_json(),
            }
        )
        return envelope.id

    def take_rows(self) -> list[dict[str, object]]:
        """Hand over the rows recorded so far, once."""
        rows, self._rows = self._rows, []
        return rows


class Inbox:
    """What the service's consumers have seen."""

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
    """Answers given before, by the caller's own keys."""

    def __init__(
        self, connection: Connection, tables: PlatformTables, context: RequestContext
    ) -> None:
        self._connection = connection
        self._table = tables.idempotency_keys
        self._context = context

    def find(self, method: str, key: str) -> tuple[bytes, bytes] | None:
        """The request's hash and the response kept under the key, or None."""
        table = self._table
        row = self._connection.execute(
            select(table.c.request_hash, table.c.response).where(
                table.c.county_id == self._context.county_id,
                table.c.actor_id == self._context.actor_id,
                table.c.method == method,
                table.c.key == key,
            )
        ).first()
        return None if row is None else (row.request_hash, row.response)

    def keep(self, method: str, key: str, request_hash: bytes, response: bytes) -> None:
        """Keep a response. Raises IntegrityError when another request kept one in between."""
        self._connection.execute(
            insert(self._table).values(
                county_id=self._context.county_id,
                actor_id=self._context.actor_id,
                method=method,
                key=key,
                request_hash=request_hash,
                response=response,
            )
        )


class Transaction:
    """What a use case works on. Services subclass it with their repositories (``store.py``)."""

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
        self.outbox = Outbox(service, events, context)
        self.inbox = Inbox(connection, tables, context.county_id)
        self.idempotency = IdempotencyKeys(connection, tables, context)
        self._tables = tables

    def flush(self) -> None:
        """Write the outbox; called once by the unit of work, before it commits."""
        if rows := self.outbox.take_rows():
            self.connection.execute(insert(self._tables.outbox), rows)


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
        with self._engine.begin() as connection:
            connection.execute(SET_COUNTY, {"county": context.county_id})
            tx = self._make(connection, context)
            yield tx
            tx.flush()
