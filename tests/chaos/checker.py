"""Says what is wrong with what a storm left behind. Pure."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.jobs.job import ACTIVE, JobState, can_move
from comfy_gen.validation.takes import best, summary
from comfy_gen.webhooks.schedule import DELAYS
from tests.chaos.orders import QUALITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comfy_gen.jobs.job import Event
    from tests.chaos.evidence import Evidence, Record
    from tests.chaos.orders import Order


TAKE_OVER = 15.0
"""Seconds in which others have a dead worker's jobs, at default settings."""
TRIES = 1 + len(DELAYS)
"""Of a webhook that nobody takes."""


class Violation(NamedTuple):
    """One broken promise."""

    rule: str
    subject: str
    """A job, a key, a file or an engine."""
    what: str


def check(evidence: Evidence) -> list[Violation]:
    """Return every broken promise."""
    found = [*_check_acceptance(evidence), *_check_files(evidence), *_check_engines(evidence)]
    found += [Violation("no bugs", cry.partition(": ")[0], cry.partition(": ")[2]) for cry in evidence.cries]
    for record in evidence.records.values():
        order = evidence.orders[record.order]
        found += [Violation(rule, record.job.job_id, what) for rule, what in _check_job(record, order, evidence)]
    return found


def check_take_overs(seconds: Sequence[float]) -> list[Violation]:
    """Return the jobs of dead workers that were too long in nobody's hands, while another worker was well."""
    late = [one for one in seconds if one > TAKE_OVER]
    return [Violation("taken over", "a job", f"{one:.1f} s after its worker's death") for one in late]


# --- accepted is kept


def _check_acceptance(evidence: Evidence) -> Iterator[Violation]:
    jobs = Counter(record.order for record in evidence.records.values())
    for order in evidence.orders:
        given = evidence.acknowledged.get(order.key, frozenset())
        if not given and order.key not in evidence.refused:
            yield Violation("handed in", order.key, "no submitter was told that it is accepted")
        if len(given) > 1:
            yield Violation("one job a key", order.key, f"submitters were given {len(given)} ids: {sorted(given)}")
        if jobs[order.number] > 1:
            yield Violation("one job a key", order.key, f"{jobs[order.number]} jobs were made of it")
        for job_id in sorted(given - evidence.records.keys()):
            yield Violation("nothing lost", job_id, f"was accepted for {order.key}, and is not in the store")


# --- each job

Found = tuple[str, str]
"""A rule, and how it is broken."""


def _check_job(record: Record, order: Order, evidence: Evidence) -> Iterator[Found]:
    yield from _check_state(record, order, evidence)
    yield from _check_attempts(record)
    yield from _check_events(record)
    yield from _check_artifacts(record, order, evidence)
    yield from _check_takes(record, order)
    yield from _check_webhook(record, is_deaf=record.order in evidence.deaf_to)


def _check_state(record: Record, order: Order, evidence: Evidence) -> Iterator[Found]:
    job, expected = record.job, order.outcome
    if job.state is JobState.CANCELLED:
        if job.job_id not in evidence.asked:
            yield "right end", f"{order.kind}: cancelled, though nobody wanted that"
        return
    if job.job_id in evidence.cancelled:
        yield "right end", f"{order.kind}: {job.state}, though it was cancelled"
    elif job.state is not expected.state:
        why = f": {job.failure.code}: {job.failure.message}" if job.failure else ""
        yield "right end", f"{order.kind}: {job.state} and not {expected.state}{why}"
    elif job.failure and job.failure.code != expected.code:
        yield "right end", f"{order.kind}: failed with {job.failure.code}, not {expected.code}: {job.failure.message}"
    elif not job.failure and expected.code:
        yield "right end", f"{order.kind}: {job.state} without a reason"


def _check_attempts(record: Record) -> Iterator[Found]:
    job, attempts = record.job, record.attempts
    numbers = [one.number for one in attempts]
    if numbers != list(range(1, job.attempt + 1)):
        yield "attempts", f"they are {numbers}, and the newest should be {job.attempt}"
    for one in attempts:
        if one.ended is None or one.ending is None:
            yield "attempts", f"{one.number} by {one.worker} is open"
    made = [one.number for one in attempts if one.ending in {"succeeded", "rejected"}]
    expected = [job.attempt] if job.state in {JobState.COMPLETED, JobState.PARTIAL} else []
    if made != (expected if job.quality is None else [take.attempt for take in record.takes]):
        yield "attempts", f"of {job.attempt} these made something: {made}; the job is {job.state}"
    for old, new in pairwise(attempts):
        if old.ending == "superseded" and old.prompt_id and old.prompt_id != new.prompt_id:
            yield "followed on", f"{new.number} has another prompt than {old.number}, which it took over from"


def _check_events(record: Record) -> Iterator[Found]:
    job, numbers = record.job, [event.number for event in record.events]
    if not numbers or numbers[0] != 1 or numbers[-1] != job.last_event:
        yield "events", f"from 1 to {job.last_event} they should go: {numbers}"
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        yield "events", f"their numbers do not only grow: {numbers}"
    yield from _check_gaps(record)
    states = [JobState(event.data["state"]) for event in record.events if event.type == "state"]
    for old, new in pairwise(states):
        if not can_move(old, new):
            yield "events", f"it went from {old} to {new}: {[str(state) for state in states]}"
    if states[-1:] != [job.state]:
        yield "events", f"the last says {[str(state) for state in states[-1:]]}, the job {job.state}"


def _check_gaps(record: Record) -> Iterator[Found]:
    """Numbers are missing where progress was replaced by newer progress: while a worker has the job, and only then."""
    state = JobState.QUEUED
    previous: Event | None = None
    for event in record.events:
        is_next = previous is None or event.number == previous.number + 1
        if not is_next and state not in ACTIVE:
            yield "events", f"number {event.number} follows on {previous and previous.number}, while it was {state}"
        state = JobState(event.data["state"]) if event.type == "state" else state
        previous = event


def _check_artifacts(record: Record, order: Order, evidence: Evidence) -> Iterator[Found]:
    job, artifacts = record.job, record.artifacts
    expected = order.outcome.artifacts if job.state is order.outcome.state else 0
    keeps_takes = job.state is JobState.CANCELLED and order.outcome.is_judged
    if len(artifacts) != expected and not keeps_takes:
        yield "artifacts", f"{order.kind}, {job.state}: {len(artifacts)}, not {expected}"
    if len({one.sha256 for one in artifacts}) != len(artifacts):
        yield "artifacts", f"{order.kind}: the same content twice among {[one.filename for one in artifacts]}"
    for one in record.made:
        if one.key not in evidence.files:
            yield "artifacts", f"{one.key} is not on the disk"
        elif evidence.files[one.key] != one.sha256:
            yield "artifacts", f"{one.key} is not what the store says that it is"
        if one.thumbnail_key and one.thumbnail_key not in evidence.files:
            yield "artifacts", f"{one.thumbnail_key} is not on the disk"


def _check_takes(record: Record, order: Order) -> Iterator[Found]:
    """Takes follow each other without a gap until one passes; each has its files, and the best is the result."""
    job, takes, outcome = record.job, record.takes, order.outcome
    numbers = [take.number for take in takes]
    if numbers != list(range(1, len(takes) + 1)) or len(takes) > QUALITY.most_takes:
        yield "takes", f"their numbers are {numbers}"
    if not outcome.is_judged or job.state is not JobState.COMPLETED:
        return
    if dict(job.quality or {}) != summary(takes):
        yield "takes", f"the job says {job.quality}, its takes {summary(takes)}"
    if len(takes) < outcome.takes or any(take.passed is not False for take in takes[:-1]):
        yield "takes", f"{order.kind}: of {[take.passed for take in takes]}, there should be {outcome.takes} at least"
    if not takes or (not takes[-1].passed and len(takes) < QUALITY.most_takes):
        yield "takes", f"{order.kind}: none followed on {numbers}"
        return
    if {one.take for one in record.artifacts} != {best(takes).number}:
        yield "takes", f"the result is of take {[one.take for one in record.artifacts]}, not {best(takes).number}"
    if sorted(one.take for one in record.made) != numbers:
        yield "takes", f"they made {[one.take for one in record.made]}, and should one picture each"


def _check_webhook(record: Record, *, is_deaf: bool) -> Iterator[Found]:
    job, ids = record.job, {told.webhook_id for told in record.told}
    if not ids:
        tries = [(one.tries, one.error, one.is_done) for one in record.deliveries]
        yield "webhooks", f"{job.state}, and nobody was told; deliveries: {tries}"
    if len(ids) > 1:
        yield "webhooks", f"told under {len(ids)} ids: {sorted(ids)}"
    for state in sorted({told.state for told in record.told} - {job.state}):
        yield "webhooks", f"told that it is {state}, and it is {job.state}"
    if not all(told.is_signed for told in record.told):
        yield "webhooks", "one is not signed by us"
    yield from _check_deaf(record) if is_deaf else _check_delivered(record)


def _check_delivered(record: Record) -> Iterator[Found]:
    for one in record.deliveries:
        if not one.is_done:
            yield "webhooks", f"one is still to be made, after {one.tries} tries: {one.error or 'nothing went wrong'}"
    if record.told and not any(told.is_taken for told in record.told):
        yield "webhooks", f"the receiver took none of {len(record.told)}"


def _check_deaf(record: Record) -> Iterator[Found]:
    """What a receiver never takes is tried to the end, and then a dead letter that says why."""
    for one in record.deliveries:
        if one.is_done or one.next_at is not None or one.tries != TRIES or not one.error:
            yield "webhooks", f"nobody took it, and it is no dead letter: {one.tries} tries, next at {one.next_at}"


# --- what lies about


def _check_files(evidence: Evidence) -> Iterator[Violation]:
    """A cancelled job may have stored files before it was, and these are swept with it; others leave none."""
    kept = {
        key
        for record in evidence.records.values()
        for one in record.made
        for key in (one.key, one.thumbnail_key)
        if key
    }
    for key in sorted(evidence.files.keys() - kept):
        if not _is_of_cancelled(key, evidence):
            yield Violation("no orphans", key, "is on the disk, and no job has it")


def _is_of_cancelled(key: str, evidence: Evidence) -> bool:
    job_id = key.rpartition("/")[2][:36]
    record = evidence.records.get(job_id)
    return record is not None and record.job.state is JobState.CANCELLED


def _check_engines(evidence: Evidence) -> Iterator[Violation]:
    for engine, prompts in evidence.queues.items():
        if prompts is None:
            yield Violation("engines", engine, "does not answer")
        elif prompts:
            yield Violation("engines", engine, f"has prompts left: {prompts}")
