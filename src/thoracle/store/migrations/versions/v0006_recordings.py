"""Add breathing recordings."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("patient", sa.String(64)),
        sa.Column("sensor", sa.String(16), nullable=False),
        sa.Column("rate_hz", sa.Float(), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=False),
        sa.Column("breaths_per_minute", sa.Float()),
        sa.Column("apneas", sa.Integer(), nullable=False),
        sa.Column("pattern", sa.String(32)),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
    )
    op.create_index("ix_recordings_patient", "recordings", ["patient"])


def downgrade() -> None:
    """Drop what `upgrade` added."""
    op.drop_table("recordings")
