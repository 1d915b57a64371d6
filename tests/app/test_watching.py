"""Many who watch one job: each sees all of it, and it is read once."""

import asyncio
import time
from dataclasses import replace

import pytest

from comfy_gen.app import open_queue
from comfy_gen.config import Settings
from comfy_gen.errors import JobNotFoundError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish, Selection
from comfy_gen.jobs.request import JobRequest

GRAPH = {"1": {"class_type": "EmptyImage", "inputs": {}}}


@pytest.fixture
async def queue(tmp_path):
    settings = replace(Settings(), jobs=replace(Settings().jobs, data_dir=tmp_path))
    async with asyncio.timeout(20), open_queue(settings) as queue:
        yield queue


async def accepted(queue):
    (one,) = await queue.submit([JobRequest(GRAPH)])
    return one.job.job_id


async def claim(queue, job_id):
    claimed = await queue.store.claim(job_id, worker="w", engine="e", prompt_id="p", now=time.time())
    assert claimed is not None
    return claimed.attempt


async def finish(queue, job_id):
    attempt = await claim(queue, job_id)
    for state in (JobState.GENERATING, JobState.POSTPROCESSING):
        await queue.store.advance(job_id, attempt, state, now=time.time())
    await queue.store.finish(job_id, attempt, Finish(JobState.COMPLETED), now=time.time())


class Counting:
    """A store whose news are counted."""

    def __init__(self, store):
        self.store = store
        self.asked = []

    async def news(self, job_id, after):
        self.asked.append(after)
        return await self.store.news(job_id, after)


async def test_a_hundred_who_watch_the_same_job_have_it_read_once(queue):
    job_id = await accepted(queue)
    counting = queue.watching._store = Counting(queue.store)
    first = [anext(queue.watching.news(job_id)) for _ in range(100)]
    found = await asyncio.gather(*first)
    assert len({id(news) for news in found}) == 1
    assert counting.asked == [0]


async def test_all_who_watch_see_every_state(queue):
    job_id = await accepted(queue)

    async def watch():
        return [event.data["state"] async for event in queue.watch(job_id)]

    watching = [asyncio.create_task(watch()) for _ in range(5)]
    await finish(queue, job_id)
    states = ["queued", "preprocessing", "generating", "postprocessing", "completed"]
    assert await asyncio.gather(*watching) == [states] * 5


async def test_nobody_who_has_left_is_told(queue):
    job_id = await accepted(queue)
    news = queue.watching.news(job_id)
    await anext(news)
    await news.aclose()
    assert not queue.watching._watched


async def test_end_comes_with_the_job_as_it_is_then(queue):
    job_id = await accepted(queue)
    waiting = asyncio.create_task(queue.watching.end(job_id))
    await finish(queue, job_id)
    assert (await waiting).state is JobState.COMPLETED
    assert (await queue.watching.end(job_id)).state is JobState.COMPLETED


async def test_watching_a_job_that_is_deleted_says_so(queue):
    job_id = await accepted(queue)
    news = queue.watching.news(job_id)
    await anext(news)
    await queue.store.cancel(Selection([job_id]), now=time.time())
    await queue.store.delete(Selection([job_id]))
    with pytest.raises(JobNotFoundError):
        async for _ in news:
            pass
    with pytest.raises(JobNotFoundError):
        await queue.watching.end(job_id)


async def test_preview_is_news_without_an_event(queue):
    job_id = await accepted(queue)
    news = queue.watching.news(job_id)
    first = await anext(news)
    queue.previews.put(job_id, b"frame", "image/jpeg")
    second = await anext(news)
    assert [len(first.events), len(second.events)] == [1, 0]
