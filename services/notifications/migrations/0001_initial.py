"""Notices, and local copies of posts and contacts."""

import sqlalchemy as sa
from alembic import op

from shared.db import platform, rls
from shared.structure import tables as structure

revision = "notifications_0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    platform.create(op, "notifications")
    structure.create(op)
    _holders()
    _contacts()
    _notices()
    for table in ("holders", "contacts", "notices"):
        rls.enable(op, table)


def _holders() -> None:
    op.create_table(
        "holders",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("post_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("role_kind", sa.Text, nullable=False),
        sa.Column("grid_id", sa.Uuid),
        sa.Column("department_id", sa.Text),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("county_id", "post_id", name="pk_holders"),
    )
    op.create_index("ix_holders_county_id_grid_id", "holders", ["county_id", "grid_id"])
    op.create_index("ix_holders_county_id_department_id", "holders", ["county_id", "department_id"])


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("email", sa.Text),
        sa.PrimaryKeyConstraint("county_id", "person_id", name="pk_contacts"),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("notice_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("about_type", sa.Text, nullable=False),
        sa.Column("about_id", sa.Uuid, nullable=False),
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirm_due_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "notice_id", name="pk_notices"),
        sa.UniqueConstraint(
            "county_id",
            "event_id",
            "rule_id",
            "person_id",
            name="uq_notices_county_id_event_id_rule_id_person_id",
        ),
    )
    op.create_index(
        "ix_notices_county_id_person_id_notice_id",
        "notices",
        ["county_id", "person_id", "notice_id"],
    )
