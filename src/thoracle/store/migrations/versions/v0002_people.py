"""Add who asked, how urgent and how far a result is; readings, users, sessions and requests."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ADDED = (
    ("owner", sa.String(64)),
    ("batch_id", sa.String(36)),
    ("patient", sa.String(64)),
    ("risk", sa.Float()),
    ("distance", sa.Float()),
    ("override_reason", sa.Text()),
)


def upgrade() -> None:
    """Add the columns and the four tables."""
    for name, kind in _ADDED:
        op.add_column("results", sa.Column(name, kind))
    op.create_index("ix_results_batch_id", "results", ["batch_id"])
    op.create_index("ix_results_patient", "results", ["patient"])
    op.create_table(
        "readings",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("result_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("agrees", sa.Boolean()),
        sa.Column("finding", sa.Text()),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
    )
    op.create_index("ix_readings_result_id", "readings", ["result_id"])
    op.create_table(
        "users",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_name", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_table(
        "requests",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("result_ids", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_requests"),
    )


def downgrade() -> None:
    """Drop what `upgrade` added."""
    for name in ("requests", "sessions", "users", "readings"):
        op.drop_table(name)
    op.drop_index("ix_results_patient", table_name="results")
    op.drop_index("ix_results_batch_id", table_name="results")
    for name, _ in reversed(_ADDED):
        op.drop_column("results", name)
