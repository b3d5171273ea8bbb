"""Create the table of results."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create `results`."""
    op.create_table(
        "results",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("gate_kind", sa.String(32)),
        sa.Column("top_label", sa.Text()),
        sa.Column("format", sa.String(16)),
        sa.Column("parent_id", sa.String(36)),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_results"),
    )
    op.create_index("ix_results_sha256", "results", ["sha256"])


def downgrade() -> None:
    """Drop `results`."""
    op.drop_index("ix_results_sha256", table_name="results")
    op.drop_table("results")
