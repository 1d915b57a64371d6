"""Generations for tests of the library."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from comfy_gen.composition.recipe import Recipe
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish
from comfy_gen.pipeline.record import record_of
from tests.contracts.job_stores import artifact
from tests.workflows.samples import plain

if TYPE_CHECKING:
    from comfy_gen.jobs.ids import JobId
    from tests.contracts.job_stores import Desk


def graph(prompt: str = "a red fox", *, seed: int = 7, model: str = "dream.safetensors") -> dict[str, Any]:
    """Return a graph that paints a text."""
    made = plain(seed=seed)
    made["42"]["inputs"]["text"] = prompt
    made["41"]["inputs"]["ckpt_name"] = model
    return made


async def end(desk: Desk, job_id: JobId, **facts: Any) -> JobId:
    """End a job that waits as the worker does."""
    request = await desk.store.request(job_id)
    attempt = await desk.claim(job_id)
    for state in (JobState.GENERATING, JobState.POSTPROCESSING):
        await desk.store.advance(job_id, attempt, state, now=desk.now)
    record = record_of(request.workflow, recipe=request.recipe, tier=request.tier, repeats=request.repeats)
    more = {name: facts.pop(name) for name in ("models", "engine", "comfyui_version", "is_tracked") if name in facts}
    usual = {"artifacts": [artifact(job_id)], "timings": {"generate": 1.5, "nodes": {"3": 1.0}}}
    ending = Finish(**{"state": JobState.COMPLETED, "record": replace(record, **more), **usual, **facts})
    assert await desk.store.finish(job_id, attempt, ending, now=desk.now)
    return job_id


async def shelve(desk: Desk, prompt: str = "a red fox", **facts: Any) -> JobId:
    """Have a generation in the library."""
    of_graph = {name: facts.pop(name) for name in ("seed", "model") if name in facts}
    of_job = {name: facts.pop(name) for name in ("owner", "title", "recipe", "tier", "repeats") if name in facts}
    job = await desk.accept(workflow=graph(prompt, **of_graph), **of_job)
    return await end(desk, job.job_id, **facts)


def recipe(*categories: str, **values: Any) -> dict[str, Any]:
    """Return a recipe that was composed of these categories."""
    return Recipe(input="a fox", categories=categories, workflow="sd15", **values).as_json()
