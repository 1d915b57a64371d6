"""Requests are prepared where they keep nobody waiting, and accepted together."""

import asyncio
import threading
from dataclasses import dataclass, field

import pytest

from comfy_gen.errors import InvalidParameterError, QueueFullError
from comfy_gen.jobs import intake
from comfy_gen.jobs.intake import Intake, prepare_all
from comfy_gen.jobs.request import JobRequest
from comfy_gen.jobs.sql.acceptance import prepare


def request(text="a fox", **said):
    return JobRequest({"1": {"class_type": "CLIPTextEncode", "inputs": {"text": text}}}, **said)


# --- preparing


@pytest.fixture
def threads(monkeypatch):
    """The threads that requests were prepared on, one for each."""
    threads = []

    def noting(request, *, now):
        threads.append(threading.current_thread())
        return prepare(request, now=now)

    monkeypatch.setattr(intake, "prepare", noting)
    return threads


@pytest.mark.parametrize(
    ("requests", "on_loop"),
    [
        ([request()] * 4, True),
        ([request()] * 5, False),
        ([request("x " * 5_000)], True),
        ([request(), request("x " * 5_001)], False),
    ],
    ids=["few", "many", "as long as may be", "long"],
)
async def test_what_takes_long_is_prepared_off_the_loop(threads, requests, on_loop):
    prepared = await prepare_all(requests, now=3.0)
    assert [one.request for one in prepared] == requests
    assert {one.now for one in prepared} == {3.0}
    assert {thread is threading.current_thread() for thread in threads} == {on_loop}


async def test_none_is_no_work():
    assert list(await prepare_all([], now=1.0)) == []


@pytest.mark.parametrize("count", [1, 9])
async def test_first_that_cannot_be_accepted_is_told(count):
    with pytest.raises(InvalidParameterError):
        await prepare_all([*[request()] * count, request(priority=1_000)], now=1.0)


# --- accepting


@dataclass
class Desk:
    """Accepts batches once it is let to; writes down what each was made of."""

    batches: list[list[str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    error: BaseException | None = None
    bad: str = "bad"

    async def accept_all(self, some):
        self.batches.append([one.request.title for one in some])
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        if self.bad in self.batches[-1]:
            raise QueueFullError(1, 1)
        return [f"accepted {one.request.title}" for one in some]


async def accepting(desk, *titles):
    """Have requests accepted at once, of which the first is being committed before the others come."""
    intake = Intake(desk.accept_all)
    tasks = []
    for title in titles:
        tasks.append(asyncio.create_task(intake.accept(prepare(request(title=title), now=1.0))))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return intake, tasks


async def test_those_that_come_during_a_commit_share_the_next(monkeypatch):
    monkeypatch.setattr(intake, "_MOST", 2)
    desk = Desk()
    _, tasks = await accepting(desk, "a", "b", "c", "d")
    desk.gate.set()
    assert await asyncio.gather(*tasks) == ["accepted a", "accepted b", "accepted c", "accepted d"]
    assert desk.batches == [["a"], ["b", "c"], ["d"]]


async def test_fault_of_one_is_not_that_of_the_others():
    desk = Desk()
    _, tasks = await accepting(desk, "a", "bad", "c")
    desk.gate.set()
    first, bad, last = await asyncio.gather(*tasks, return_exceptions=True)
    assert (first, last) == ("accepted a", "accepted c")
    assert isinstance(bad, QueueFullError)
    assert desk.batches == [["a"], ["bad", "c"], ["bad"], ["c"]]


async def test_what_nobody_foresaw_is_told_to_all_and_the_next_is_accepted():
    desk = Desk(error=OSError("the disk is gone"))
    taking, tasks = await accepting(desk, "a", "b")
    desk.gate.set()
    assert [str(error) for error in await asyncio.gather(*tasks, return_exceptions=True)] == ["the disk is gone"] * 2
    desk.error = None
    assert await taking.accept(prepare(request(title="c"), now=1.0)) == "accepted c"


async def test_caller_that_left_keeps_nobody_from_an_answer():
    desk = Desk()
    _, (first, second) = await accepting(desk, "a", "b")
    first.cancel()
    desk.gate.set()
    assert await second == "accepted b"
    assert first.cancelled()


async def test_those_that_wait_are_cancelled_with_the_commit():
    desk = Desk(error=asyncio.CancelledError())
    _, tasks = await accepting(desk, "a")
    desk.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
