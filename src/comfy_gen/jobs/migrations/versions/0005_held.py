"""An index of the jobs that are held: whoever looks at the line, or moves jobs in it, wants those too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    is_held = sa.column("is_held", sa.Boolean()).is_(True)
    op.create_index("jobs_held", "jobs", ["rank", "seq"], sqlite_where=is_held, postgresql_where=is_held)
