"""The tables, as this version of the program knows them. `migrations` makes them, and a test compares the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from comfy_gen.jobs.columns import JsonText, Key, Number, Words

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

metadata = MetaData()


def _job_id(**options: Any) -> Column[str]:
    return Column("job_id", Key, ForeignKey("jobs.job_id", ondelete="CASCADE"), **options)


def _partial(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> None:
    """Make an index of some of the rows. Both databases use it only for queries with the same words in them."""
    Index(name, *columns, sqlite_where=where, postgresql_where=where)


jobs = Table(
    "jobs",
    metadata,
    Column("seq", Number, primary_key=True),  # in the order in which they were accepted
    Column("job_id", Key, nullable=False, unique=True),
    Column("state", Key, nullable=False),
    Column("owner", Words, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("turn", Number, nullable=False),
    Column("rank", Number, nullable=False),
    # The rank of a job that waits and is not held, otherwise NULL. It repeats what other columns say, so that the
    # index of the line has no other rows and counting in it reads nothing else: a position in 2 ms of 100,000.
    Column("line", Number),
    Column("title", Words, nullable=False),
    Column("likeness", Words, nullable=False),
    Column("need", JsonText, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("run", Integer, nullable=False),  # 1, and one more each time it was begun afresh by `retry`
    Column("strikes", Integer, nullable=False),
    Column("is_held", Boolean, nullable=False),
    Column("is_cancelling", Boolean, nullable=False),
    Column("created", Double, nullable=False),
    Column("queued", Double, nullable=False),
    Column("started", Double),
    Column("ended", Double, index=True),
    Column("engine", Words),
    Column("prompt_id", Words),
    Column("worker", Words),
    Column("not_before", Double, nullable=False),
    Column("avoided", JsonText, nullable=False),
    Column("failure", JsonText),
    Column("metadata", JsonText, nullable=False),
    Column("webhook", JsonText),
    Column("last_event", Integer, nullable=False),
    Column("progress", Double),
    Column("timings", JsonText, nullable=False),
    Column("notes", JsonText, nullable=False),
    Column("quality", JsonText),  # what was found of its pictures; NULL where nobody judges them
    Column("take", Integer, nullable=False, server_default="1"),  # whose artifacts are the result
    Column("idempotency_key", Words),
    Column("digest", Key, nullable=False),
    Column("history", JsonText),  # what its engine said of its prompt; last, for it is long and seldom read
    Column("is_forgotten", Boolean, nullable=False, server_default=false()),  # to be in no ComfyUI's history
    UniqueConstraint("owner", "idempotency_key", name="jobs_key"),
)
_partial("jobs_line", jobs.c.line, jobs.c.seq, where=jobs.c.line.is_not(None))
_partial("jobs_turns", jobs.c.owner, jobs.c.priority, jobs.c.turn, where=jobs.c.line.is_not(None))
_partial("jobs_clock", jobs.c.turn, where=jobs.c.started.is_not(None))
_partial("jobs_held", jobs.c.rank, jobs.c.seq, where=jobs.c.is_held.is_(True))
_partial("jobs_wishes", jobs.c.worker, where=jobs.c.is_cancelling.is_(True))
Index("jobs_state", jobs.c.state, jobs.c.seq)

requests = Table(
    "requests",
    metadata,
    _job_id(primary_key=True),
    Column("body", LargeBinary, nullable=False),  # compressed JSON; apart, so that no list of jobs reads it
)

attempts = Table(
    "attempts",
    metadata,
    _job_id(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("worker", Words, nullable=False),
    Column("engine", Words),
    Column("prompt_id", Words),
    Column("likeness", Words, nullable=False),
    Column("started", Double, nullable=False),
    Column("ended", Double),
    Column("ending", Key),
    Column("seconds", Double),  # of its generate stage, if it succeeded
    Column("failure", JsonText),
    Column("timings", JsonText, nullable=False),
)
_partial("attempts_durations", attempts.c.likeness, attempts.c.ended, where=attempts.c.seconds.is_not(None))

events = Table(
    "events",
    metadata,
    _job_id(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("type", Key, nullable=False),
    Column("data", JsonText, nullable=False),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("artifact_id", Key, primary_key=True),
    _job_id(nullable=False, index=True),
    Column("place", Integer, nullable=False),  # among the job's artifacts
    Column("node_id", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("filename", Words, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("size", Number, nullable=False),
    Column("sha256", Words, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("key", Words, nullable=False),
    Column("thumbnail_key", Words),
    Column("url", Words, nullable=False, server_default=""),  # of the copy in the request's own bucket
    Column("take", Integer, nullable=False, server_default="1"),
    Column("blake3", Key, nullable=False, server_default=""),
)

takes = Table(
    "takes",
    metadata,
    _job_id(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("engine", Words, nullable=False),
    Column("at", Double, nullable=False, index=True),
    Column("passed", Boolean),
    Column("score", Double),
    Column("flaws", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    Column("changes", JsonText, nullable=False),
    Column("lacks", JsonText, nullable=False),
    Column("verdicts", JsonText, nullable=False),
    Column("record", JsonText),  # of the generation that it becomes if it is chosen
    Column("template", Words, nullable=False),  # this and the next for counting
    Column("model", Words, nullable=False),
)

engines = Table(
    "engines",
    metadata,
    Column("name", Key, primary_key=True),
    Column("url", Text, nullable=False),
    Column("tags", JsonText, nullable=False),
    Column("weight", Double, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("state", Key, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("delivery_id", Key, primary_key=True),
    _job_id(nullable=False, index=True),
    Column("state", Key, nullable=False),
    Column("url", Words, nullable=False),
    Column("extra_params", JsonText, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("created", Double, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("tried", Double),
    Column("next_at", Double),
    Column("status", Integer),
    Column("error", Words, nullable=False),
    Column("is_done", Boolean, nullable=False),
    Column("event", Key, nullable=False, server_default="end"),
)
_partial("outbox_due", outbox.c.next_at, where=outbox.c.next_at.is_not(None))

switches = Table(
    "switches",
    metadata,
    Column("name", Key, primary_key=True),
    Column("value", Text, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", Key, primary_key=True),
    Column("name", Words, nullable=False),
    Column("owner", Words, nullable=False),
    Column("digest", Key, nullable=False),
    Column("scopes", JsonText, nullable=False),
    Column("rate", Words, nullable=False),
    Column("max_waiting", Integer),
    Column("created", Double, nullable=False),
    Column("revoked", Double),
    Column("tier", Key, nullable=False, server_default="general"),  # the highest that it may ask for
)

workflows = Table(
    "workflows",
    metadata,
    Column("name", Key, primary_key=True),
    Column("owner", Words, nullable=False),
    Column("card", JsonText, nullable=False),
    Column("workflow", JsonText, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
)

recipes = Table(
    "recipes",
    metadata,
    Column("digest", Key, primary_key=True),  # the 64 digits of its id, sha256:…
    Column("body", JsonText, nullable=False),
    Column("created", Double, nullable=False, index=True),
)

generations = Table(
    "generations",
    metadata,
    _job_id(primary_key=True),
    Column("created", Double, nullable=False),  # when its job ended
    Column("owner", Words, nullable=False),
    Column("recipe", Key, nullable=False),  # its digest
    Column("workflow", Words, nullable=False),  # by name; empty for one that somebody brought
    Column("workflow_digest", Key, nullable=False),
    Column("prompt", Words, nullable=False),
    Column("negative_prompt", Words, nullable=False),
    Column("seed", Words, nullable=False),  # as text: it may be larger than a column's numbers; empty if it has none
    Column("tier", Key, nullable=False),
    Column("models", JsonText, nullable=False),  # folder, file, sha256 where it is known
    Column("engine", Words, nullable=False),
    Column("comfyui_version", Words, nullable=False),
    Column("version", Words, nullable=False),  # of this program
    Column("verdicts", JsonText, nullable=False),
    Column("passed", Boolean),  # whether the quality gate let it pass; NULL where nobody judged it
    Column("score", Double),
    Column("repeats", Key),  # the generation that it is a repetition of
    # What MLflow knows: its run, and until there is one when to try again, NULL once all is told.
    Column("run_id", Key, index=True),
    Column("tell_at", Double),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("trouble", Words, nullable=False, server_default=""),
)
Index("generations_created", generations.c.created, generations.c.job_id)
_partial("generations_score", generations.c.score, generations.c.job_id, where=generations.c.score.is_not(None))
Index("generations_owner", generations.c.owner, generations.c.created, generations.c.job_id)
Index("generations_recipe", generations.c.recipe)
_partial("generations_untold", generations.c.tell_at, where=generations.c.tell_at.is_not(None))

labels = Table(
    "labels",
    metadata,
    _job_id(nullable=False),
    Column("kind", Key, nullable=False),  # category or model: what a generation is found by
    Column("name", Words, nullable=False),
    PrimaryKeyConstraint("job_id", "kind", "name"),
)
Index("labels_name", labels.c.kind, labels.c.name)

favorites = Table(
    "favorites",
    metadata,
    Column("favorite_id", Key, primary_key=True),
    _job_id(nullable=False, index=True),
    Column("owner", Words, nullable=False),
    Column("rating", Integer, nullable=False),
    Column("feedback", Words, nullable=False),
    Column("tags", JsonText, nullable=False),
    Column("created", Double, nullable=False, index=True),
    Column("updated", Double, nullable=False),
    UniqueConstraint("owner", "job_id", name="favorites_once"),
)

presets = Table(
    "presets",
    metadata,
    Column("owner", Words, nullable=False),
    Column("name", Key, nullable=False),
    Column("description", Words, nullable=False),
    Column("values", JsonText, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    PrimaryKeyConstraint("owner", "name"),
)

named_files = Table(
    "named_files",
    metadata,
    Column("owner", Words, nullable=False),
    Column("place", Key, nullable=False),  # what it is for
    Column("path", Words, nullable=False),  # as its owner calls it
    Column("key", Words, nullable=False),  # where it lies in the store of artifacts
    Column("size", Number, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    PrimaryKeyConstraint("owner", "place", "path"),
)
