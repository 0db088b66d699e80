"""Grids by path order, documents as written, and each county's own entry in the directory."""

import sqlalchemy as sa
from alembic import op

from shared.db import rls

revision = "grid_0002"
down_revision = "grid_0001"

TRAIL = (
    r"regexp_replace(regexp_replace(path, '(\d+)\.'::text, '000000\1.'::text, 'g'::text), "
    r"'0*(\d{7})\.'::text, '\1.'::text, 'g'::text)"
)


def upgrade() -> None:
    """Add the path in digits, which serves order and subtrees, and the directory's policy.

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
    own_entry = f"county_id = 'city' AND listed_id = {rls.COUNTY}"
    op.execute(
        "CREATE POLICY county_directory_own_entry ON county_directory "
        f"USING ({own_entry}) WITH CHECK ({own_entry})"
    )
