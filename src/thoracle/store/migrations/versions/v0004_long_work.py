"""Add long jobs, CT scans and the versions of their masks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("input", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime()),
        sa.Column("finished_at", sa.DateTime()),
        sa.Column("heartbeat_at", sa.DateTime()),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(128)),
        sa.Column("lease_token", sa.String(32)),
        sa.Column("lease_ends_at", sa.DateTime()),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("error_code", sa.String(64)),
        sa.Column("error_text", sa.Text()),
        sa.Column("result_id", sa.String(36)),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_table(
        "scans",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("patient", sa.String(64)),
        sa.Column("study_date", sa.String(8)),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scans"),
    )
    op.create_index("ix_scans_patient", "scans", ["patient"])
    op.create_table(
        "masks",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("scan_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("reader", sa.String(64)),
        sa.Column("minutes", sa.Float()),
        sa.Column("parent_id", sa.String(36)),
        sa.Column("measures", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_masks"),
    )
    op.create_index("ix_masks_scan_id", "masks", ["scan_id"])


def downgrade() -> None:
    """Drop what `upgrade` added."""
    for name in ("masks", "scans", "jobs"):
        op.drop_table(name)
