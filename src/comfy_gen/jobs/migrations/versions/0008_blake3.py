"""Another hash of what jobs made, by which others' APIs know contents; empty for what is there already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to the artifacts."""
    key = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
    op.add_column("artifacts", sa.Column("blake3", key, nullable=False, server_default=""))
