"""What a post is about, leave with its stand-ins, and vacancies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import rls

revision = "personnel_0002"
down_revision = "personnel_0001"

MOMENT = sa.DateTime(timezone=True)
TABLES = ("leaves", "stand_ins", "vacancies", "staffing_due")
KEPT = ("leaves", "stand_ins", "vacancies")


def upgrade() -> None:
    """Create the tables. Who was away, who stood in and what was vacant stays on record."""
    _describe_posts()
    _create_leaves()
    _create_vacancies()
    for table in TABLES:
        rls.enable(op, table)
    for table in KEPT:
        op.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM wangge_personnel")
    rls.open_to_worker(op, "vacancies", "personnel", "SELECT")
    rls.open_to_worker(op, "staffing_due", "personnel", "SELECT")


def _describe_posts() -> None:
    for column in (
        sa.Column("area", sa.Text, nullable=False, server_default=""),
        sa.Column("duties", JSONB, nullable=False, server_default="[]"),
        sa.Column("skills", JSONB, nullable=False, server_default="[]"),
        sa.Column("attachment", sa.Text, nullable=False, server_default="own"),
    ):
        op.add_column("posts", column)


def _create_leaves() -> None:
    op.create_table(
        "leaves",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("leave_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "leave_id", name="pk_leaves"),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["people.county_id", "people.person_id"],
            name="fk_leaves_county_id_person_id",
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_leaves_interval")),
    )
    op.create_index(
        "ix_leaves_county_id_person_id_valid_to", "leaves", ["county_id", "person_id", "valid_to"]
    )
    op.create_index("ix_leaves_county_id_valid_to", "leaves", ["county_id", "valid_to"])
    op.create_table(
        "stand_ins",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("leave_id", sa.Uuid, nullable=False),
        sa.Column("post_id", sa.Uuid, nullable=False),
        sa.Column("stand_in_id", sa.Uuid),
        sa.PrimaryKeyConstraint("county_id", "leave_id", "post_id", name="pk_stand_ins"),
        *(
            sa.ForeignKeyConstraint(
                ["county_id", column],
                [f"{table}.county_id", f"{table}.{key}"],
                name=f"fk_stand_ins_county_id_{column}",
            )
            for column, table, key in (
                ("leave_id", "leaves", "leave_id"),
                ("post_id", "posts", "post_id"),
                ("stand_in_id", "people", "person_id"),
            )
        ),
    )
    for column in ("post_id", "stand_in_id"):
        op.create_index(f"ix_stand_ins_county_id_{column}", "stand_ins", ["county_id", column])


def _create_vacancies() -> None:
    op.create_table(
        "vacancies",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("role_type", sa.Text, nullable=False),
        sa.Column("role_kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("grid_id", sa.Uuid),
        sa.Column("department_id", sa.Text),
        sa.Column("required", sa.Integer, nullable=False),
        sa.Column("holders", sa.Integer, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "vacancy_id", name="pk_vacancies"),
        sa.CheckConstraint(
            "grid_id IS NULL OR department_id IS NULL", name=op.f("ck_vacancies_one_place")
        ),
        sa.CheckConstraint("until >= since", name=op.f("ck_vacancies_interval")),
    )
    # Of a role at a place one vacancy is open at most; the county itself is a place like any other.
    op.create_index(
        "uq_vacancies_open",
        "vacancies",
        ["county_id", "role_type", "grid_id", "department_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_vacancies_county_id_grid_id", "vacancies", ["county_id", "grid_id"])
    op.create_table(
        "staffing_due",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("due_id", sa.Uuid, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("role_type", sa.Text),
        sa.Column("grid_id", sa.Uuid),
        sa.Column("department_id", sa.Text),
        sa.Column("again", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "due_id", name="pk_staffing_due"),
    )
    op.create_index("ix_staffing_due_county_id_due_at", "staffing_due", ["county_id", "due_at"])
