"""What a worker writes of the jobs it has: only the newest attempt may, and all others change nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, bindparam, delete, func, insert, select, update

from comfy_gen.jobs.announcement import quarter_of
from comfy_gen.jobs.columns import JsonText
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import ACTIVE, GENERATE, MADE, Artifact, JobState, states_before
from comfy_gen.jobs.records import Claimed
from comfy_gen.jobs.sql import announcements, generations, queries, takes
from comfy_gen.jobs.sql.rows import JOB, job_of
from comfy_gen.jobs.sql.states import is_one_of
from comfy_gen.jobs.sql.switches import is_not_paused
from comfy_gen.jobs.tables import artifacts, attempts, jobs
from comfy_gen.validation.takes import best, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.dml import ReturningUpdate

    from comfy_gen.jobs.failure import JobFailure
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.records import Finish, Report, Taken
    from comfy_gen.jobs.sql.change import Change

NEXT_EVENT: dict[str, Any] = {"last_event": jobs.c.last_event + 1}
_IS_ACTIVE = is_one_of(ACTIVE)
# Made once, for to make such a statement takes longer than to carry it out.
_CHANGE = update(jobs).returning(*JOB)
_CLAIM = _CHANGE.where(jobs.c.job_id == bindparam("of"), jobs.c.line.is_not(None), is_not_paused()).values(
    state=JobState.PREPROCESSING,
    line=None,
    attempt=jobs.c.attempt + 1,
    worker=bindparam("by"),
    engine=bindparam("on"),
    prompt_id=bindparam("as_prompt"),
    started=func.coalesce(jobs.c.started, bindparam("now")),
    **NEXT_EVENT,
)
_REPORT = (
    update(jobs)
    .where(jobs.c.job_id == bindparam("of"), jobs.c.attempt == bindparam("at"), _IS_ACTIVE)
    .values(progress=bindparam("done"), **NEXT_EVENT)
    .returning(jobs.c.last_event, jobs.c.webhook)
)
_BEGIN_ATTEMPT = insert(attempts)
_END_ATTEMPT = (
    update(attempts)
    .where(attempts.c.job_id == bindparam("of"), attempts.c.number == bindparam("at"), attempts.c.ended.is_(None))
    .values(
        ended=bindparam("now"),
        ending=bindparam("how"),
        failure=bindparam("why"),
        timings=bindparam("took"),
        seconds=bindparam("generated"),
    )
)
_ADD_ARTIFACTS = insert(artifacts)
_DROP_ARTIFACTS = delete(artifacts).where(artifacts.c.job_id == bindparam("of"))
_OF_ARTIFACTS = [column.name for column in artifacts.c if column.name != "place"]
_MADE_SOMETHING = frozenset({"succeeded", "rejected"})
_ENDINGS = {
    JobState.COMPLETED: "succeeded",
    JobState.PARTIAL: "succeeded",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}


def claim(
    change: Change, job_id: str, *, worker: str, now: float, engine: str | None = None, prompt_id: str | None = None
) -> Claimed | None:
    """Take a job out of the line; None if it is not there any more, or the queue is paused."""
    where = {"of": job_id, "by": worker, "on": engine, "as_prompt": prompt_id, "now": now}
    row = change.connection.execute(_CLAIM, where).one_or_none()
    if row is None:
        return None
    job = job_of(row)
    _begin_attempt(change, job, now=now)
    change.record([job], at=now, worker=worker, engine=engine)
    if announcements.wants_progress(row.webhook):
        announcements.announce_progress(change, job_id, now=now, mark=f"{job.attempt}/{job.state}")
    return _claimed(change, job)


def take_over(change: Change, job_id: str, *, worker: str, attempt: int | None, now: float) -> Claimed | None:
    """Go on with a job that another worker had; None if it is not active, or ``attempt`` is not its newest."""
    where = [jobs.c.job_id == job_id, _IS_ACTIVE]
    if attempt is not None:
        where.append(jobs.c.attempt == attempt)
    job = _change_one(change, {"attempt": jobs.c.attempt + 1, "worker": worker, **NEXT_EVENT}, *where)
    if job is None:
        return None
    _end_attempt(change, job.job_id, job.attempt - 1, now=now, ending="superseded")
    _begin_attempt(change, job, now=now)
    change.record([job], at=now, kind="note", text="another worker goes on with it", worker=worker)
    return _claimed(change, job)


def advance(change: Change, job_id: str, attempt: int, state: JobState, *, now: float) -> bool:
    """Move a job on to the worker's next stage."""
    row = change.connection.execute(_advance_to(state), {"of": job_id, "at": attempt}).one_or_none()
    if row is None:
        return _is_already(change, job_id, attempt, state)
    change.record_one(JobId(job_id), row.last_event, at=now, state=state, attempt=attempt)
    if announcements.wants_progress(row.webhook):
        announcements.announce_progress(change, job_id, now=now, mark=f"{attempt}/{state}")
    return True


def report(change: Change, reports: Sequence[Report], *, now: float) -> None:
    """Write how far jobs are: of each job the last report, and only the newest attempt's."""
    latest = {one.job_id: one for one in reports}
    numbers: dict[JobId, tuple[int, dict[str, Any]]] = {}
    for job_id in sorted(latest):  # in one order everywhere, so that two workers do not wait for each other
        one = latest[job_id]
        values = {"of": job_id, "at": one.attempt, "done": one.fraction}
        row = change.connection.execute(_REPORT, values).one_or_none()
        if row is None:
            continue
        numbers[job_id] = row.last_event, {"attempt": one.attempt, "progress": one.fraction, **one.data}
        if (quarter := quarter_of(one.fraction)) and announcements.wants_progress(row.webhook):
            announcements.announce_progress(change, job_id, now=now, mark=f"{one.attempt}/{quarter}")
    change.record_progress(numbers, at=now)


def finish(change: Change, job_id: str, attempt: int, ending: Finish, *, now: float) -> bool:
    """End a job, and write what came of it."""
    values = {
        "of": job_id,
        "at": attempt,
        "now": now,
        "why": ending.failure and ending.failure.as_json(),
        "took": dict(ending.timings),
        "said": list(ending.notes),
        "found": ending.quality,
        "chosen": ending.take,
        "told": ending.history and ending.history.as_json(),
    }
    row = change.connection.execute(_finish_as(ending.state), values).one_or_none()
    job = None if row is None else job_of(row)
    if job is None:
        return _is_already(change, job_id, attempt, ending.state)
    _end_attempt(change, job.job_id, attempt, now=now, ending=_how(ending), finish=ending, taken=ending.taken)
    if ending.taken is not None:
        _keep_last(change, job, ending.taken, is_chosen=ending.take in {None, ending.taken.take.number})
    if ending.record is None and ending.take is not None and ending.state in MADE:
        ending = replace(ending, record=takes.record_of(change.connection, job.job_id, ending.take))
    kept = _replace_artifacts(change, job, ending.artifacts)
    generations.record(change.connection, job, ending, now=now)
    change.dispatcher.withdraw(change.connection, [job.job_id])
    change.record([job], at=now, **_told(ending))
    announcements.announce(change, [job], now=now, artifacts=kept)
    return True


def requeue(
    change: Change,
    job_id: str,
    attempt: int,
    failure: JobFailure | None,
    *,
    now: float,
    not_before: float,
    strike: bool,
    avoid: str | None,
    taken: Taken | None = None,
) -> Job | None:
    """Put a job back into the line, at the place it had; None if the attempt is not the newest."""
    values = {
        "state": JobState.QUEUED,
        "line": jobs.c.rank,
        "queued": now,
        "not_before": not_before,
        "engine": None,
        "prompt_id": None,
        "worker": None,
        "progress": None,
        "strikes": jobs.c.strikes + int(strike),
        "failure": failure and failure.as_json(),
        **NEXT_EVENT,
    }
    job = _change_one(change, values, _is_at(job_id, attempt), _IS_ACTIVE)
    if job is None:
        return None
    if avoid is not None and avoid not in job.avoided:
        avoided = sorted(job.avoided | {avoid})
        change.connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(avoided=avoided))
    if taken is None:
        _end_attempt(change, job.job_id, attempt, now=now, ending="failed", failure=failure)
        told: dict[str, Any] = {"failure": failure and failure.as_json(), "not_before": not_before}
    else:
        _end_attempt(change, job.job_id, attempt, now=now, ending=_how_taken(taken), taken=taken)
        job = _keep(change, job, taken)
        told = {"take": _told_take(taken)}
    change.dispatcher.enqueue(change.connection, [(job.job_id, job.rank)])
    change.record([job], at=now, **told)
    if job.webhook_url is not None:
        announcements.announce_progress(change, job_id, now=now, mark=f"{attempt}/{job.state}")
    return job


# Made once for each state, as those above.


@cache
def _advance_to(state: JobState) -> ReturningUpdate[Any, Any]:
    return (
        update(jobs)
        .where(
            jobs.c.job_id == bindparam("of"),
            jobs.c.attempt == bindparam("at"),
            is_one_of(states_before(state) & ACTIVE),
        )
        .values(state=state, **NEXT_EVENT)
        .returning(jobs.c.last_event, jobs.c.webhook)
    )


@cache
def _finish_as(state: JobState) -> ReturningUpdate[Any]:
    return _CHANGE.where(
        jobs.c.job_id == bindparam("of"), jobs.c.attempt == bindparam("at"), is_one_of(states_before(state))
    ).values(
        state=state,
        line=None,
        is_held=False,
        is_cancelling=False,
        ended=bindparam("now"),
        failure=bindparam("why"),
        timings=bindparam("took"),
        notes=bindparam("said"),
        quality=func.coalesce(bindparam("found", type_=JsonText), jobs.c.quality),
        take=func.coalesce(bindparam("chosen", type_=Integer), jobs.c.take),
        history=bindparam("told"),
        **NEXT_EVENT,
    )


def _is_at(job_id: str, attempt: int) -> ColumnElement[bool]:
    """The fence: true of a job only while the attempt is its newest."""
    return and_(jobs.c.job_id == job_id, jobs.c.attempt == attempt)


def _change_one(change: Change, values: dict[str, Any], *where: ColumnElement[bool]) -> Job | None:
    row = change.connection.execute(_CHANGE.where(*where).values(values)).one_or_none()
    return None if row is None else job_of(row)


def _is_already(change: Change, job_id: str, attempt: int, state: JobState) -> bool:
    """Tell whether this was written before: by the same attempt, which did not learn of it."""
    query = select(jobs.c.attempt).where(_is_at(job_id, attempt), jobs.c.state == state)
    return change.connection.execute(query).one_or_none() is not None


def _begin_attempt(change: Change, job: Job, *, now: float) -> None:
    row: dict[str, Any] = {
        "job_id": job.job_id,
        "number": job.attempt,
        "worker": job.worker,
        "engine": job.engine,
        "prompt_id": job.prompt_id,
        "likeness": job.likeness,
        "started": now,
        "timings": {},
    }
    change.connection.execute(_BEGIN_ATTEMPT, row)


def _end_attempt(
    change: Change,
    job_id: str,
    number: int,
    *,
    now: float,
    ending: str,
    finish: Finish | None = None,
    failure: JobFailure | None = None,
    taken: Taken | None = None,
) -> None:
    failure = finish.failure or finish.mishap if finish else failure
    timings = dict(finish.timings if finish else taken.timings if taken else {})
    # A take of more steps takes longer than its like do, and would make them seem slow.
    is_alike = ending in _MADE_SOMETHING and not (taken and "steps" in taken.take.changes)
    values = {
        "of": job_id,
        "at": number,
        "now": now,
        "how": ending,
        "why": failure and failure.as_json(),
        "took": timings,
        "generated": timings.get(GENERATE) if is_alike else None,
    }
    change.connection.execute(_END_ATTEMPT, values)


def _replace_artifacts(change: Change, job: Job, kept: Sequence[Artifact]) -> Sequence[Artifact]:
    """Write a job's artifacts in the place of those that it had, each id once; those of its other takes stay."""
    if job.attempt > 1:  # the first has nothing before it
        drop, places = _DROP_ARTIFACTS, {one.take for one in kept}
        drop = drop if job.quality is None else drop.where(artifacts.c.take.in_(places))
        change.connection.execute(drop, {"of": job.job_id})
    unique = list({one.artifact_id: one for one in kept}.values())
    if unique:
        named = enumerate({name: getattr(one, name) for name in _OF_ARTIFACTS} for one in unique)
        change.connection.execute(_ADD_ARTIFACTS, [{**values, "place": place} for place, values in named])
    return unique


def _claimed(change: Change, job: Job) -> Claimed:
    made = [] if job.quality is None else takes.takes_of(change.connection, job.job_id)
    return Claimed(job.attempt, job, queries.request(change.connection, job.job_id), made)


def _keep(change: Change, job: Job, taken: Taken) -> Job:
    """Write a take that others follow, and what is known so far: the best of them would be the result."""
    takes.keep(change.connection, job.job_id, taken)
    _replace_artifacts(change, job, taken.artifacts)
    made = takes.takes_of(change.connection, job.job_id)
    values = {"quality": summary(made), "take": best(made).number}
    change.connection.execute(update(jobs).where(jobs.c.job_id == job.job_id).values(values))
    return replace(job, **values)


def _keep_last(change: Change, job: Job, taken: Taken, *, is_chosen: bool) -> None:
    """Write the last take; the artifacts of the one that was chosen are written with the job's end."""
    takes.keep(change.connection, job.job_id, taken)
    if not is_chosen:
        _replace_artifacts(change, job, taken.artifacts)


def _how(ending: Finish) -> str:
    if ending.failure or ending.mishap:
        return "failed"
    return _ENDINGS[ending.state] if ending.taken is None else _how_taken(ending.taken)


def _how_taken(taken: Taken) -> str:
    return "rejected" if taken.take.passed is False else "succeeded"


def _told_take(taken: Taken) -> dict[str, Any]:
    return {name: getattr(taken.take, name) for name in ("number", "passed", "score", "reason")}


def _told(ending: Finish) -> dict[str, Any]:
    """Return what the event of an end says besides the state."""
    facts = {
        "failure": ending.failure and ending.failure.as_json(),
        "notes": list(ending.notes),
        "take": ending.taken and _told_take(ending.taken),
        "quality": ending.quality,
    }
    return {name: value for name, value in facts.items() if value}
