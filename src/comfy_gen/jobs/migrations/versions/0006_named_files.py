"""The files that people keep by names of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The types as they are in this migration, whatever `columns` says later.
key = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
real: sa.Double[float] = sa.Double()


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "named_files",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("place", key, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("size", number, nullable=False),
        sa.Column("created", real, nullable=False),
        sa.Column("updated", real, nullable=False),
        sa.PrimaryKeyConstraint("owner", "place", "path"),
    )
