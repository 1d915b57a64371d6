import asyncio

from comfy_gen.jobs.job import JobId
from comfy_gen.jobs.records import Report
from comfy_gen.jobs.work.reports import Reports


def report(job_id: str, fraction: float) -> Report:
    return Report(JobId(job_id), 1, fraction)


async def test_only_the_newest_of_each_job_is_told():
    told: list[list[Report]] = []

    async def tell(reports):
        told.append(list(reports))

    reports = Reports(tell)
    for number in range(10):
        reports.put(report("a", number / 10))
    reports.put(report("b", 0.5))
    await reports.flush()
    await reports.flush()
    assert told == [[report("a", 0.9), report("b", 0.5)]]


async def test_what_comes_while_the_store_is_busy_is_told_next():
    told: list[list[Report]] = []
    second = asyncio.Event()

    async def tell(reports):
        told.append(list(reports))
        if len(told) == 1:
            running.put(report("a", 1.0))
        else:
            second.set()

    running = Reports(tell, every=0.0)
    task = asyncio.create_task(running.run())
    running.put(report("a", 0.0))
    async with asyncio.timeout(5):
        await second.wait()
    task.cancel()
    assert [one[0].fraction for one in told] == [0.0, 1.0]


async def test_nothing_is_told_of_a_job_that_was_dropped():
    told: list[list[Report]] = []

    async def tell(reports):
        told.append(list(reports))

    reports = Reports(tell)
    reports.put(report("a", 0.5))
    reports.put(report("b", 0.5))
    reports.drop(JobId("a"))
    reports.drop(JobId("never heard of"))
    await reports.flush()
    assert told == [[report("b", 0.5)]]
