from __future__ import annotations

from dataclasses import replace

from comfy_gen.api import ended
from comfy_gen.api.ended import Mark, Once, end_mark, ended_jobs, take_mark
from comfy_gen.jobs.job import Job, JobState
from comfy_gen.jobs.sql.judged import Judged


class Endings:
    """Jobs that ended, in memory."""

    def __init__(self, *jobs):
        self.jobs = list(jobs)

    async def ended_after(self, ended, job_id="", limit=1000):
        after = [job for job in self.jobs if (job.ended, job.job_id) > (ended, job_id)]
        return sorted(after, key=end_mark)[:limit]


def job(name, at):
    return Job(name, JobState.COMPLETED, ended=at)


async def names(jobs):
    return [one.job_id for one in await jobs.take()]


async def test_each_end_is_told_of_once():
    store = Endings(job("before", 9.0), job("a", 11.0))
    jobs = ended_jobs(store, since=10.0)
    assert await names(jobs) == ["a"]
    store.jobs.append(job("b", 11.0))
    assert await names(jobs) == ["b"]
    assert await names(jobs) == []


async def test_end_that_turns_up_late_is_told_of():
    store = Endings(job("a", 100.0))
    jobs = ended_jobs(store, since=10.0)
    await jobs.take()
    store.jobs.append(job("late", 100.0 - ended.SETTLED / 2))
    assert await names(jobs) == ["late"]


async def test_job_that_was_retried_ends_again():
    store = Endings(job("a", 11.0))
    jobs = ended_jobs(store, since=10.0)
    await jobs.take()
    store.jobs = [replace(store.jobs[0], ended=12.0)]
    assert await names(jobs) == ["a"]


async def test_many_are_told_of_page_by_page(monkeypatch):
    monkeypatch.setattr(ended, "PAGE", 3)
    monkeypatch.setattr(ended, "MOST", 6)
    store = Endings(*(job(f"{number:02}", 11.0 + number // 2) for number in range(10)))
    jobs = ended_jobs(store, since=10.0)
    assert [len(await jobs.take()) for _ in range(3)] == [6, 4, 0]


async def test_old_ends_are_forgotten():
    store = Endings(job("a", 11.0))
    jobs = ended_jobs(store, since=10.0)
    await jobs.take()
    store.jobs.append(job("b", 1000.0))
    await jobs.take()
    assert len(jobs._told) == 1


async def test_takes_of_one_moment_are_told_apart_by_job_and_number():
    first = Judged(11.0, "a", 1, "sd15", "x.safetensors", passed=False)
    takes = [first, first._replace(number=2), first._replace(job_id="b")]

    async def after(mark, limit):
        return [one for one in takes if take_mark(one) > mark][:limit]

    news = Once(after, take_mark, since=10.0)
    assert await news.take() == takes
    takes.append(first._replace(number=3))
    assert await news.take() == takes[-1:]
    assert take_mark(first) == Mark(11.0, "a", 1)
