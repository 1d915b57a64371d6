"""The quality gate in jobs: from the first take to the one that is kept, over a sandbox that spoils pictures."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.app.building import requested_buckets
from comfy_gen.config import Settings
from comfy_gen.errors import StorageError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Selection
from comfy_gen.jobs.request import JobRequest
from comfy_gen.jobs.sql import claims
from comfy_gen.library.generations import Library
from comfy_gen.pipeline.retake import origin_of
from comfy_gen.sandbox import Sandbox, SandboxOptions
from comfy_gen.sandbox.faults import Fault, Kind
from comfy_gen.storage.seal import Login
from comfy_gen.validation.gate import Gate
from comfy_gen.validation.quality import Quality
from comfy_gen.validation.scoring.scorer import Score
from comfy_gen.validation.takes import changes
from comfy_gen.validation.thresholds import Thresholds
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import set_prompt, set_seed, set_size, set_steps
from tests.e2e.conftest import serving

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from PIL import Image

    from comfy_gen.app import JobQueue

PATIENCE = 30


class Scripted:
    """Scores pictures as a test says: one after the other, the last for all that follow."""

    model = "scripted"
    is_prepared = False

    def __init__(self, *positive: float) -> None:
        self._scores = list(positive)
        self.asked: list[tuple[str, str]] = []

    def prepare(self) -> None:
        self.is_prepared = True

    async def scores(self, pictures: Sequence[Image.Image], prompt: str, negative_prompt: str) -> list[Score]:
        self.asked.append((prompt, negative_prompt))
        return [self._next() for _ in pictures]

    def _next(self) -> Score:
        positive = self._scores.pop(0) if len(self._scores) > 1 else self._scores[0]
        return Score(positive, 0.1, round(positive - 0.1, 6))


def painted(seed: int = 1) -> Any:
    workflow = load_template("sd15").workflow
    set_prompt(workflow, "a lighthouse at dusk", "blurry")
    return set_seed(set_steps(set_size(workflow, 256, 256), 30), seed)


@pytest.fixture
def working(tmp_path):
    """Return what opens a queue with a worker over one sandbox."""

    @asynccontextmanager
    async def opened(*faults: Fault, scorer: Scripted | None = None, **jobs: Any) -> AsyncGenerator[JobQueue]:
        async with Sandbox(SandboxOptions(faults=faults)) as engine, at_work(tmp_path, engine, scorer, **jobs) as queue:
            yield queue

    return opened


@asynccontextmanager
async def at_work(
    folder: Path, engine: Sandbox, scorer: Scripted | None = None, **jobs: Any
) -> AsyncGenerator[JobQueue]:
    usual = Settings()
    settings = replace(
        usual,
        fleet=replace(usual.fleet, engines=f"e0={engine.url}"),
        jobs=replace(usual.jobs, data_dir=folder / "data", **jobs),
        quality=replace(usual.quality, model="none"),
    )
    async with serving(settings) as (queue, worker):
        if scorer is not None:
            worker._bench.gate = Gate(Thresholds(None), scorer)
        yield queue


async def ended(queue, quality: Quality, **more: Any):
    (accepted,) = await queue.submit([JobRequest(painted(), quality=quality, **more)])
    return await followed(queue, accepted.job.job_id)


async def followed(queue, job_id: str):
    async with asyncio.timeout(PATIENCE):
        async for _ in queue.watch(job_id):
            pass
    return await queue.store.get(job_id)


async def test_black_pictures_are_made_again_until_one_passes_and_all_stay(working):
    async with working(Fault(Kind.BLACK_PICTURES, times=2)) as queue:
        job = await ended(queue, Quality(auto_retry=True))
        takes = await queue.store.takes(job.job_id)
        attempts = await queue.store.attempts(job.job_id)
        everything = await queue.store.artifacts(job.job_id, every_take=True)
        result = await queue.store.artifacts(job.job_id)
        events = await queue.store.events(job.job_id)
    assert job.state is JobState.COMPLETED
    assert job.quality == {"passed": True, "score": None, "reason": "", "take": 3, "takes": 3}
    assert [take.passed for take in takes] == [False, False, True]
    assert all("black" in take.reason for take in takes[:2])
    assert [attempt.ending for attempt in attempts] == ["rejected", "rejected", "succeeded"]
    assert [one.take for one in everything] == [1, 2, 3]
    assert len({one.sha256 for one in everything}) >= 2
    assert [one.take for one in result] == [3]
    assert result[0].artifact_id == takes[2].verdicts[0]["artifact_id"]
    told = [event.data["take"]["passed"] for event in events if event.data.get("take")]
    assert told == [False, False, True]
    states = [event.data["state"] for event in events if event.type == "state"]
    assert states.count("queued") == 3
    assert states[-1] == "completed"


async def test_progressive_takes_have_the_documented_numbers_and_new_seeds(working):
    async with working(Fault(Kind.BLACK_PICTURES, times=2)) as queue:
        job = await ended(queue, Quality(auto_retry=True, retry_strategy="progressive"))
        first, second, third = await queue.store.takes(job.job_id)
    base = 7.0
    assert first.changes == {}
    assert (second.changes["steps"], second.changes["cfg"]) == (50, base + 0.5)
    assert (third.changes["steps"], third.changes["cfg"]) == (80, base + 1.0)
    assert len({1, second.changes["seed"], third.changes["seed"]}) == 3


async def test_best_is_the_result_where_none_passes_and_the_job_says_so(working):
    scorer = Scripted(0.10, 0.22, 0.15)
    async with working(scorer=scorer) as queue:
        job = await ended(queue, Quality(auto_retry=True, retry_strategy="prompt_enhance"))
        result = await queue.store.artifacts(job.job_id)
        generation = (await Library(queue.store.transactions).search()).generations[0]
        takes = await queue.store.takes(job.job_id)
    assert job.state is JobState.COMPLETED
    assert (job.quality["passed"], job.quality["score"], job.quality["take"]) == (False, 0.22, 2)
    assert "0.220" in job.quality["reason"]
    assert [one.take for one in result] == [2]
    assert set(scorer.asked) == {("a lighthouse at dusk", "blurry")}  # whatever was added to it
    assert generation.seed == takes[1].changes["seed"]
    assert generation.prompt == "a lighthouse at dusk, highly detailed, sharp focus"
    assert generation.recipe["positive_prompt"] == generation.prompt
    assert [one.take for one in generation.artifacts] == [2]


async def test_best_of_makes_all_candidates_and_keeps_the_best_of_them(working):
    scorer = Scripted(0.30, 0.41, 0.35)
    async with working(scorer=scorer) as queue:
        job = await ended(queue, Quality(best_of=3))
        takes = await queue.store.takes(job.job_id)
    assert [take.passed for take in takes] == [True, True, True]
    assert [sorted(take.changes) for take in takes] == [[], ["seed"], ["seed"]]
    assert job.quality == {"passed": True, "score": 0.41, "reason": "", "take": 2, "takes": 3}
    assert scorer.is_prepared


async def test_retry_follows_only_where_it_was_asked_for(working):
    async with working(Fault(Kind.BLACK_PICTURES)) as queue:
        job = await ended(queue, Quality())
    assert (job.state, job.attempt, job.quality["passed"], job.quality["takes"]) == (JobState.COMPLETED, 1, False, 1)


async def test_scores_that_nothing_here_gives_are_refused_before_anything_is_painted(working):
    async with working() as queue:
        job = await ended(queue, Quality(best_of=2))
    assert (job.state, job.failure.code) == (JobState.FAILED, "invalid_parameter")
    assert "generate" not in job.timings


async def test_job_is_cancelled_between_two_takes_and_keeps_what_it_made(working):
    async with working(Fault(Kind.BLACK_PICTURES, times=9)) as queue:
        (accepted,) = await queue.submit([JobRequest(painted(), quality=Quality(auto_retry=True, retry_limit=9))])
        job_id = accepted.job.job_id
        async with asyncio.timeout(PATIENCE):
            async for event in queue.watch(job_id):
                if event.data.get("take"):
                    await queue.store.cancel(Selection([job_id]), now=time.time())
                    break
        job = await followed(queue, job_id)
        made = await queue.store.artifacts(job_id, every_take=True)
    assert job.state is JobState.CANCELLED
    assert 1 <= job.quality["takes"] < 9
    assert made


async def test_job_waits_for_its_next_take_before_those_that_came_later(working):
    async with working(Fault(Kind.BLACK_PICTURES, times=2)) as queue:
        first, second = (
            one.job.job_id
            for one in await queue.submit(
                [JobRequest(painted(), quality=Quality(auto_retry=True)), JobRequest(painted(2))]
            )
        )
        before, after = await followed(queue, first), await followed(queue, second)
    assert before.quality["takes"] == 2
    assert before.rank < after.rank


async def test_engine_that_fails_between_takes_costs_no_take(working):
    async with working(Fault(Kind.BLACK_PICTURES), Fault(Kind.OUT_OF_MEMORY, nth=2)) as queue:
        job = await ended(queue, Quality(auto_retry=True))
        takes = await queue.store.takes(job.job_id)
        attempts = await queue.store.attempts(job.job_id)
    assert [take.passed for take in takes] == [False, True]
    assert [attempt.ending for attempt in attempts] == ["rejected", "failed", "succeeded"]
    assert takes[1].attempt == 3


async def test_worker_that_takes_over_makes_the_very_same_take(tmp_path):
    slow = SandboxOptions(step_time=0.02, faults=(Fault(Kind.BLACK_PICTURES),))
    async with Sandbox(slow) as engine:
        async with at_work(tmp_path, engine) as queue:
            (accepted,) = await queue.submit([JobRequest(painted(), quality=Quality(auto_retry=True))])
            job_id = accepted.job.job_id
            async with asyncio.timeout(PATIENCE):
                async for event in queue.watch(job_id):
                    if event.type == "progress" and event.data["attempt"] == 2:
                        break
        async with at_work(tmp_path, engine) as queue:
            job = await followed(queue, job_id)
            takes = await queue.store.takes(job_id)
            attempts = await queue.store.attempts(job_id)
    assert [take.passed for take in takes] == [False, True]
    assert [attempt.ending for attempt in attempts] == ["rejected", "superseded", "succeeded"]
    assert attempts[1].prompt_id == attempts[2].prompt_id
    expected = changes(Quality(auto_retry=True), origin_of(painted()), 2)
    assert dict(takes[1].changes) == expected
    assert job.quality["take"] == 2


async def test_file_that_no_gate_looks_at_is_told_and_not_made_again(working):
    graph = {
        "1": {"class_type": "PrimitiveString", "inputs": {"value": "no picture"}},
        "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
    }
    async with working() as queue:
        (accepted,) = await queue.submit([JobRequest(graph, quality=Quality(auto_retry=True))])
        job = await followed(queue, accepted.job.job_id)
    assert job.state is JobState.COMPLETED, job.failure
    assert (job.quality["passed"], job.quality["takes"]) == (None, 1)
    assert job.quality["reason"]


async def test_take_whose_copy_fails_is_told_with_the_failure(working, monkeypatch):
    async def unopened(_: object) -> None:
        raise StorageError("bucket", "it is not there")

    login = Login("key", "secret")
    async with working(Fault(Kind.BLACK_PICTURES)) as queue:
        jobs = replace(queue.settings.jobs, allow_private_urls=True)
        buckets = await requested_buckets(replace(queue.settings, jobs=jobs))
        monkeypatch.setattr(type(buckets), "open", lambda _, destination: unopened(destination))
        wanted = buckets.destination(endpoint_url="http://127.0.0.1:1", bucket="mine", region="us-east-1", login=login)
        job = await ended(queue, Quality(auto_retry=True), destination=wanted)
        takes = await queue.store.takes(job.job_id)
        result = await queue.store.artifacts(job.job_id)
        found = await Library(queue.store.transactions).search()
    assert (job.state, job.failure.code) == (JobState.FAILED, "storage_failed")
    assert [take.passed for take in takes] == [False, True]
    assert (job.quality["passed"], [one.take for one in result]) == (True, [2])
    assert not found.generations


async def test_take_that_cannot_be_made_costs_no_picture_that_is_there(working):
    faults = Fault(Kind.BLACK_PICTURES), Fault(Kind.OUT_OF_MEMORY, nth=2, times=9)
    async with working(*faults, max_attempts=1) as queue:
        job = await ended(queue, Quality(auto_retry=True))
        attempts = await queue.store.attempts(job.job_id)
        result = await queue.store.artifacts(job.job_id)
        (generation,) = (await Library(queue.store.transactions).search()).generations
    assert (job.state, job.failure) == (JobState.COMPLETED, None)
    assert (job.quality["passed"], job.quality["take"], job.quality["takes"]) == (False, 1, 1)
    assert job.notes[-1].startswith("take 2 could not be made: ")
    assert [attempt.ending for attempt in attempts] == ["rejected", "failed"]
    assert attempts[-1].failure.code == "quarantined"
    assert [one.take for one in result] == [1]
    assert generation.seed == 1


async def test_nothing_that_could_differ_is_told_where_more_takes_were_asked_for(working):
    graph = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    async with working() as queue:
        (accepted,) = await queue.submit([JobRequest(graph, quality=Quality(auto_retry=True))])
        job = await followed(queue, accepted.job.job_id)
    assert (job.quality["passed"], job.quality["takes"]) == (False, 1)
    assert any("no further take" in note for note in job.notes)


async def test_end_that_cannot_be_written_fails_the_job_instead_of_repeating_it(working, monkeypatch):
    async with working() as queue:
        keep = claims.takes.keep

        def broken(*given: object) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(claims.takes, "keep", broken)
        job = await ended(queue, Quality())
        monkeypatch.setattr(claims.takes, "keep", keep)
    assert (job.state, job.failure.code, job.attempt) == (JobState.FAILED, "internal", 1)
