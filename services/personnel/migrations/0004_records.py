"""Records about people and bodies: letters, groups, certificates, trainings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import rls

revision = "personnel_0004"
down_revision = "personnel_0003"

MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "pledge_rounds",
    "pledge_letters",
    "pledge_signatures",
    "groups",
    "group_members",
    "group_grids",
    "certificates",
    "certificate_steps",
    "training_kinds",
    "trainings",
    "training_attendance",
)
APPEND_ONLY = ("pledge_letters", "pledge_signatures", "certificate_steps")


def upgrade() -> None:
    """Create the tables. What is on record is never removed, and what was signed never changed."""
    _create_pledges()
    _create_groups()
    _create_certificates()
    _create_trainings()
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


def _create_groups() -> None:
    op.create_table(
        "groups",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("chair_rule", sa.Text, nullable=False),
        sa.Column("chairs", sa.Integer),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("quota", sa.Integer),
        sa.Column("funding", sa.Text, nullable=False),
        sa.Column("duties", JSONB, nullable=False),
        sa.Column("qualities", JSONB, nullable=False),
        sa.Column("training_kind", sa.Text, nullable=False),
        sa.Column("grid_id", sa.Uuid),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "group_id", name="pk_groups"),
        _reference("groups", "parent_id", "groups", "group_id"),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_groups_interval")),
    )
    op.create_table(
        "group_members",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("seat", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("department_id", sa.Text),
        sa.Column("body", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "member_id", name="pk_group_members"),
        _reference("group_members", "group_id", "groups"),
        _reference("group_members", "person_id", "people"),
        sa.CheckConstraint(
            "num_nonnulls(person_id, department_id, body) = 1",
            name=op.f("ck_group_members_one_member"),
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_group_members_interval")),
    )
    op.create_table(
        "group_grids",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT),
        sa.PrimaryKeyConstraint(
            "county_id", "group_id", "grid_id", "valid_from", name="pk_group_grids"
        ),
        _reference("group_grids", "group_id", "groups"),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_group_grids_interval")),
    )
    for table, columns in (
        ("groups", ("grid_id", "parent_id")),
        ("group_members", ("group_id", "person_id", "department_id")),
        ("group_grids", ("grid_id",)),
    ):
        for column in columns:
            op.create_index(f"ix_{table}_county_id_{column}", table, ["county_id", column])


def _create_certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("certificate_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "certificate_id", name="pk_certificates"),
        sa.UniqueConstraint("county_id", "number", name="uq_certificates_county_id_number"),
        _reference("certificates", "person_id", "people"),
    )
    for column in ("person_id", "valid_until"):
        op.create_index(
            f"ix_certificates_county_id_{column}", "certificates", ["county_id", column]
        )
    op.create_table(
        "certificate_steps",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("certificate_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Uuid),
        sa.PrimaryKeyConstraint(
            "county_id", "certificate_id", "number", name="pk_certificate_steps"
        ),
        _reference("certificate_steps", "certificate_id", "certificates"),
    )


def _create_trainings() -> None:
    op.create_table(
        "training_kinds",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("validity_months", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "kind", name="pk_training_kinds"),
    )
    op.create_table(
        "trainings",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("training_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("hours", sa.Float, nullable=False),
        sa.Column("trainer", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("role_types", JSONB, nullable=False),
        sa.Column("grid_id", sa.Uuid),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "training_id", name="pk_trainings"),
        _reference("trainings", "kind", "training_kinds"),
    )
    op.create_index(
        "ix_trainings_county_id_kind_held_on", "trainings", ["county_id", "kind", "held_on"]
    )
    op.create_index("ix_trainings_county_id_grid_id", "trainings", ["county_id", "grid_id"])
    op.create_table(
        "training_attendance",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("training_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("attended", sa.Boolean, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("file_reference", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "county_id", "training_id", "person_id", name="pk_training_attendance"
        ),
        _reference("training_attendance", "training_id", "trainings"),
        _reference("training_attendance", "person_id", "people"),
    )
    op.create_index(
        "ix_training_attendance_county_id_person_id",
        "training_attendance",
        ["county_id", "person_id"],
    )


def _reference(
    table: str, column: str, other: str, key: str | None = None
) -> sa.ForeignKeyConstraint:
    """A column that holds the other table's id (``key``, of the same name) of the same county."""
    return sa.ForeignKeyConstraint(
        ["county_id", column],
        [f"{other}.county_id", f"{other}.{key or column}"],
        name=f"fk_{table}_county_id_{column}",
    )
