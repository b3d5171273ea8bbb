"""Add patients' charts and their versions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "charts",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("measurements", sa.Integer(), nullable=False),
        sa.Column("last_h", sa.Float()),
        sa.Column("risk", sa.Float()),
        sa.Column("admitted_at", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("patient", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_charts"),
    )
    op.create_index("ix_charts_patient", "charts", ["patient"])
    op.create_table(
        "chart_versions",
        sa.Column("chart_id", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("sender", sa.String(64)),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("measurements", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("reading", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("chart_id", "version", name="pk_chart_versions"),
    )


def downgrade() -> None:
    """Drop what `upgrade` added."""
    for name in ("chart_versions", "charts"):
        op.drop_table(name)
