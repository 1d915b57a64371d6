"""What is kept of each picture's making: recipes, generations, favorites; presets; the tier of keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The types as they are in this migration, whatever `columns` says later.
key = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
real: sa.Double[float] = sa.Double()


def upgrade() -> None:
    """Make the new tables, and add to the old ones."""
    op.add_column("api_keys", sa.Column("tier", key, nullable=False, server_default="general"))
    op.create_table(
        "recipes",
        sa.Column("digest", key, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created", real, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_recipes_created", "recipes", ["created"])
    _generations()
    _favorites()
    op.create_table(
        "presets",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", key, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("created", real, nullable=False),
        sa.Column("updated", real, nullable=False),
        sa.PrimaryKeyConstraint("owner", "name"),
    )


def _generations() -> None:
    op.create_table(
        "generations",
        sa.Column("job_id", key, nullable=False),
        sa.Column("created", real, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("recipe", key, nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("workflow_digest", key, nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("negative_prompt", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("tier", key, nullable=False),
        sa.Column("models", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("comfyui_version", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("verdicts", sa.Text(), nullable=False),
        sa.Column("repeats", key, nullable=True),
        sa.Column("run_id", key, nullable=True),
        sa.Column("tell_at", real, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("trouble", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id"),
    )
    op.create_index("ix_generations_run_id", "generations", ["run_id"])
    op.create_index("generations_created", "generations", ["created", "job_id"])
    op.create_index("generations_owner", "generations", ["owner", "created", "job_id"])
    op.create_index("generations_recipe", "generations", ["recipe"])
    untold = sa.text("tell_at IS NOT NULL")
    op.create_index("generations_untold", "generations", ["tell_at"], sqlite_where=untold, postgresql_where=untold)
    op.create_table(
        "labels",
        sa.Column("job_id", key, nullable=False),
        sa.Column("kind", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "kind", "name"),
    )
    op.create_index("labels_name", "labels", ["kind", "name"])


def _favorites() -> None:
    op.create_table(
        "favorites",
        sa.Column("favorite_id", key, nullable=False),
        sa.Column("job_id", key, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("created", real, nullable=False),
        sa.Column("updated", real, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("favorite_id"),
        sa.UniqueConstraint("owner", "job_id", name="favorites_once"),
    )
    op.create_index("ix_favorites_job_id", "favorites", ["job_id"])
    op.create_index("ix_favorites_created", "favorites", ["created"])
