"""People, accounts, sessions and posts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import platform, rls
from shared.structure import tables as structure

revision = "personnel_0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
TABLES = ("people", "accounts", "sign_in_failures", "sessions", "refresh_tokens", "posts")
KEPT = ("people", "accounts", "posts")


def upgrade() -> None:
    """Create the tables. Who held a post stays on record: people and posts are never removed."""
    platform.create(op, "personnel")
    structure.create(op)
    _create_people()
    _create_sessions()
    _create_posts()
    for table in TABLES:
        rls.enable(op, table)
    for table in KEPT:
        op.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM wangge_personnel")


def _create_people() -> None:
    op.create_table(
        "people",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "person_id", name="pk_people"),
    )
    op.create_table(
        "accounts",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("username_key", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("roles", JSONB, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "account_id", name="pk_accounts"),
        sa.UniqueConstraint("county_id", "username_key", name="uq_accounts_county_id_username_key"),
        sa.UniqueConstraint("county_id", "person_id", name="uq_accounts_county_id_person_id"),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["people.county_id", "people.person_id"],
            name="fk_accounts_county_id_person_id",
        ),
    )


def _create_sessions() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("username_key", sa.Text, nullable=False),
        sa.Column("failed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(
            "county_id", "username_key", "failed_at", name="pk_sign_in_failures"
        ),
    )
    op.create_index(
        "ix_sign_in_failures_county_id_failed_at", "sign_in_failures", ["county_id", "failed_at"]
    )
    op.create_table(
        "sessions",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("county_id", "session_id", name="pk_sessions"),
        sa.ForeignKeyConstraint(
            ["county_id", "account_id"],
            ["accounts.county_id", "accounts.account_id"],
            name="fk_sessions_county_id_account_id",
        ),
    )
    op.create_index("ix_sessions_county_id_account_id", "sessions", ["county_id", "account_id"])
    op.create_table(
        "refresh_tokens",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("spent_at", MOMENT),
        sa.PrimaryKeyConstraint("county_id", "token_hash", name="pk_refresh_tokens"),
        sa.ForeignKeyConstraint(
            ["county_id", "session_id"],
            ["sessions.county_id", "sessions.session_id"],
            name="fk_refresh_tokens_county_id_session_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_refresh_tokens_county_id_session_id", "refresh_tokens", ["county_id", "session_id"]
    )


def _create_posts() -> None:
    op.create_table(
        "posts",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("post_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("role_type", sa.Text, nullable=False),
        sa.Column("role_kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("capabilities", JSONB, nullable=False),
        sa.Column("grid_id", sa.Uuid),
        sa.Column("department_id", sa.Text),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "post_id", name="pk_posts"),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["people.county_id", "people.person_id"],
            name="fk_posts_county_id_person_id",
        ),
        sa.CheckConstraint(
            "grid_id IS NULL OR department_id IS NULL", name=op.f("ck_posts_one_place")
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_posts_interval")),
    )
    for column in ("person_id", "grid_id", "department_id"):
        op.create_index(f"ix_posts_county_id_{column}", "posts", ["county_id", column])
