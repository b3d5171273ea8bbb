"""Add what was concluded from a result, so that lists can say it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; results kept before have none."""
    op.add_column("results", sa.Column("verdict", sa.String(16)))


def downgrade() -> None:
    """Drop what `upgrade` added."""
    op.drop_column("results", "verdict")
