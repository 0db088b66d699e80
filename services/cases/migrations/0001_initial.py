"""Cases with their clocks, offers and history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import platform, rls
from shared.structure import tables as structure

revision = "cases_0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "cases",
    "case_clocks",
    "case_clock_segments",
    "case_transfers",
    "case_history",
    "case_numbers",
)
ADDED_TO_ONLY = ("case_history", "case_clock_segments")


def upgrade() -> None:
    """Create the tables; no row of a case is ever removed, and its history is only added to."""
    platform.create(op, "cases")
    structure.create(op)
    _create_cases()
    _create_clocks()
    _create_transfers()
    _create_history()
    op.create_table(
        "case_numbers",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "day", name="pk_case_numbers"),
    )
    for table in TABLES:
        rls.enable(op, table)
        # The database gives the application role every right on new tables by default.
        op.execute(f"REVOKE DELETE ON {table} FROM wangge_cases")
    for table in ADDED_TO_ONLY:
        op.execute(f"REVOKE UPDATE ON {table} FROM wangge_cases")
    rls.open_to_worker(op, "case_clocks", "cases", "SELECT")


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("source_type", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("reporter_id", sa.Uuid),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("grid_path", sa.Text(collation="C"), nullable=False),
        sa.Column("grid_level_id", sa.Text, nullable=False),
        sa.Column("responsible_grid_id", sa.Uuid, nullable=False),
        sa.Column("responsible_grid_path", sa.Text(collation="C"), nullable=False),
        sa.Column("lead_department_id", sa.Text, nullable=False),
        sa.Column("department_id", sa.Text, nullable=False),
        sa.Column("scheme_version", sa.Integer, nullable=False),
        sa.Column("longitude", sa.Float),
        sa.Column("latitude", sa.Float),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT),
        sa.Column("handled_at", MOMENT),
        sa.Column("handled_by", sa.Uuid),
        sa.Column("verified_at", MOMENT),
        sa.Column("verified_by", sa.Uuid),
        sa.Column("closed_at", MOMENT),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("history_length", sa.Integer, nullable=False),
        sa.Column("history_hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "case_id", name="pk_cases"),
        sa.UniqueConstraint("county_id", "number", name="uq_cases_county_id_number"),
        sa.UniqueConstraint(
            "county_id",
            "source_type",
            "source_id",
            name="uq_cases_county_id_source_type_source_id",
        ),
    )
    newest = [sa.text("opened_at DESC"), sa.text("case_id DESC")]
    op.create_index("ix_cases_county_id_newest", "cases", ["county_id", *newest])
    op.create_index("ix_cases_county_id_state", "cases", ["county_id", "state", *newest])
    op.create_index(
        "ix_cases_county_id_department_id", "cases", ["county_id", "department_id", *newest]
    )
    for column in ("lead_department_id", "grid_id", "responsible_grid_id"):
        op.create_index(f"ix_cases_county_id_{column}", "cases", ["county_id", column])
    for column in ("grid_path", "responsible_grid_path"):
        op.create_index(
            f"ix_cases_county_id_{column}",
            "cases",
            ["county_id", column],
        )


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county_id", "case_id"],
        ["cases.county_id", "cases.case_id"],
        name=f"fk_{table}_county_id_case_id",
    )


def _create_clocks() -> None:
    op.create_table(
        "case_clocks",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("clock_no", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("starts", sa.Text, nullable=False),
        sa.Column("stops", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("stopped_at", MOMENT),
        sa.Column("owner", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "case_id", "clock_no", name="pk_case_clocks"),
        _of_case("case_clocks"),
    )
    op.create_index(
        "ix_case_clocks_county_id_running",
        "case_clocks",
        ["county_id", "due_at"],
        postgresql_where=sa.text("stopped_at IS NULL AND due_at IS NOT NULL"),
    )
    op.create_table(
        "case_clock_segments",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("clock_no", sa.Integer, nullable=False),
        sa.Column("segment_no", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(
            "county_id", "case_id", "clock_no", "segment_no", name="pk_case_clock_segments"
        ),
        _of_case("case_clock_segments"),
    )


def _create_transfers() -> None:
    op.create_table(
        "case_transfers",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("transfer_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("to_department_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("offered_at", MOMENT, nullable=False),
        sa.Column("offered_by", sa.Uuid),
        sa.Column("answered_at", MOMENT),
        sa.Column("answered_by", sa.Uuid),
        sa.Column("decline_reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "transfer_id", name="pk_case_transfers"),
        _of_case("case_transfers"),
    )
    op.create_index(
        "ix_case_transfers_county_id_case_id", "case_transfers", ["county_id", "case_id"]
    )
    op.create_index(
        "ix_case_transfers_county_id_to_department_id_case_id",
        "case_transfers",
        ["county_id", "to_department_id", "case_id"],
    )
    op.create_index(
        "uq_case_transfers_county_id_case_id_open",
        "case_transfers",
        ["county_id", "case_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )


def _create_history() -> None:
    op.create_table(
        "case_history",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Uuid),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("from_state", sa.Text),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("entry_hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "case_id", "sequence", name="pk_case_history"),
        _of_case("case_history"),
    )
