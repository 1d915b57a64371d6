"""What was found of pictures: the takes of a job, and the scores of generations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The types as they are in this migration, whatever `columns` says later.
key = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
real: sa.Double[float] = sa.Double()


def upgrade() -> None:
    """Make the new table, and add to the old ones."""
    op.add_column("jobs", sa.Column("quality", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("take", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("artifacts", sa.Column("take", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("generations", sa.Column("passed", sa.Boolean(), nullable=True))
    op.add_column("generations", sa.Column("score", real, nullable=True))
    has_score = sa.column("score").is_not(None)
    op.create_index(
        "generations_score",
        "generations",
        ["score", "job_id"],
        sqlite_where=has_score,
        postgresql_where=has_score,
    )
    op.create_table(
        "takes",
        sa.Column("job_id", key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("at", real, nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("score", real, nullable=True),
        sa.Column("flaws", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("lacks", sa.Text(), nullable=False),
        sa.Column("verdicts", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "number"),
    )
    op.create_index("ix_takes_at", "takes", ["at"])
