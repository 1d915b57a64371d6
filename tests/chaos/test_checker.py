from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.jobs.job import Artifact, Attempt, Event, Job, JobFailure, JobId, JobState
from comfy_gen.jobs.records import Delivery
from comfy_gen.validation.takes import Take, summary
from tests.chaos.checker import TAKE_OVER, TRIES, check, check_take_overs
from tests.chaos.evidence import Evidence, Record
from tests.chaos.orders import Kind, Order
from tests.chaos.sink import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

JOB_ID = JobId("7d3c1f6e-6f0a-4a57-9c5f-0d1f0b6f9a11")
KEY = f"7d/{JOB_ID}-x.png"
SMALL = f"7d/{JOB_ID}-x.small.webp"

ORDER = Order(0, Kind.PICTURE, {}, "ada", 0)
ARTIFACT = Artifact("x", JOB_ID, "9", "image", "a.png", "image/png", 3, "abc", 8, 8, KEY, SMALL)
FIRST = Attempt(JOB_ID, 1, "w-1-a", "e", "p-1", 1.0, 2.0, "superseded")
SECOND = Attempt(JOB_ID, 2, "w-2-b", "e", "p-1", 2.0, 3.0, "succeeded")
DELIVERY = Delivery("d-1", JOB_ID, JobState.COMPLETED, "http://sink", {}, tries=1, is_done=True)


def event(number: int, state: JobState, kind: str = "state") -> Event:
    return Event(JOB_ID, number, float(number), kind, {"state": state} if kind != "progress" else {})


EVENTS = (
    event(1, JobState.QUEUED),
    event(2, JobState.PREPROCESSING),
    event(3, JobState.GENERATING),
    event(9, JobState.GENERATING, "progress"),
    event(10, JobState.POSTPROCESSING),
    event(11, JobState.COMPLETED),
)
RECORD = Record(
    job=Job(JOB_ID, JobState.COMPLETED, attempt=2, last_event=11, metadata={"order": 0}),
    attempts=(FIRST, SECOND),
    events=EVENTS,
    artifacts=(ARTIFACT,),
    made=(ARTIFACT,),
    deliveries=(DELIVERY,),
    told=(Told("d-1", "completed", 0), Told("d-1", "completed", 0)),
)


def evidence(record: Record = RECORD, *, order: Order = ORDER, **changes: Any) -> Evidence:
    found = Evidence(
        orders=[order],
        acknowledged={order.key: frozenset({JOB_ID})},
        records={JOB_ID: record},
        files={KEY: "abc", SMALL: "def"},
        queues={"engine-0": []},
    )
    return replace(found, **changes)


def with_job(**changes: Any) -> Record:
    return replace(RECORD, job=replace(RECORD.job, **changes))


def failed(code: str) -> Record:
    events = (*EVENTS[:3], event(4, JobState.FAILED))
    told = (Told("d-1", "failed", 0),)
    job = replace(RECORD.job, state=JobState.FAILED, failure=JobFailure(code, "so"), last_event=4)
    attempts = (FIRST, replace(SECOND, ending="failed"))
    return Record(job, attempts, events, deliveries=(DELIVERY,), told=told)


def cancelled(*, told: Sequence[Told] = (Told("d-1", "cancelled", 0),)) -> Record:
    job = replace(RECORD.job, state=JobState.CANCELLED, last_event=2, attempt=0)
    return Record(job, (), (EVENTS[0], event(2, JobState.CANCELLED)), deliveries=(DELIVERY,), told=told)


def dead_letter(*, tries: int = TRIES) -> Record:
    return replace(RECORD, deliveries=(replace(DELIVERY, is_done=False, tries=tries, error="it said no"),))


JUDGED = replace(ORDER, kind=Kind.JUDGED)
TAKES = (Take(number=1, passed=False, attempt=1, reason="it is black"), Take(number=2, passed=True, attempt=2))


def judged(*takes: Take, result: int = 2, made: Sequence[int] = (1, 2), **changes: Any) -> Evidence:
    pictures = [replace(ARTIFACT, artifact_id=f"x{number}", take=number) for number in made]
    record = replace(
        with_job(quality=summary(takes), take=result),
        attempts=(replace(FIRST, ending="rejected"), SECOND),
        takes=takes,
        artifacts=[replace(ARTIFACT, take=result)],
        made=pictures,
    )
    return evidence(replace(record, **changes), order=JUDGED)


def test_nothing_is_wrong_where_everything_is_as_it_should_be() -> None:
    assert check(evidence()) == []
    assert check(evidence(failed("prompt_rejected"), order=replace(ORDER, kind=Kind.REFUSED), files={})) == []
    assert check(evidence(cancelled(), asked=frozenset({JOB_ID}), cancelled=frozenset({JOB_ID}), files={})) == []
    assert check(judged(*TAKES)) == []


def test_webhook_that_nobody_ever_takes_is_to_become_a_dead_letter() -> None:
    assert check(evidence(dead_letter(), deaf_to=frozenset({0}))) == []


def test_order_that_was_refused_needs_no_job() -> None:
    nothing = evidence(acknowledged={}, refused=frozenset({ORDER.key}), files={})
    assert check(replace(nothing, records={})) == []


def test_files_of_a_job_that_was_cancelled_are_no_orphans() -> None:
    assert check(evidence(cancelled(), asked=frozenset({JOB_ID}))) == []


@pytest.mark.parametrize(
    ("rule", "make"),
    [
        ("handed in", lambda: evidence(acknowledged={})),
        ("one job a key", lambda: evidence(acknowledged={ORDER.key: frozenset({JOB_ID, "other"})})),
        ("one job a key", lambda: evidence(records={JOB_ID: RECORD, "other": RECORD})),
        ("nothing lost", lambda: evidence(records={})),
        ("right end", lambda: evidence(with_job(state=JobState.GENERATING))),
        ("right end", lambda: evidence(cancelled())),
        ("right end", lambda: evidence(cancelled=frozenset({JOB_ID}))),
        ("right end", lambda: evidence(failed("internal"))),
        ("right end", lambda: evidence(failed("internal"), order=replace(ORDER, kind=Kind.REFUSED))),
        ("right end", lambda: evidence(with_job(state=JobState.FAILED), order=replace(ORDER, kind=Kind.REFUSED))),
        ("attempts", lambda: evidence(with_job(attempt=3))),
        ("attempts", lambda: evidence(replace(RECORD, attempts=(FIRST, replace(SECOND, ended=None, ending=None))))),
        ("attempts", lambda: evidence(replace(RECORD, attempts=(replace(FIRST, ending="succeeded"), SECOND)))),
        ("followed on", lambda: evidence(replace(RECORD, attempts=(FIRST, replace(SECOND, prompt_id="p-2"))))),
        ("events", lambda: evidence(replace(RECORD, events=()))),
        ("events", lambda: evidence(replace(RECORD, events=EVENTS[1:]))),
        ("events", lambda: evidence(with_job(last_event=12))),
        ("events", lambda: evidence(replace(RECORD, events=(EVENTS[0], *EVENTS)))),
        ("events", lambda: evidence(replace(RECORD, events=(EVENTS[0], *EVENTS[2:])))),
        ("events", lambda: evidence(replace(RECORD, events=(*EVENTS[:3], *EVENTS[5:])))),
        ("events", lambda: evidence(replace(RECORD, events=(*EVENTS[:5], event(11, JobState.PARTIAL))))),
        ("artifacts", lambda: evidence(replace(RECORD, artifacts=()))),
        ("artifacts", lambda: evidence(replace(RECORD, artifacts=(ARTIFACT, ARTIFACT)))),
        ("takes", lambda: judged(TAKES[0])),
        ("takes", lambda: judged(TAKES[1])),
        ("takes", lambda: judged(*TAKES, result=1)),
        ("takes", lambda: judged(*TAKES, made=(2,))),
        ("takes", lambda: judged(*TAKES, made=(1, 2, 2))),
        ("takes", lambda: judged(*TAKES, job=replace(RECORD.job, quality=summary(TAKES[:1]), take=2))),
        ("takes", lambda: judged(TAKES[0], replace(TAKES[1], number=3))),
        ("takes", lambda: replace(judged(*TAKES), orders=[replace(ORDER, kind=Kind.BLACK)])),
        ("attempts", lambda: judged(*TAKES, attempts=(replace(FIRST, ending="failed"), SECOND))),
        ("artifacts", lambda: evidence(files={SMALL: "def"})),
        ("artifacts", lambda: evidence(files={KEY: "other", SMALL: "def"})),
        ("artifacts", lambda: evidence(files={KEY: "abc"})),
        ("webhooks", lambda: evidence(replace(RECORD, told=()))),
        ("webhooks", lambda: evidence(replace(RECORD, told=(*RECORD.told, Told("d-2", "completed", 0))))),
        ("webhooks", lambda: evidence(replace(RECORD, told=(Told("d-1", "failed", 0),)))),
        ("webhooks", lambda: evidence(replace(RECORD, deliveries=(replace(DELIVERY, is_done=False),)))),
        ("webhooks", lambda: evidence(replace(RECORD, told=(Told("d-1", "completed", 0, is_taken=False),)))),
        ("webhooks", lambda: evidence(replace(RECORD, told=(Told("d-1", "completed", 0, is_signed=False),)))),
        ("webhooks", lambda: evidence(deaf_to=frozenset({0}))),
        ("webhooks", lambda: evidence(dead_letter(tries=TRIES - 1), deaf_to=frozenset({0}))),
        ("no orphans", lambda: evidence(files={KEY: "abc", SMALL: "def", "7d/stranger.png": "ghi"})),
        ("engines", lambda: evidence(queues={"engine-0": None})),
        ("engines", lambda: evidence(queues={"engine-0": ["p-1"]})),
        ("no bugs", lambda: evidence(cries=["worker-0: KeyError: 'x'"])),
    ],
)
def test_broken_promise_is_found(rule: str, make: Callable[[], Evidence]) -> None:
    assert rule in {violation.rule for violation in check(make())}


def test_job_that_was_in_nobodys_hands_for_long_is_found() -> None:
    assert check_take_overs([1.0, TAKE_OVER]) == []
    assert [violation.rule for violation in check_take_overs([1.0, TAKE_OVER + 1])] == ["taken over"]
