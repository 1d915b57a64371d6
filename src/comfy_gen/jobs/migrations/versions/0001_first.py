"""The first schema: jobs, what was asked for, their attempts, events and artifacts, engines, webhooks and switches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The types as they are in this migration, whatever `columns` says later.
key = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
real: sa.Double[float] = sa.Double()
number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "engines",
        sa.Column("name", key, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("weight", real, nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("state", key, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "jobs",
        sa.Column("seq", number, nullable=False),
        sa.Column("job_id", key, nullable=False),
        sa.Column("state", key, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("turn", number, nullable=False),
        sa.Column("rank", number, nullable=False),
        sa.Column("line", number, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("likeness", sa.Text(), nullable=False),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("is_cancelling", sa.Boolean(), nullable=False),
        sa.Column("created", real, nullable=False),
        sa.Column("queued", real, nullable=False),
        sa.Column("started", real, nullable=True),
        sa.Column("ended", real, nullable=True),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("prompt_id", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("not_before", real, nullable=False),
        sa.Column("avoided", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("webhook", sa.Text(), nullable=True),
        sa.Column("last_event", sa.Integer(), nullable=False),
        sa.Column("progress", real, nullable=True),
        sa.Column("timings", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("digest", key, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("job_id"),
        sa.UniqueConstraint("owner", "idempotency_key", name="jobs_key"),
    )
    op.create_index(
        "jobs_clock",
        "jobs",
        ["turn"],
        sqlite_where=sa.text("started IS NOT NULL"),
        postgresql_where=sa.text("started IS NOT NULL"),
    )
    op.create_index(
        "jobs_line",
        "jobs",
        ["line", "seq"],
        sqlite_where=sa.text("line IS NOT NULL"),
        postgresql_where=sa.text("line IS NOT NULL"),
    )
    op.create_index("jobs_state", "jobs", ["state", "seq"])
    op.create_index(
        "jobs_turns",
        "jobs",
        ["owner", "priority", "turn"],
        sqlite_where=sa.text("line IS NOT NULL"),
        postgresql_where=sa.text("line IS NOT NULL"),
    )
    op.create_index(
        "jobs_wishes",
        "jobs",
        ["worker"],
        sqlite_where=sa.text("is_cancelling IS 1"),
        postgresql_where=sa.text("is_cancelling IS true"),
    )
    op.create_table(
        "switches",
        sa.Column("name", key, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "artifacts",
        sa.Column("artifact_id", key, nullable=False),
        sa.Column("job_id", key, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", number, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("thumbnail_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("artifact_id"),
    )
    op.create_index(op.f("ix_artifacts_job_id"), "artifacts", ["job_id"])
    op.create_table(
        "attempts",
        sa.Column("job_id", key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("prompt_id", sa.Text(), nullable=True),
        sa.Column("likeness", sa.Text(), nullable=False),
        sa.Column("started", real, nullable=False),
        sa.Column("ended", real, nullable=True),
        sa.Column("ending", key, nullable=True),
        sa.Column("seconds", real, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("timings", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "number"),
    )
    op.create_index(
        "attempts_durations",
        "attempts",
        ["likeness", "ended"],
        sqlite_where=sa.text("seconds IS NOT NULL"),
        postgresql_where=sa.text("seconds IS NOT NULL"),
    )
    op.create_table(
        "events",
        sa.Column("job_id", key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", real, nullable=False),
        sa.Column("type", key, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "number"),
    )
    op.create_table(
        "outbox",
        sa.Column("delivery_id", key, nullable=False),
        sa.Column("job_id", key, nullable=False),
        sa.Column("state", key, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("extra_params", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created", real, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried", real, nullable=True),
        sa.Column("next_at", real, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id"),
    )
    op.create_index(op.f("ix_outbox_job_id"), "outbox", ["job_id"])
    op.create_index(
        "outbox_due",
        "outbox",
        ["next_at"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "requests",
        sa.Column("job_id", key, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id"),
    )
