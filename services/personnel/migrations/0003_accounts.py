"""Personal data sealed; accounts without a password yet; identities elsewhere; the audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import rls

revision = "personnel_0003"
down_revision = "personnel_0002"

MOMENT = sa.DateTime(timezone=True)
TABLES = ("one_time_codes", "identities", "used_id_tokens", "audit_entries")
SEALED = ("phone_sealed", "identity_number_sealed")


def upgrade() -> None:
    """Add the tables and columns. What the audit holds is neither changed nor removed."""
    _seal_people()
    _extend_accounts()
    _create_audit()
    for table in TABLES:
        rls.enable(op, table)
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries FROM wangge_personnel")


def _seal_people() -> None:
    _refuse_open_phones()
    op.drop_column("people", "phone")
    for column in ("phone", "identity_number"):
        op.add_column("people", sa.Column(f"{column}_sealed", sa.LargeBinary))
        op.add_column("people", sa.Column(f"{column}_index", sa.LargeBinary))
    op.add_column("people", sa.Column("employer", sa.Text))
    op.add_column("people", sa.Column("force_source", sa.Text))
    op.create_unique_constraint(
        "uq_people_county_id_identity_number_index",
        "people",
        ["county_id", "identity_number_index"],
    )
    op.create_index("ix_people_county_id_phone_index", "people", ["county_id", "phone_index"])
    # A change of keys goes through all counties; it sees nothing of a person but what is sealed.
    columns = ", ".join(SEALED)
    rls.open_to_worker(
        op,
        "people",
        "personnel",
        f"SELECT (county_id, person_id, {columns}), UPDATE ({columns})",
    )


def _refuse_open_phones() -> None:
    """Fail where a phone is kept unsealed: migrations have no keys, and nothing must be lost."""
    op.execute("ALTER TABLE people NO FORCE ROW LEVEL SECURITY")  # or the owner would see no row
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM people WHERE phone IS NOT NULL) THEN
                RAISE EXCEPTION 'people.phone must be empty before it is replaced by sealed data';
            END IF;
        END $$
        """
    )
    op.execute("ALTER TABLE people FORCE ROW LEVEL SECURITY")


def _extend_accounts() -> None:
    op.alter_column("accounts", "password_hash", nullable=True)
    op.add_column(
        "accounts", sa.Column("must_change", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("accounts", sa.Column("disabled_at", MOMENT))
    op.create_table(
        "one_time_codes",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "account_id", name="pk_one_time_codes"),
        _of_account("one_time_codes"),
    )
    op.create_table(
        "identities",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "issuer", "subject", name="pk_identities"),
        sa.UniqueConstraint(
            "county_id", "account_id", "issuer", name="uq_identities_county_id_account_id_issuer"
        ),
        _of_account("identities"),
    )
    op.create_table(
        "used_id_tokens",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "token_hash", name="pk_used_id_tokens"),
    )
    op.create_index(
        "ix_used_id_tokens_county_id_expires_at", "used_id_tokens", ["county_id", "expires_at"]
    )


def _create_audit() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Uuid),
        sa.Column("actor_roles", JSONB, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("details", JSONB, nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "entry_id", name="pk_audit_entries"),
    )
    for column in ("person_id", "actor_id"):
        op.create_index(
            f"ix_audit_entries_county_id_{column}_entry_id",
            "audit_entries",
            ["county_id", column, "entry_id"],
        )


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county_id", "account_id"],
        ["accounts.county_id", "accounts.account_id"],
        name=f"fk_{table}_county_id_account_id",
    )
