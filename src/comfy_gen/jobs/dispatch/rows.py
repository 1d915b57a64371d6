"""What is said to PostgreSQL about procrastinate's table: a job of ours that waits or is held has a row there.

`todo` rows wait and `doing` rows are in the hand of the worker they name. Our own table is the truth: a row is never
believed when it is gone, and brought back when a job of ours lacks one. All of it is in the words of psycopg, and
each statement is one transaction: any number of workers may say any of them at the same time.
"""

# ruff: noqa: S608  # every statement is put together of constants of ours; values are parameters
from __future__ import annotations

from comfy_gen.jobs.dispatch.ranks import FIRST_RANK, HIGHEST, LOWEST
from comfy_gen.jobs.job import ACTIVE
from comfy_gen.jobs.records import LONGEST_REST

QUEUE_NAME = "comfygen"
TASK_NAME = "comfygen.run"
CHANNEL = f"procrastinate_queue_v1#{QUEUE_NAME}"
"""What procrastinate's workers listen to."""

INDEXES = (
    "CREATE INDEX IF NOT EXISTS comfygen_rows ON procrastinate_jobs (queueing_lock) WHERE status IN ('todo', 'doing')",
    "CREATE INDEX IF NOT EXISTS comfygen_held_rows ON procrastinate_jobs (worker_id) WHERE status = 'doing'",
)
"""By job, and by worker. procrastinate's own are for other questions."""

SETTINGS = (
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET enable_sort = off",
    "SET jit = off",
    "SET synchronous_commit = off",
)
"""For connections that ask for one job at a time. Until a table that grew was analysed, PostgreSQL sorts all of it for
each: 56 ms with 100,000 jobs instead of 0.6. Nor need it wait for the disk: what is in a row is known otherwise."""

_CALLED = "'infinity'::timestamptz"
_IS_CALLED = f"scheduled_at IS NOT DISTINCT FROM {_CALLED}"
"""Of a row in a hand: its job waits again, which whoever ends the row may be too early to see."""

_BEGUN = ", ".join(f"'{state}'" for state in sorted(ACTIVE))
_IS_WANTED = f"(jobs.line IS NOT NULL OR jobs.state IN ({_BEGUN}))"
_PRIORITY = f"GREATEST({LOWEST}, LEAST({HIGHEST}, {HIGHEST + FIRST_RANK} - jobs.rank))::integer"

_PUT_BACK = f"""
wanted AS MATERIALIZED (
    SELECT mine.id, jobs.not_before, {_PRIORITY} AS priority,
        CASE WHEN mine.is_called THEN 0 ELSE %(rest)s END AS rest
    FROM mine JOIN jobs ON jobs.job_id = mine.job_id COLLATE "C"
    WHERE ({_IS_WANTED} OR mine.is_called) AND NOT EXISTS (
        SELECT FROM procrastinate_jobs AS twin
        WHERE twin.queueing_lock = mine.job_id AND twin.status IN ('todo', 'doing') AND twin.id <> mine.id)
), back AS (
    UPDATE procrastinate_jobs AS job
    SET status = 'todo', worker_id = NULL, attempts = attempts + 1, priority = wanted.priority,
        scheduled_at = GREATEST(now() + make_interval(secs => wanted.rest),
            LEAST(to_timestamp(wanted.not_before), now() + make_interval(secs => {LONGEST_REST})))
    FROM wanted WHERE job.id = wanted.id
    RETURNING job.id
), gone AS (
    DELETE FROM procrastinate_jobs AS job USING mine
    WHERE job.id = mine.id AND NOT EXISTS (SELECT FROM wanted WHERE wanted.id = mine.id)
)
SELECT count(*) AS count FROM back
"""
"""The rows `mine` wait again where their jobs do and have no other row, and are gone where not."""

SETTLE = f"""
WITH mine AS MATERIALIZED (
    SELECT id, queueing_lock AS job_id, {_IS_CALLED} AS is_called FROM procrastinate_jobs
    WHERE id = %(id)s AND worker_id = %(worker_id)s AND attempts = %(attempts)s AND status = 'doing'
    FOR UPDATE
), {_PUT_BACK}"""
"""One row leaves the hand of the worker it names; where it has been given to another meanwhile, nothing happens."""

REVIVE = f"""
WITH mine AS MATERIALIZED (
    SELECT job.id, job.queueing_lock AS job_id, job.{_IS_CALLED} AS is_called
    FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND job.queue_name = '{QUEUE_NAME}'
        AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(dead_after)s)
            OR job.id = ANY(%(dropped)s) AND job.worker_id = %(worker_id)s)
    FOR UPDATE OF job SKIP LOCKED
), {_PUT_BACK}"""
"""The rows of dead workers, and those that a worker dropped, wait again."""

RESTORE = f"""
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args)
SELECT '{QUEUE_NAME}', '{TASK_NAME}', {_PRIORITY}, jobs.job_id, jsonb_build_object('job_id', jobs.job_id)
FROM jobs
WHERE {_IS_WANTED} AND NOT EXISTS (
    SELECT FROM procrastinate_jobs AS job
    WHERE job.queueing_lock = jobs.job_id COLLATE "default" AND job.status IN ('todo', 'doing'))
FOR UPDATE OF jobs SKIP LOCKED
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
RETURNING id
"""
"""Jobs that have no row get one. A job that somebody changes at this moment is left to the next time."""

HELD = f"""
SELECT id FROM procrastinate_jobs
WHERE status = 'doing' AND worker_id = %(worker_id)s AND queue_name = '{QUEUE_NAME}'
"""
BEST = f"""
SELECT priority FROM procrastinate_jobs
WHERE status = 'todo' AND queue_name = '{QUEUE_NAME}' AND (scheduled_at IS NULL OR scheduled_at <= now())
ORDER BY priority DESC, id LIMIT 1
"""
IS_REGISTERED = "SELECT EXISTS (SELECT FROM procrastinate_workers WHERE id = %(worker_id)s) AS is_registered"
NUDGE = f"""SELECT pg_notify('{CHANNEL}', '{{"type": "job_inserted", "job_id": 0}}')"""
"""Have the workers look: procrastinate itself tells them of new rows only."""

CALL = f"""
WITH held AS (
    UPDATE procrastinate_jobs SET scheduled_at = {_CALLED}
    WHERE queueing_lock = ANY(%(job_ids)s) AND status = 'doing'
    RETURNING queueing_lock)
SELECT queueing_lock FROM held
UNION SELECT queueing_lock FROM procrastinate_jobs WHERE queueing_lock = ANY(%(job_ids)s) AND status = 'todo'
"""
"""Return the jobs that have a row and need no other: one that a hand lets go of waits again.

Were they given a second one, another worker would take it, and the job away from the first, which may run it again.
"""
WITHDRAW = "DELETE FROM procrastinate_jobs WHERE queueing_lock = ANY(%(job_ids)s) AND status = 'todo'"
REORDER = """
UPDATE procrastinate_jobs AS job SET priority = new.priority
FROM unnest(%(job_ids)s::text[], %(priorities)s::integer[]) AS new (job_id, priority)
WHERE job.queueing_lock = new.job_id AND job.status = 'todo' AND job.priority <> new.priority
"""
