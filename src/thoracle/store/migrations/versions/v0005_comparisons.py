"""Add comparisons of CT scans, and which scans each one compares."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "comparisons",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("patient", sa.String(64)),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_comparisons"),
    )
    op.create_index("ix_comparisons_patient", "comparisons", ["patient"])
    op.create_table(
        "compared",
        sa.Column("comparison_id", sa.String(36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("scan_id", sa.String(36), nullable=False),
        sa.Column("mask_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("comparison_id", "place", name="pk_compared"),
    )
    op.create_index("ix_compared_scan_id", "compared", ["scan_id"])


def downgrade() -> None:
    """Drop what `upgrade` added."""
    for name in ("compared", "comparisons"):
        op.drop_table(name)
