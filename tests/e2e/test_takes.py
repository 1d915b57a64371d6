"""Takes that lack something, and those that are cut short: which of them is the result, and what stays of them."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from comfy_gen.app import open_service
from comfy_gen.app.deleting import delete_jobs
from comfy_gen.config import Settings
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Selection, Taken
from comfy_gen.jobs.request import JobRequest
from comfy_gen.sandbox import Sandbox, SandboxOptions
from comfy_gen.sandbox.faults import Fault, Kind
from comfy_gen.storage.local import LocalStore
from comfy_gen.validation.gate import Gate
from comfy_gen.validation.quality import Quality
from comfy_gen.validation.safety import Verdict
from comfy_gen.validation.takes import Take
from comfy_gen.validation.thresholds import Thresholds
from comfy_gen.workflows.edits import set_batch
from tests.e2e.conftest import serving
from tests.e2e.test_quality import Scripted, followed, painted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from PIL import Image

    from comfy_gen.app import JobQueue
    from comfy_gen.validation.scoring.scorer import Score

RETRYING = Quality(auto_retry=True, retry_limit=2)


class Guard:
    """Lets pictures pass as a test says, one after the other, and all that follow."""

    def __init__(self, *answers: bool) -> None:
        self._answers = list(answers)

    async def check(self, _: Image.Image) -> Verdict:
        if not self._answers or self._answers.pop(0):
            return Verdict(passed=True, score=0.1)
        return Verdict(passed=False, score=0.9, reason="it shows too much")


class Slow(Scripted):
    """Scores once it is let."""

    def __init__(self) -> None:
        super().__init__(0.5)
        self.is_asked, self.is_let = asyncio.Event(), asyncio.Event()

    async def scores(self, pictures: Sequence[Image.Image], prompt: str, negative_prompt: str) -> list[Score]:
        self.is_asked.set()
        await self.is_let.wait()
        return await super().scores(pictures, prompt, negative_prompt)


@asynccontextmanager
async def at_work(
    folder: Path,
    *answers: bool,
    faults: tuple[Fault, ...] = (),
    scorer: Scripted | None = None,
    most_attempts: int = 30,
) -> AsyncGenerator[JobQueue]:
    usual = Settings()
    async with Sandbox(SandboxOptions(faults=faults)) as engine:
        settings = replace(
            usual,
            fleet=replace(usual.fleet, engines=f"e0={engine.url}"),
            jobs=replace(usual.jobs, data_dir=folder / "data"),
            quality=replace(usual.quality, model="none"),
        )
        async with serving(settings) as (queue, worker):
            options = worker._bench.options
            worker._bench.options = replace(options, retry=replace(options.retry, most_attempts=most_attempts))
            worker._bench.safety = Guard(*answers)
            if scorer is not None:
                worker._bench.gate = Gate(Thresholds(None), scorer)
            yield queue


async def ended(queue: JobQueue, graph: Any = None, quality: Quality = RETRYING) -> Any:
    (accepted,) = await queue.submit([JobRequest(graph or painted(), tier="general", quality=quality)])
    return await followed(queue, accepted.job.job_id)


async def results(queue: JobQueue, job: Any) -> list[int]:
    return [one.take for one in await queue.store.artifacts(job.job_id)]


def with_bad_output() -> Any:
    """Return a graph of whose two outputs the engine drops one."""
    graph = painted()
    decoder = next(node_id for node_id, node in graph.items() if node["class_type"] == "VAEDecode")
    scale = {"image": [decoder, 0], "upscale_method": "area", "scale_by": 1000.0}
    graph["90"] = {"class_type": "ImageScaleBy", "inputs": scale}
    graph["91"] = {"class_type": "SaveImage", "inputs": {"images": ["90", 0], "filename_prefix": "bad"}}
    return graph


async def test_take_that_may_not_be_shown_is_never_preferred_to_one_with_flaws(tmp_path: Path):
    async with at_work(tmp_path, False, faults=(Fault(Kind.BLACK_PICTURES, nth=2),)) as queue:
        job = await ended(queue)
        assert await results(queue, job) == [2]
    assert (job.state, job.quality["passed"], job.take) == (JobState.COMPLETED, False, 2)
    assert "black" in job.quality["reason"]


async def test_job_is_whole_where_only_a_take_that_was_not_chosen_is_withheld(tmp_path: Path):
    async with at_work(tmp_path, True, False, scorer=Scripted(0.2)) as queue:
        job = await ended(queue)
        takes = await queue.store.takes(job.job_id)
        assert await results(queue, job) == [1]
    assert (job.state, job.notes) == (JobState.COMPLETED, ())
    assert [list(take.lacks) for take in takes] == [[], ["1 of 1 pictures was withheld: it shows too much"]]


async def test_job_fails_where_no_take_may_be_shown(tmp_path: Path):
    async with at_work(tmp_path, False, False) as queue:
        job = await ended(queue)
        takes = await queue.store.takes(job.job_id)
        assert await results(queue, job) == []
    assert (job.state, job.failure.code) == (JobState.FAILED, "picture_withheld")
    assert [take.passed for take in takes] == [False, False]


async def test_job_is_partial_where_the_take_that_was_chosen_is(tmp_path: Path):
    async with at_work(tmp_path, scorer=Scripted(0.2, 0.1)) as queue:
        job = await ended(queue, with_bad_output())
        assert await results(queue, job) == [1]
    assert (job.state, job.take) == (JobState.PARTIAL, 1)
    assert [note for note in job.notes if "scale_by" in note]


async def test_retry_of_a_part_gives_the_whole_where_its_engine_makes_that(tmp_path: Path):
    once = Quality(positive_threshold=0.15)
    # One of the two pictures is withheld; the whole one is less like the prompt.
    graph = set_batch(painted(), 2)
    async with at_work(tmp_path, True, False, scorer=Scripted(0.1, 0.09)) as queue:
        job = await ended(queue, graph, once)
        assert (job.state, await results(queue, job)) == (JobState.PARTIAL, [1])
        await queue.store.retry(Selection([job.job_id]), now=time.time())
        job = await followed(queue, job.job_id)
        assert (job.state, await results(queue, job)) == (JobState.COMPLETED, [2, 2])


async def test_files_of_a_take_that_is_cancelled_while_it_is_judged_are_found_again(tmp_path: Path):
    slow = Slow()
    async with at_work(tmp_path, scorer=slow) as queue:
        (accepted,) = await queue.submit([JobRequest(painted(), quality=RETRYING)])
        job_id = accepted.job.job_id
        async with asyncio.timeout(10):
            await slow.is_asked.wait()
            await queue.store.cancel(Selection([job_id]), now=time.time())
        job = await followed(queue, job_id)
        assert job.state is JobState.CANCELLED
        folder = tmp_path / "data" / "artifacts"
        assert len(list(folder.rglob(f"{job_id}*"))) == 2  # the picture, and a small one
        await delete_jobs(queue.store, await LocalStore.open(folder), Selection([job_id]))
        assert list(folder.rglob(f"{job_id}*")) == []


async def test_take_is_of_the_moment_it_was_done(tmp_path: Path):
    slow = Slow()
    async with at_work(tmp_path, scorer=slow) as queue:
        (accepted,) = await queue.submit([JobRequest(painted(), quality=RETRYING)])
        async with asyncio.timeout(10):
            await slow.is_asked.wait()
        before = time.time()
        slow.is_let.set()
        job = await followed(queue, accepted.job.job_id)
        (take,) = await queue.store.takes(job.job_id)
    assert before <= take.at <= time.time()


async def test_takes_are_no_sign_that_a_job_brings_down_its_workers(tmp_path: Path):
    async with at_work(tmp_path) as queue:  # makes the tables, and knows the engine
        await queue.store.set_paused(True)
        many = Quality(auto_retry=True, retry_limit=9)
        (accepted,) = await queue.submit([JobRequest(painted(), quality=many)])
    job_id = accepted.job.job_id
    settings = replace(Settings(), jobs=replace(Settings().jobs, data_dir=tmp_path / "data"))
    async with open_service(settings) as (queue, _):
        await queue.store.set_paused(False)
        for number in range(1, 6):
            claim = {"worker": "w", "engine": "e0", "prompt_id": f"p{number}", "now": time.time()}
            claimed = await queue.store.claim(job_id, **claim)
            made = Taken(Take(number=number, passed=False, lacks=[], verdicts=[{"passed": False}]))
            if number < 5:  # the worker dies over the fifth
                await queue.store.requeue(job_id, claimed.attempt, None, now=time.time(), taken=made)
    async with at_work(tmp_path, most_attempts=3) as queue:
        job = await followed(queue, job_id)
        attempts = await queue.store.attempts(job_id)
    assert (job.state, job.quality["takes"]) == (JobState.COMPLETED, 5)
    assert [one.ending for one in attempts[-2:]] == ["superseded", "succeeded"]
