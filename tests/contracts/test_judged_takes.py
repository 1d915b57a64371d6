"""The takes of all jobs, in the order in which they were made, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.jobs.sql.judged import judged_after
from tests.contracts.test_takes import asked, end, reject, take

if TYPE_CHECKING:
    from comfy_gen.jobs.sql.judged import Judged
    from tests.contracts.job_stores import Desk


async def judged(desk: Desk, at: float = 0.0, job_id: str = "", number: int = 0, limit: int = 100) -> list[Judged]:
    return await desk.store.transactions.read(lambda connection: judged_after(connection, at, job_id, number, limit))


async def test_takes_are_told_with_what_is_counted_of_them(desk: Desk):
    job_id = await asked(desk)
    first, second = take(1), take(2, passed=True)
    await reject(desk, job_id, first)
    await end(desk, job_id, [first, second])
    told = await judged(desk)
    assert [(one.job_id, one.number, one.passed, one.at) for one in told] == [
        (job_id, 1, False, 1001.0),
        (job_id, 2, True, 1002.0),
    ]
    assert {one.template for one in told} == {"sd15"}
    assert all(one.model.endswith(".safetensors") for one in told)


async def test_takes_of_one_moment_are_told_by_job_and_number_and_page_by_page(desk: Desk):
    jobs = sorted([await asked(desk), await asked(desk)])
    for job_id in jobs:
        await reject(desk, job_id, take(1, at=50.0))
        await reject(desk, job_id, take(2, at=50.0))
    await reject(desk, jobs[0], take(3, passed=None, at=49.0))
    found, mark = [], (0.0, "", 0)
    while page := await judged(desk, *mark, limit=2):
        found += page
        mark = page[-1].at, page[-1].job_id, page[-1].number
    assert [(one.job_id, one.number) for one in found] == [
        (jobs[0], 3),
        *((job_id, number) for job_id in jobs for number in (1, 2)),
    ]
    assert found[0].passed is None
    assert await judged(desk, 50.0, "~") == []
