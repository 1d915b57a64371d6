"""What the asynchronous queue does beyond `tests/test_queue_manager.py`."""

from __future__ import annotations

import asyncio

import pytest

from comfy_gen.batch.dispatch import QueueOptions
from comfy_gen.batch.queue import AsyncQueueManager
from comfy_gen.errors import CorruptOutputError, InvalidParameterError
from comfy_gen.sandbox.faults import Fault
from tests.batch.conftest import finish, graph


async def test_what_is_collected_is_the_jobs(bench):
    async def collect(job, outcome, client):
        return (job.job_id, len(outcome.files), client.url)

    queue, (engine,) = await bench([], collect=collect)
    job = queue.add_job("a", graph())
    await finish(queue)
    assert job.collected == ("a", 1, engine.url)


async def test_engine_that_does_not_give_the_result_is_left_for_another(bench):
    refused = []

    async def collect(job, outcome, client):
        if not refused:
            refused.append(client.url)
            raise CorruptOutputError("x.png", "cut off")
        return client.url

    queue, _ = await bench([], [], collect=collect)
    job = queue.add_job("a", graph())
    await finish(queue)
    assert (job.status, job.attempts) == ("completed", 2)
    assert job.collected != refused[0]


async def test_bug_in_collect_costs_its_job_alone(bench):
    async def collect(job, outcome, client):
        return 1 / (job.job_id != "job_1")

    queue, _ = await bench([], collect=collect)
    jobs = queue.add_jobs_from_list([graph(i) for i in range(3)])
    await finish(queue)
    assert [job.status for job in jobs] == ["completed", "failed", "completed"]
    assert isinstance(jobs[1].error, ZeroDivisionError)


async def test_waits_between_attempts_get_longer(bench):
    slept, now = [], [1000.0]

    async def sleep(seconds):
        """Come back at once, much later."""
        await asyncio.sleep(0.01)
        slept.append(round(seconds, 3))
        now[0] += seconds

    # The watch would let time pass as well; without a grace that ends it never matters.
    options = QueueOptions(retry_delay=8, rest=1, look_every=0, grace=1e9)
    queue, _ = await bench([Fault("gpu_error", times=3)], options=options, clock=lambda: now[0], sleep=sleep)
    job = queue.add_job("a", graph())
    await finish(queue)
    assert (job.status, job.attempts) == ("completed", 4)
    assert now[0] >= 1000.0 + 8 + 16 + 32


async def test_memory_is_freed_where_it_ran_out(bench):
    queue, (engine,) = await bench([Fault("out_of_memory")])
    freed = []
    queue_free = queue._dispatcher.engines[engine.url].client.free

    async def free():
        freed.append(1)
        await queue_free()

    queue._dispatcher.engines[engine.url].client.free = free
    job = queue.add_job("a", graph())
    await finish(queue)
    assert (job.status, freed) == ("completed", [1])


async def test_job_of_an_engine_that_died_and_came_back_is_completed_once(bench):
    queue, (first, _) = await bench([], [], max_concurrent=1)
    completed = []
    queue.on("job_completed", completed.append)
    jobs = queue.add_jobs_from_list([graph(i) for i in range(12)])
    first.add_fault("die:nth=2,seconds=0.3")
    await finish(queue)
    assert len(completed) == len(set(completed)) == len(jobs)


async def test_engine_that_was_only_out_of_reach_is_asked_for_what_it_has(bench):
    queue, (engine,) = await bench([Fault("lose_answer", times=3)])
    jobs = queue.add_jobs_from_list([graph(i) for i in range(3)])
    await finish(queue)
    assert {job.status for job in jobs} == {"completed"}
    assert engine.prompts_received == 3


async def test_engine_named_twice_counts_once(bench):
    queue, (engine,) = await bench([])
    client = queue._dispatcher.engines[engine.url].client
    both = AsyncQueueManager([client, client], max_concurrent=2)
    assert list(both.get_statistics()["engines"]) == [engine.url]


async def test_queue_needs_a_client():
    with pytest.raises(InvalidParameterError, match="a client"):
        AsyncQueueManager([])


async def test_leaving_the_block_by_an_error_takes_running_jobs_back(bench):
    queue, (engine,) = await bench([Fault("slow", seconds=60)])
    running = asyncio.Event()
    queue._dispatcher.engines[engine.url].client.on("executing", lambda _: running.set())
    job = queue.add_job("a", graph())
    with pytest.raises(KeyError):
        async with queue:
            queue.start()
            await asyncio.wait_for(running.wait(), 5)
            raise KeyError
    assert (job.status, queue.left_behind) == ("queued", [])
