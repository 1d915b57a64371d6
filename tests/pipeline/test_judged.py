"""Plans whose pictures are judged: which takes follow, which is saved, what is told of them."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from typing import Any

import pytest

from comfy_gen.errors import OutputPathError
from comfy_gen.pipeline.generate import Keep
from comfy_gen.pipeline.judged import Judge, JudgedGeneration
from comfy_gen.pipeline.plan import make_plan
from comfy_gen.pipeline.postprocess import Destination
from comfy_gen.pipeline.progress import Update
from comfy_gen.pipeline.request import GenerationRequest
from comfy_gen.validation.gate import Gate
from comfy_gen.validation.quality import quality_of
from comfy_gen.validation.scoring.scorer import Score
from comfy_gen.validation.thresholds import Thresholds
from comfy_gen.workflows.parameters import parameters_of
from comfy_gen.workflows.picture import read_picture

SMALL = {"workflow": "sd15", "seed": 5, "width": 128, "height": 128, "steps": 3}


@dataclass
class Scripted:
    """A scorer that gives one score after the other, and remembers what it was asked."""

    given: list[float]
    asked: list[tuple[int, str, str]] = field(default_factory=list[tuple[int, str, str]])
    model: str = "scripted"

    def prepare(self):
        self.is_prepared = True

    async def scores(self, pictures, prompt, negative_prompt):
        self.asked.append((len(pictures), prompt, negative_prompt))
        return [Score(self.given.pop(0), None, None) for _ in pictures]


@pytest.fixture
def observed():
    return []


@pytest.fixture
async def plan(client):
    return await make_plan(client, GenerationRequest(prompt="a red fox", negative_prompt="fog", **SMALL))


@pytest.fixture
def judged(client, plan, tmp_path, observed):
    """Make a judged generation of the plan; scores are given in turn."""

    def make(scorer: Scripted | None, *, of=plan, folder=tmp_path, observe=observed.append, keep=None, **asked: Any):
        quality = quality_of(validate=True, **asked)
        assert quality is not None
        judge = Judge(Gate(Thresholds(None), scorer), quality)
        return JudgedGeneration(client, of, Destination(folder), observe, judge, keep=keep)

    return make


def told(judgement):
    return [(one.take.number, one.take.passed, one.take.score) for one in judgement.takes]


async def test_picture_that_passes_is_made_once(judged, tmp_path):
    results = await judged(Scripted([0.31]), auto_retry=True).run()
    (saved,) = results.saved
    assert (saved.path, saved.seed) == (tmp_path / "a-red-fox-5.png", 5)
    assert told(saved.judgement) == [(1, True, 0.31)]
    assert results.judgements == [saved.judgement]


async def test_takes_follow_until_one_passes_and_that_one_is_saved(judged, client, tmp_path):
    results = await judged(Scripted([0.1, 0.2, 0.3]), auto_retry=True).run()
    (saved,) = results.saved
    assert told(saved.judgement) == [(1, False, 0.1), (2, False, 0.2), (3, True, 0.3)]
    third = saved.judgement.takes[2]
    assert saved.seed == third.take.changes["seed"] != 5
    assert saved.prompt_id == third.prompt_id
    assert os.listdir(tmp_path) == [f"a-red-fox-{saved.seed}.png"]
    made = parameters_of(read_picture(saved.path).workflow)
    assert (made.seed, made.steps) == (saved.seed, third.take.changes["steps"])
    assert {one.prompt_id for one in saved.judgement.takes} == {*await client.get_history()}


async def test_best_is_saved_where_none_passes(judged):
    results = await judged(Scripted([0.1, 0.2, 0.15]), auto_retry=True).run()
    (saved,) = results.saved
    assert saved.judgement.best.number == 2
    assert saved.seed == saved.judgement.best.changes["seed"]
    assert saved.judgement.summary["passed"] is False
    assert results.is_complete


async def test_nothing_is_made_again_unless_that_is_asked(judged):
    (saved,) = (await judged(Scripted([0.1])).run()).saved
    assert told(saved.judgement) == [(1, False, 0.1)]


async def test_candidates_differ_by_seed_alone_and_all_are_made(judged):
    (saved,) = (await judged(Scripted([0.3, 0.4, 0.35]), best_of=3).run()).saved
    assert saved.judgement.best.number == 2
    assert [set(one.take.changes) for one in saved.judgement.takes] == [set(), {"seed"}, {"seed"}]


async def test_pictures_are_judged_and_named_by_the_first_prompt(judged):
    scorer = Scripted([0.1, 0.3])
    (saved,) = (await judged(scorer, retry_strategy="prompt_enhance").run()).saved
    assert scorer.asked == [(1, "a red fox", "fog")] * 2
    assert saved.path.name == f"a-red-fox-{saved.seed}.png"
    assert parameters_of(read_picture(saved.path).workflow).prompt.startswith("a red fox, ")


async def test_black_pictures_are_made_again_without_any_model(judged, sandbox):
    sandbox.add_fault("black_pictures:times=2")
    (saved,) = (await judged(None, auto_retry=True).run()).saved
    assert [one.take.passed for one in saved.judgement.takes] == [False, False, True]
    assert "black" in saved.judgement.takes[0].take.reason
    (verdict,) = saved.judgement.takes[0].take.verdicts
    assert verdict["file"].endswith(".png")


async def test_each_picture_that_was_asked_for_has_takes_of_its_own(judged, client, tmp_path):
    plan = await make_plan(client, GenerationRequest(prompt="a fox", count=2, **SMALL))
    results = await judged(Scripted([0.1, 0.3, 0.4]), of=plan, auto_retry=True).run()
    assert [told(one.judgement) for one in results.saved] == [[(1, False, 0.1), (2, True, 0.3)], [(1, True, 0.4)]]
    assert results.saved[1].seed == 6
    assert sorted(os.listdir(tmp_path)) == sorted(one.path.name for one in results.saved)


async def test_take_that_fails_costs_no_picture_that_is_there(judged, sandbox):
    sandbox.add_fault("out_of_memory:nth=2")
    results = await judged(Scripted([0.1]), auto_retry=True).run()
    (saved,), (error,) = results.saved, results.errors
    assert told(saved.judgement) == [(1, False, 0.1)]
    assert error.code == "out_of_memory"


async def test_first_take_that_fails_leaves_nothing_to_judge(judged, sandbox):
    sandbox.add_fault("out_of_memory")
    results = await judged(Scripted([]), auto_retry=True).run()
    assert (results.saved, results.judgements, len(results.errors)) == ([], [], 1)


async def test_picture_that_cannot_be_written_is_an_error(judged, tmp_path):
    results = await judged(Scripted([0.3]), folder=tmp_path / "none").run()
    assert isinstance(results.errors[0], OutputPathError)
    assert len(results.judgements) == 1


async def test_pictures_that_stay_on_the_engine_are_judged_all_the_same(judged, tmp_path):
    results = await judged(Scripted([0.1]), keep=Keep(files=False)).run()
    assert (results.saved, os.listdir(tmp_path)) == ([], [])
    assert told(results.judgements[0]) == [(1, False, 0.1)]


async def test_updates_tell_of_each_take_and_of_one_end(judged, observed):
    (saved,) = (await judged(Scripted([0.1, 0.3]), auto_retry=True).run()).saved
    updates = [one.as_json() for one in observed if isinstance(one, Update)]
    assert [one["take"] for one in updates if one["type"] == "judging"] == [1, 2]
    first, second = [one for one in updates if one["type"] == "take"]
    assert (first["take"], first["passed"], first["score"]) == (1, False, 0.1)
    assert first["message"] == "Take 1: its similarity to the prompt is 0.100, below 0.250"
    assert second["message"].endswith("passed, with a similarity to the prompt of 0.300")
    assert second["prompt_id"] == saved.prompt_id != first["prompt_id"]
    assert [one["type"] for one in updates].count("complete") == 1
    assert updates[-1]["files"] == (str(saved.path),)


async def test_take_that_runs_is_cancelled_with_the_command(judged, sandbox, client):
    sandbox.add_fault("slow:nth=2,seconds=0.2")
    types, again = [], asyncio.Event()

    def observe(update):
        types.append(getattr(update, "type", None))
        if "take" in types and types[-1] == "node":
            again.set()

    generation = judged(Scripted([0.1]), observe=observe, auto_retry=True)
    work = asyncio.create_task(generation.run())
    await again.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (generation.open, generation.results.saved) == ([], [])
    for running in (await client.read_queue()).running:
        await client.attach(running.prompt_id).result(10)
    assert [entry.ending for entry in await endings(client)] == ["success", "interrupted"]


async def endings(client):
    return [await client.attach(prompt_id).result(10) for prompt_id in await client.get_history()]
