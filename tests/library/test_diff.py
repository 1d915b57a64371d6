"""In what two generations differ."""

from __future__ import annotations

import copy
from dataclasses import replace

from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import JobState
from comfy_gen.library.diff import Difference, diff, is_same_outcome
from comfy_gen.library.generation import Generation
from comfy_gen.pipeline.record import ModelFile, record_of
from tests.contracts.job_stores import artifact
from tests.library.shelf import graph, recipe

ID = JobId("aaaaaaaa-0000-4000-8000-000000000001")


def generation(**facts):
    record = record_of(graph())
    plain = {
        "generation_id": ID,
        "created": 1.0,
        "owner": "ann",
        "title": "",
        "state": JobState.COMPLETED,
        "recipe": record.recipe,
        "recipe_id": f"sha256:{record.digest}",
        "workflow_digest": record.workflow_digest,
        "models": record.models,
        "engine": "gpu-1",
        "comfyui_version": "0.3.75",
        "version": record.version,
        "timings": {"generate": 1.5, "nodes": {"3": 1.0}},
        "artifacts": (artifact(ID),),
        **{name: getattr(record, name) for name in ("workflow", "prompt", "negative_prompt", "seed", "tier")},
    }
    return Generation(**{**plain, **facts})


def fields(*sides, **options):
    return [one.field for one in diff(*sides, **options)]


def test_repetition_differs_in_nothing():
    verdict = {"check": "safety", "passed": True, "score": 0.1, "reason": ""}
    one = generation(verdicts=({**verdict, "artifact_id": "one"},))
    other = replace(one, generation_id=JobId("other"), created=2.0, repeats=ID)
    other = replace(other, verdicts=({**verdict, "artifact_id": "other"},))
    assert diff(one, other, (graph(), graph())) == []
    assert is_same_outcome(one, other)


def test_what_was_asked_for_comes_before_what_came_of_it():
    other = generation(
        prompt="a car",
        seed=8,
        recipe=recipe("car", steps=30),
        engine="gpu-2",
        artifacts=(artifact(ID, sha256="1" * 64),),
        timings={"generate": 2.5},
    )
    found = diff(generation(recipe=recipe("portrait", steps=20)), other, (graph(seed=7), graph(seed=8)))
    assert found[:2] == [Difference("prompt", "a red fox", "a car"), Difference("seed", 7, 8)]
    assert [one.field for one in found[2:]] == [
        "recipe.steps",
        "recipe.categories",
        "nodes.40.seed",
        "engine",
        "artifacts",
        "timings.generate",
    ]
    assert Difference("nodes.40.seed", 7, 8) in found
    assert not is_same_outcome(generation(), other)


def test_renumbered_graph_is_the_same():
    before, after = graph(), copy.deepcopy(graph())
    after["99"] = after.pop("46")
    assert fields(generation(), generation(), graphs=(before, after)) == []


def test_nodes_that_came_and_went_are_told():
    after = graph()
    after["99"] = {"class_type": "PreviewImage", "inputs": {"images": ["45", 0]}}
    there = diff(generation(), generation(), (graph(), after))
    back = diff(generation(), generation(), (after, graph()))
    assert there == [Difference("nodes.99", None, "PreviewImage")]
    assert back == [Difference("nodes.99", "PreviewImage", None)]


def test_model_of_the_same_name_with_another_hash_is_another():
    one, other = (
        generation(models=(ModelFile("checkpoints", "dream.safetensors", digit * 64),)) for digit in ("a", "b")
    )
    assert diff(one, other) == [
        Difference("models.checkpoints", ["dream.safetensors (aaaaaaaaaaaa)"], ["dream.safetensors (bbbbbbbbbbbb)"])
    ]


def test_generations_without_pictures_have_no_same_outcome():
    assert not is_same_outcome(generation(artifacts=()), generation(artifacts=()))


def test_time_that_it_took_is_told_apart():
    found = diff(generation(), generation(timings={"generate": 2.0}, seed=8))
    assert [(one.field, one.is_of_time) for one in found] == [("seed", False), ("timings.generate", True)]


def test_difference_is_json():
    assert Difference("seed", 1, None).as_json() == {"field": "seed", "before": 1, "after": None}


def test_two_that_were_judged_differ_in_what_was_found():
    verdict = {"check": "quality", "passed": True, "score": 0.3, "artifact_id": "one"}
    one = generation(verdicts=(verdict,), passed=True, score=0.3)
    other = generation(verdicts=({**verdict, "passed": False, "score": 0.2},), passed=False, score=0.2)
    assert fields(one, other) == ["passed", "score", "verdicts"]


def test_that_nobody_judged_the_other_is_no_difference():
    safe = {"check": "safety", "passed": True}
    one = generation(verdicts=(safe, {"check": "quality", "passed": True, "score": 0.3}), passed=True, score=0.3)
    other = generation(verdicts=(safe,))
    assert fields(one, other) == fields(other, one) == []
    assert fields(one, generation(verdicts=({**safe, "passed": False},))) == ["verdicts"]
