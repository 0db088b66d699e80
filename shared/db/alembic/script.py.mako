"""${message}

A migration must work while the release before it still runs: add columns as nullable or with a
default, fill them, and drop the old in a later release.
"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """${message}."""
    ${upgrades if upgrades else "raise NotImplementedError"}
