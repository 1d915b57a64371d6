"""What the HTTP service needs: who may ask, saved workflows, where copies of artifacts are, webhooks of progress."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The types as they are in this migration, whatever `columns` says later.
key = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
real: sa.Double[float] = sa.Double()


def upgrade() -> None:
    """Make the new tables, and add to the old ones."""
    op.create_table(
        "api_keys",
        sa.Column("key_id", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("digest", key, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("max_waiting", sa.Integer(), nullable=True),
        sa.Column("created", real, nullable=False),
        sa.Column("revoked", real, nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "workflows",
        sa.Column("name", key, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("created", real, nullable=False),
        sa.Column("updated", real, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("artifacts", sa.Column("url", sa.Text(), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("event", key, nullable=False, server_default="end"))
    op.create_index("ix_outbox_created", "outbox", ["created"])
    op.create_index("ix_jobs_ended", "jobs", ["ended"])
