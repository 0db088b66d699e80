"""The disclosure register, publications and withdrawals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import platform, rls
from shared.structure import tables as structure

revision = "disclosure_0001"
down_revision = None


def upgrade() -> None:
    """Create the tables; what was published can be added to and read, never changed or removed."""
    platform.create(op, "disclosure")
    structure.create(op)
    _register_items()
    _publications()
    _withdrawals()
    for table in ("register_items", "publications", "withdrawals"):
        rls.enable(op, table)
    for table in ("publications", "withdrawals"):
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM wangge_disclosure")


def _register_items() -> None:
    op.create_table(
        "register_items",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about_type", sa.Text, nullable=False),
        sa.Column("about_id", sa.Uuid, nullable=False),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.Column("grid_path", sa.Text(collation="C"), nullable=False),
        sa.Column("grid_name", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("arose_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("title", sa.Text),
        sa.Column("body", sa.Text),
        sa.Column("redactions", JSONB),
        sa.Column("submitted_by", sa.Uuid),
        sa.Column("approved_by", sa.Uuid),
        sa.Column("publication_id", sa.Uuid),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "item_id", name="pk_register_items"),
        sa.UniqueConstraint(
            "county_id", "kind", "about_id", name="uq_register_items_county_id_kind_about_id"
        ),
        sa.CheckConstraint("approved_by <> submitted_by", name="ck_register_items_four_eyes"),
    )
    op.create_index(
        "ix_register_items_county_id_due_at_item_id",
        "register_items",
        ["county_id", "due_at", "item_id"],
    )
    op.create_index(
        "ix_register_items_county_id_about_id", "register_items", ["county_id", "about_id"]
    )


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("publication_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("grid_name", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("category_name", sa.Text, nullable=False),
        sa.Column("publisher", sa.Text, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "publication_id", name="pk_publications"),
        sa.UniqueConstraint(
            "county_id", "item_id", "version", name="uq_publications_county_id_item_id_version"
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "item_id"],
            ["register_items.county_id", "register_items.item_id"],
            name="fk_publications_county_id_item_id",
        ),
    )
    op.create_index(
        "ix_publications_county_id_published_at_publication_id",
        "publications",
        ["county_id", "published_at", "publication_id"],
    )


def _withdrawals() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("county_id", sa.Text, nullable=False),
        sa.Column("publication_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("county_id", "publication_id", name="pk_withdrawals"),
        sa.ForeignKeyConstraint(
            ["county_id", "publication_id"],
            ["publications.county_id", "publications.publication_id"],
            name="fk_withdrawals_county_id_publication_id",
        ),
    )
