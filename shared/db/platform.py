"""The tables that every service's database has: outbox, inbox and idempotency keys."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
)

from shared.db import rls
from shared.db.base import make_metadata


@dataclass(frozen=True, slots=True)
class PlatformTables:
    """The three tables within one service's metadata."""

    outbox: Table
    inbox: Table
    idempotency_keys: Table


def platform_tables(metadata: MetaData) -> PlatformTables:
    """Describe the tables in a service's metadata. Call once, in its ``models.py``."""
    outbox = Table(
        "outbox",
        metadata,
        Column("county_id", Text, primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("key", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("published_at", DateTime(timezone=True)),
    )
    # The relay asks for the oldest pending rows of all counties at once, so this index
    # does not start with the county. It holds pending rows only, so it stays small.
    Index("ix_outbox_pending", outbox.c.event_id, postgresql_where=outbox.c.published_at.is_(None))
    # What was published is kept for the retention time, then deleted by age.
    Index("ix_outbox_county_id_published_at", outbox.c.county_id, outbox.c.published_at)
    inbox = Table(
        "inbox",
        metadata,
        Column("county_id", Text, primary_key=True),
        Column("consumer", Text, primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    idempotency_keys = Table(
        "idempotency_keys",
        metadata,
        Column("county_id", Text, primary_key=True),
        Column("actor_id", Uuid, primary_key=True),
        Column("method", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("request_hash", LargeBinary, nullable=False),
        Column("response", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    return PlatformTables(outbox, inbox, idempotency_keys)


def create(op: Any, service: str) -> None:
    """Create the three tables with their policies, in a service's first migration."""
    metadata = make_metadata()
    tables = platform_tables(metadata)
    metadata.create_all(op.get_bind())
    for table in (tables.outbox, tables.inbox, tables.idempotency_keys):
        rls.enable(op, table.name)
    rls.open_to_worker(op, "outbox", service, "SELECT, UPDATE, DELETE")
    rls.open_to_worker(op, "inbox", service, "SELECT, DELETE")
    rls.open_to_worker(op, "idempotency_keys", service, "SELECT, DELETE")
