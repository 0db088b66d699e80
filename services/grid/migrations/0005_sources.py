"""Pollution sources, the lists they came from, their files, and what lies around them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import rls

revision = "grid_0005"
down_revision = "grid_0004"

MOMENT = sa.DateTime(timezone=True)
SOURCE = ["county_id", "source_id"]
GRID = ["county_id", "grid_id"]
TABLES = (
    "sources",
    "source_lists",
    "source_origins",
    "source_looks",
    "source_gradings",
    "source_file_entries",
    "source_events",
    "ledger_objects",
    "source_links",
)
HISTORIES = ("source_looks", "source_gradings", "source_events")
KEPT = ("sources", "source_lists", "source_origins", "ledger_objects", "source_file_entries")


def upgrade() -> None:
    """Create the tables. Histories are only ever added to, and nothing else is ever removed."""
    _sources()
    _lists()
    _histories()
    _files()
    _objects()
    for table in TABLES:
        rls.enable(op, table)
    for table in HISTORIES:
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM wangge_grid")
    for table in KEPT:
        op.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM wangge_grid")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _uuid(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Uuid, nullable=False) for name in names]


def _degrees() -> list[sa.Column[float]]:
    return [sa.Column("longitude", sa.Float), sa.Column("latitude", sa.Float)]


def _written() -> list[sa.Column[object]]:
    return [
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    ]


def _sources() -> None:
    op.create_table(
        "sources",
        *_text("county_id"),
        *_uuid("source_id", "grid_id"),
        *_text("name", "name_key", "type", "grade"),
        sa.Column("key_object", sa.Boolean, nullable=False),
        *_text("credit_code", "address", "industry"),
        *_degrees(),
        *_text("zone", "state", "verification"),
        sa.Column("verified_at", MOMENT),
        sa.Column("off_list", sa.Boolean, nullable=False),
        *_text("automatic_monitoring", "patrol_monitoring", "law_record"),
        *_written(),
        sa.PrimaryKeyConstraint("county_id", "source_id", name="pk_sources"),
        sa.ForeignKeyConstraint(GRID, ["grids.county_id", "grids.grid_id"]),
    )
    op.create_index(
        "uq_sources_county_id_credit_code",
        "sources",
        ["county_id", "credit_code"],
        unique=True,
        postgresql_where=sa.text("credit_code <> ''"),
    )
    for name, columns in (
        ("grid_id_source_id", ["grid_id", "source_id"]),
        ("grid_id_name_key", ["grid_id", "name_key"]),
        ("type", ["type", "grid_id", "source_id"]),
        ("grade", ["grade", "grid_id", "source_id"]),
        ("verification", ["verification", "grid_id", "source_id"]),
        ("state", ["state", "grid_id", "source_id"]),
    ):
        op.create_index(f"ix_sources_county_id_{name}", "sources", ["county_id", *columns])
    for name in ("zone", "industry"):
        op.create_index(
            f"ix_sources_county_id_{name}",
            "sources",
            ["county_id", name, "grid_id", "source_id"],
            postgresql_where=sa.text(f"{name} <> ''"),
        )
    for name, condition in (("key_objects", "key_object"), ("off_list", "off_list")):
        op.create_index(
            f"ix_sources_{name}",
            "sources",
            ["county_id", "grid_id", "source_id"],
            postgresql_where=sa.text(condition),
        )


def _lists() -> None:
    op.create_table(
        "source_lists",
        *_text("county_id"),
        *_uuid("list_id"),
        *_text("department_id", "title"),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "list_id", name="pk_source_lists"),
        sa.UniqueConstraint("county_id", "department_id", "title", "received_on"),
    )
    op.create_table(
        "source_origins",
        *_text("county_id"),
        *_uuid("source_id", "list_id"),
        *_text("department_id"),
        *_uuid("grid_id"),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("said", JSONB, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "source_id", "list_id", name="pk_source_origins"),
        sa.ForeignKeyConstraint(SOURCE, ["sources.county_id", "sources.source_id"]),
        sa.ForeignKeyConstraint(
            ["county_id", "list_id"], ["source_lists.county_id", "source_lists.list_id"]
        ),
    )
    op.create_index(None, "source_origins", ["county_id", "list_id", "grid_id", "source_id"])
    op.create_index(None, "source_origins", ["county_id", "department_id", "grid_id", "source_id"])


def _histories() -> None:
    for table, columns in (
        ("source_looks", _text("result", "note")),
        (
            "source_gradings",
            [
                *_text("grade"),
                sa.Column("key_object", sa.Boolean, nullable=False),
                *_text("reason"),
            ],
        ),
    ):
        op.create_table(
            table,
            *_text("county_id"),
            *_uuid("source_id"),
            sa.Column("number", sa.Integer, nullable=False),
            *columns,
            sa.Column("actor_id", sa.Uuid),
            sa.Column("at", MOMENT, nullable=False),
            sa.PrimaryKeyConstraint("county_id", "source_id", "number", name=f"pk_{table}"),
            sa.ForeignKeyConstraint(SOURCE, ["sources.county_id", "sources.source_id"]),
        )


def _files() -> None:
    op.create_table(
        "source_file_entries",
        *_text("county_id"),
        *_uuid("entry_id", "source_id"),
        *_text("part", "title", "reference"),
        sa.Column("dated_on", sa.Date),
        *_text("detail"),
        sa.Column("treated", sa.Boolean),
        *_text("pollutant"),
        sa.Column("amount", sa.Float),
        *_text("unit"),
        *_written(),
        sa.PrimaryKeyConstraint("county_id", "entry_id", name="pk_source_file_entries"),
        sa.ForeignKeyConstraint(SOURCE, ["sources.county_id", "sources.source_id"]),
    )
    op.create_index(None, "source_file_entries", ["county_id", "source_id", "part"])
    op.create_table(
        "source_events",
        *_text("county_id"),
        *_uuid("source_id", "event_id"),
        *_text("key"),
        *_uuid("about_id"),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "source_id", "event_id", name="pk_source_events"),
        sa.ForeignKeyConstraint(SOURCE, ["sources.county_id", "sources.source_id"]),
    )
    op.create_index(None, "source_events", ["county_id", "at", "event_id", "source_id"])
    op.create_index(None, "source_events", ["county_id", "source_id", "at", "event_id"])


def _objects() -> None:
    op.create_table(
        "ledger_objects",
        *_text("county_id"),
        *_uuid("object_id"),
        *_text("kind"),
        *_uuid("grid_id"),
        *_text("name", "type", "state", "place"),
        *_degrees(),
        sa.Column("details", JSONB, nullable=False),
        *_written(),
        sa.PrimaryKeyConstraint("county_id", "object_id", name="pk_ledger_objects"),
        sa.ForeignKeyConstraint(GRID, ["grids.county_id", "grids.grid_id"]),
    )
    op.create_index(None, "ledger_objects", ["county_id", "grid_id", "object_id"])
    op.create_index(None, "ledger_objects", ["county_id", "kind", "object_id"])
    op.create_table(
        "source_links",
        *_text("county_id"),
        *_uuid("source_id", "object_id"),
        sa.PrimaryKeyConstraint("county_id", "source_id", "object_id", name="pk_source_links"),
        sa.ForeignKeyConstraint(SOURCE, ["sources.county_id", "sources.source_id"]),
        sa.ForeignKeyConstraint(
            ["county_id", "object_id"], ["ledger_objects.county_id", "ledger_objects.object_id"]
        ),
    )
    op.create_index(None, "source_links", ["county_id", "object_id", "source_id"])
