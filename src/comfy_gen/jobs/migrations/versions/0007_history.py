"""What engines said of prompts, for whoever asks in a ComfyUI's words; and whether such a history is to show a job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to the jobs."""
    op.add_column("jobs", sa.Column("history", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("is_forgotten", sa.Boolean(), nullable=False, server_default=sa.false()))
