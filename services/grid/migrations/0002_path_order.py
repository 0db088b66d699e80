"""Grids in the order of their paths, and documents as they were written."""

import sqlalchemy as sa
from alembic import op

revision = "grid_0002"
down_revision = "grid_0001"

TRAIL = (
    r"regexp_replace(regexp_replace(path, '(\d+)\.'::text, '000000\1.'::text, 'g'::text), "
    r"'0*(\d{7})\.'::text, '\1.'::text, 'g'::text)"
)


def upgrade() -> None:
    """Add the path in digits, which serves order and subtrees.

    Documents become JSON as text: JSONB keeps no order of keys.
    """
    op.add_column(
        "grids",
        sa.Column(
            "trail", sa.Text(collation="C"), sa.Computed(TRAIL, persisted=True), nullable=False
        ),
    )
    op.create_index("ix_grids_county_id_trail", "grids", ["county_id", "trail"], unique=True)
    op.drop_index("ix_grids_county_id_path", "grids")
    op.alter_column("scheme_versions", "document", type_=sa.JSON)
