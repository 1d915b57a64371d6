"""Clients of the HTTP service, in the harness's own loop: they submit under keys, follow streams, ask for results.

They behave as a careful program does. What is not answered is sent again under the same key; a stream that breaks is
taken up after the last event that was seen; a result is asked for until it is there.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from comfy_gen.jobs.job import JobState
from tests.chaos.checker import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.chaos.evidence import Evidence, Record
    from tests.chaos.orders import Order
    from tests.chaos.submitter import Task

_AT_ONCE = 24
_PAUSE = 0.5
_ANSWER = aiohttp.ClientTimeout(total=60.0)
_STREAM = aiohttp.ClientTimeout(total=None, sock_connect=5.0, sock_read=40.0)
_TROUBLES = (aiohttp.ClientError, OSError, TimeoutError, ValueError)


@dataclass(slots=True)
class Visit:
    """What one client was told of its job."""

    job_id: str
    numbers: list[int] = field(default_factory=list[int])
    """Of the events, as they came."""
    cuts: int = 0
    """How often its stream ended before the job did."""
    ending: str = ""
    """The state that it was told at last."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One request that was answered."""

    at: float
    """Seconds since 1970."""
    seconds: float
    """How long it took."""


@dataclass(slots=True)
class Ledger:
    """What all clients of one service were told."""

    visits: dict[str, Visit] = field(default_factory=dict[str, Visit])
    """By job; of those that followed a stream, and those that asked."""
    repeats: int = 0
    """Requests that were sent again, for nobody had answered."""
    refusals: int = 0
    """Answers of 5xx."""
    answers: list[Answered] = field(default_factory=list["Answered"])


class Visitors:
    """One share of the orders, each with a client of its own: a `monkey.Submitter`."""

    def __init__(self, url: str, task: Task, ledger: Ledger) -> None:
        self.cries: Sequence[str] = ()
        self._url = url
        self._task = task
        self._ledger = ledger
        self._underway: asyncio.Task[None] | None = None
        self._limit = asyncio.Semaphore(_AT_ONCE)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def status(self) -> int | None:
        """See `Submitter.status`; a bug in a client is raised here."""
        if self._underway is None or not self._underway.done():
            return None
        self._underway.result()
        return 0

    def start(self) -> None:
        """See `Submitter.start`."""
        if self._underway is None:
            self._underway = asyncio.create_task(self._visit_all())

    def kill(self) -> None:
        """See `Submitter.kill`."""
        if self._underway is not None:
            self._underway.cancel()

    async def _visit_all(self) -> None:
        orders = self._task.orders
        while not await answers(self._url):
            await asyncio.sleep(_PAUSE)
        async with aiohttp.ClientSession(self._url, timeout=_ANSWER) as session, asyncio.TaskGroup() as group:
            for order in orders:
                group.create_task(self._visit(session, order))
                await asyncio.sleep(self._task.seconds / len(orders))

    async def _visit(self, session: aiohttp.ClientSession, order: Order) -> None:
        async with self._limit:
            job_id = await self._submit(session, order)
        if job_id:
            visit = self._ledger.visits.setdefault(job_id, Visit(job_id))
            await (self._follow(session, visit) if order.number % 2 else self._poll(session, visit))

    async def _submit(self, session: aiohttp.ClientSession, order: Order) -> str:
        """Hand in an order until it is accepted, and write down that it was; return nothing where it is refused."""
        body, headers = _body_of(order, self._task.webhook), {"Idempotency-Key": order.key}
        while True:
            answer = await self._ask(session, "POST", "/generate", json=body, headers=headers)
            if answer is None:
                self._ledger.repeats += 1
                await asyncio.sleep(_PAUSE)
            elif "error" in answer and not answer.get("id"):
                return self._write({"key": order.key, "refused": _refusal_in(answer, order)})
            else:
                return self._write({"key": order.key, "job_id": answer["id"]})

    def _write(self, entry: Mapping[str, str]) -> str:
        with self._task.log.open("a") as log:
            log.write(f"{json.dumps(entry)}\n")
        return entry.get("job_id", "")

    async def _poll(self, session: aiohttp.ClientSession, visit: Visit) -> None:
        while not visit.ending:
            answer = await self._ask(session, "GET", f"/result/{visit.job_id}")
            if answer is not None and JobState(answer["state"]).is_end:
                visit.ending = answer["state"]
            await asyncio.sleep(_PAUSE)

    async def _ask(self, session: aiohttp.ClientSession, method: str, path: str, **how: Any) -> Any:
        """Return what is answered; None if nothing is, or that the service cannot for now."""
        began = time.time()
        try:
            async with session.request(method, path, **how) as answer:
                if answer.status >= 500:
                    self._ledger.refusals += 1
                    return None
                content = await answer.json()
        except _TROUBLES:
            return None
        self._ledger.answers.append(Answered(began, time.time() - began))
        return content

    async def _follow(self, session: aiohttp.ClientSession, visit: Visit) -> None:
        """Follow a job's events to the last, from wherever the stream broke off."""
        while not visit.ending:
            last = {"Last-Event-ID": str(visit.numbers[-1])} if visit.numbers else {}
            try:
                async with session.get(
                    f"/jobs/{visit.job_id}/events?previews=none", headers=last, timeout=_STREAM
                ) as stream:
                    await _read_stream(stream, visit)
            except _TROUBLES:
                pass
            if not visit.ending:
                visit.cuts += 1
                await asyncio.sleep(_PAUSE)


async def _read_stream(stream: aiohttp.ClientResponse, visit: Visit) -> None:
    kind, number = "", ""
    async for line in stream.content:
        name, _, value = line.decode().rstrip("\r\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "id":
            number = value
        elif name == "data" and kind == "end":
            visit.ending = json.loads(value)["state"]
        elif not name and number and kind != "end":
            visit.numbers.append(int(number))
            number = ""


def _refusal_in(answer: Mapping[str, Any], order: Order) -> str:
    """Return why an order was refused: as its job would have failed, for nothing else may be refused.

    Raises:
        AssertionError: it is for another reason.
    """
    code = str(answer["error"]["code"])
    if code != order.outcome.code:
        raise AssertionError(f"{order.key}, {order.kind}: {answer}")
    return code


def _body_of(order: Order, webhook: str) -> Mapping[str, Any]:
    """Return an order as the HTTP service takes it."""
    request = order.request(webhook)
    judged = {"validate": True, "auto_retry": True, "retry_limit": 3} if order.outcome.is_judged else {}
    what = {
        "workflow_json": order.graph,
        "webhook": {"url": webhook, "extra_params": {"order": order.number}},
        "title": request.title,
        "priority": order.priority,
        "metadata": {"order": order.number},
    }
    return {"input": {**what, **judged}}


async def answers(url: str) -> bool:
    """Tell whether a service accepts jobs."""
    try:
        async with aiohttp.ClientSession(url, timeout=_ANSWER) as session, session.get("/ready") as answer:
            return answer.status == 200
    except _TROUBLES:
        return False


def check_visits(ledger: Ledger, evidence: Evidence) -> Iterator[Violation]:
    """Yield what clients were told that is not so, and what they were not told."""
    for job_id, visit in ledger.visits.items():
        record = evidence.records.get(job_id)
        if record is None:
            continue  # that it is lost, others say
        if visit.ending != record.job.state:
            yield Violation("told the end", job_id, f"a client was told {visit.ending!r}, it is {record.job.state}")
        if visit.numbers:
            yield from _check_numbers(visit, record)


def _check_numbers(visit: Visit, record: Record) -> Iterator[Violation]:
    if visit.numbers != sorted(set(visit.numbers)):
        yield Violation("streams", visit.job_id, f"event ids do not only grow: {visit.numbers}")
    states = {event.number for event in record.events if event.type == "state"}
    if missed := states - set(visit.numbers):
        yield Violation("streams", visit.job_id, f"a client was never told of events {sorted(missed)}")
