"""Records about people and bodies: responsibility letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import rls

revision = "personnel_0004_records"
down_revision = "personnel_0001"

MOMENT = sa.DateTime(timezone=True)
TABLES = ("pledge_rounds", "pledge_letters", "pledge_signatures")
APPEND_ONLY = ("pledge_letters", "pledge_signatures")


def upgrade() -> None:
    """Create the tables. What is on record is never removed, and what was signed never changed."""
    _create_pledges()
    for table in TABLES:
        rls.enable(op, table)
        op.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM wangge_personnel")
    for table in APPEND_ONLY:
        op.execute(f"REVOKE UPDATE ON {table} FROM wangge_personnel")


def _create_pledges() -> None:
    op.create_table(
        "pledge_rounds",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("goals", JSONB, nullable=False),
        sa.Column("rewards", sa.Text, nullable=False),
        sa.Column("penalties", sa.Text, nullable=False),
        sa.Column("grid_id", sa.Uuid),
        sa.Column("signings", JSONB, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "round_id", name="pk_pledge_rounds"),
    )
    op.create_index("ix_pledge_rounds_county_id_year", "pledge_rounds", ["county_id", "year"])
    op.create_table(
        "pledge_letters",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("letter_id", sa.Uuid, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("upper_grid_id", sa.Uuid),
        sa.Column("text", JSONB, nullable=False),
        sa.Column("text_hash", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("issued_by", sa.Uuid),
        sa.PrimaryKeyConstraint("county_id", "letter_id", name="pk_pledge_letters"),
        sa.UniqueConstraint(
            "county_id",
            "round_id",
            "grid_id",
            "number",
            name="uq_pledge_letters_county_id_round_id_grid_id_number",
        ),
        _reference("pledge_letters", "round_id", "pledge_rounds"),
    )
    op.create_table(
        "pledge_signatures",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("letter_id", sa.Uuid, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("post_id", sa.Uuid, nullable=False),
        sa.Column("text_hash", sa.Text, nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "letter_id", "side", name="pk_pledge_signatures"),
        _reference("pledge_signatures", "letter_id", "pledge_letters"),
        _reference("pledge_signatures", "person_id", "people"),
        _reference("pledge_signatures", "post_id", "posts"),
    )


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """A column that holds the other table's id of the same county."""
    return sa.ForeignKeyConstraint(
        ["county_id", column],
        [f"{other}.county_id", f"{other}.{column}"],
        name=f"fk_{table}_county_id_{column}",
    )
