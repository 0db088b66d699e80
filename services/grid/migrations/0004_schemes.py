"""Drafts of schemes, the city's shelf, states of counties, and written rules."""

import sqlalchemy as sa
from alembic import op

from shared.db import rls

revision = "grid_0004"
down_revision = "grid_0003"

APPEND_ONLY = ("scheme_shelf", "county_states", "rule_documents", "rule_versions", "rule_filings")

# The owner too sees one county's rows alone: for this one copy it looks at all of them.
FILL_SHELF = (
    "ALTER TABLE scheme_versions NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE counties NO FORCE ROW LEVEL SECURITY",
    (
        "INSERT INTO scheme_shelf (county_id, listed_id, version, county_name, admin_code, "
        "effective_on, document, published_at) SELECT 'city', s.county_id, s.version, c.name, "
        "c.admin_code, s.effective_on, s.document, s.published_at "
        "FROM scheme_versions s JOIN counties c USING (county_id)"
    ),
    "ALTER TABLE scheme_versions FORCE ROW LEVEL SECURITY",
    "ALTER TABLE counties FORCE ROW LEVEL SECURITY",
)


def upgrade() -> None:
    """Create the tables, and put what was published before on the shelf."""
    _drafts()
    _shelf()
    _states()
    _rules()
    for table in ("scheme_drafts", *APPEND_ONLY):
        rls.enable(op, table)
    for table in APPEND_ONLY:
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM wangge_grid")


def _county() -> sa.Column[str]:
    return sa.Column("county_id", sa.Text, nullable=False)


def _drafts() -> None:
    op.create_table(
        "scheme_drafts",
        _county(),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("based_on", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON),
        sa.Column("saved_by", sa.Uuid),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", name="pk_scheme_drafts"),
    )


def _shelf() -> None:
    op.create_table(
        "scheme_shelf",
        _county(),
        sa.Column("listed_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("county_name", sa.Text, nullable=False),
        sa.Column("admin_code", sa.Text, nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "listed_id", "version", name="pk_scheme_shelf"),
    )
    for statement in FILL_SHELF:
        op.execute(statement)


def _states() -> None:
    op.create_table(
        "county_states",
        _county(),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("changed_by", sa.Uuid),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "version", name="pk_county_states"),
    )


def _rules() -> None:
    op.create_table(
        "rule_documents",
        _county(),
        sa.Column("rule_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("level_id", sa.Text),
        sa.Column("grid_id", sa.Uuid),
        sa.PrimaryKeyConstraint("county_id", "rule_id", name="pk_rule_documents"),
    )
    op.create_index(
        "ix_rule_documents_county_id_grid_id_kind",
        "rule_documents",
        ["county_id", "grid_id", "kind"],
    )
    op.create_index(
        "uq_rule_documents_county_id_grid_id_plan",
        "rule_documents",
        ["county_id", "grid_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'grid_plan'::text"),
    )
    op.create_table(
        "rule_versions",
        _county(),
        sa.Column("rule_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("trial", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("added_by", sa.Uuid),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "rule_id", "version", name="pk_rule_versions"),
        sa.ForeignKeyConstraint(
            ["county_id", "rule_id"],
            ["rule_documents.county_id", "rule_documents.rule_id"],
            name="fk_rule_versions_county_id_rule_id",
        ),
    )
    op.create_table(
        "rule_filings",
        _county(),
        sa.Column("rule_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("filed_by", sa.Uuid),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "rule_id", "version", name="pk_rule_filings"),
        sa.ForeignKeyConstraint(
            ["county_id", "rule_id", "version"],
            ["rule_versions.county_id", "rule_versions.rule_id", "rule_versions.version"],
            name="fk_rule_filings_county_id_rule_id_version",
        ),
    )
