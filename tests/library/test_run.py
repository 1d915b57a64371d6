from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import JobState
from comfy_gen.library.generation import Favorite, Generation
from comfy_gen.library.run import FAVORITE_TAGS, MAX_PARAM, MAX_TAG, Run, favorite_tags, run_of
from comfy_gen.pipeline.record import ModelFile
from tests.library.shelf import recipe

ID = JobId("6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10")
PLAIN = Generation(
    generation_id=ID,
    created=1000.25,
    owner="ada",
    title="",
    state=JobState.COMPLETED,
    recipe=recipe("portrait", "outdoor", steps=20, cfg=7.5),
    recipe_id="sha256:ab",
    workflow="sd15",
    workflow_digest="cd",
    prompt="a red fox",
    negative_prompt="",
    seed=7,
    tier="general",
    models=(ModelFile("checkpoints", "dream.safetensors"),),
    engine="gpu-1",
    comfyui_version="0.3.75",
    version="1.0",
    timings={"waited": 30.0, "preprocess": 0.25, "generate": 1.5, "postprocess": 0.5, "nodes": {"3": 1.0}},
    tell_at=1001.0,
    trouble="no answer",
)
FAVORITE = Favorite(favorite_id="fav_1", generation_id=ID, owner="ada", rating=5, feedback="yes", tags=("a", "b"))


def told(**facts: Any) -> Run:
    return run_of(replace(PLAIN, **facts))


def test_settings_are_parameters_but_those_that_the_workflow_leaves_open():
    params = told().params
    assert params == {
        "prompt": "a red fox",
        "seed": "7",
        "workflow": "sd15",
        "steps": "20",
        "cfg": "7.5",
    }


def test_a_setting_of_zero_is_told():
    assert told(seed=0).params["seed"] == "0"


def test_loras_are_told_as_json():
    loras = [{"filename": "detail.safetensors", "strength": 0.4}]
    told_of = told(recipe={**PLAIN.recipe, "loras": loras}).params["loras"]
    assert json.loads(told_of) == loras


def test_seconds_of_each_stage_are_metrics_and_those_of_nodes_are_not():
    assert told().metrics == {
        "seconds.waited": 30.0,
        "seconds.preprocess": 0.25,
        "seconds.generate": 1.5,
        "seconds.postprocess": 0.5,
    }


def test_the_highest_score_of_a_check_is_a_metric():
    verdicts = [{"check": "safety", "score": score} for score in (0.1, 0.75, 0.5)]
    no_number = [{"check": "clip", "score": None}, {"check": "nan", "score": float("nan")}]
    assert told(timings={}, verdicts=(*verdicts, *no_number)).metrics == {"verdict.safety": 0.75}


def test_similarity_to_the_prompt_is_a_metric_and_whether_it_passed_a_tag():
    run = told(timings={}, passed=False, score=0.21, take=2, takes=3)
    assert run.metrics == {"clip_score": 0.21, "takes": 3}
    assert run.tags["comfygen.passed"] == "false"
    assert told(passed=True).tags["comfygen.passed"] == "true"


def test_what_nobody_judged_has_neither():
    assert "clip_score" not in told().metrics
    assert "comfygen.passed" not in told().tags


def test_a_run_begins_when_the_wait_of_its_job_ended():
    run = told()
    assert (run.started, run.ended) == (998_000, 1_000_250)


def test_tags_say_what_made_it():
    assert told(repeats="11").tags == {
        "comfygen.owner": "ada",
        "comfygen.state": "completed",
        "comfygen.tier": "general",
        "comfygen.categories": "portrait,outdoor",
        "comfygen.models": "dream.safetensors",
        "comfygen.recipe_id": "sha256:ab",
        "comfygen.workflow_digest": "cd",
        "comfygen.engine": "gpu-1",
        "comfygen.comfyui_version": "0.3.75",
        "comfygen.version": "1.0",
        "comfygen.repeats": "11",
        "mlflow.note.content": "a red fox",
    }


def test_what_is_too_long_for_mlflow_is_cut_and_whole_in_a_file():
    prompt = "fox " * 10_000
    run = told(prompt=prompt, recipe={**PLAIN.recipe, "positive_prompt": prompt})
    assert len(run.params["prompt"]) == MAX_PARAM
    assert run.params["prompt"].endswith(" …")
    assert len(run.tags["mlflow.note.content"]) == MAX_TAG
    assert json.loads(run.texts["recipe.json"])["positive_prompt"] == prompt
    assert json.loads(run.texts["generation.json"])["prompt"] == prompt


def test_files_tell_nothing_that_changes_later():
    later = replace(PLAIN, run_id="ab", tell_at=None, tries=3, trouble="", favorite=FAVORITE)
    assert run_of(later) == run_of(PLAIN)


@pytest.mark.parametrize(("title", "name"), [("", "6f0c6f4e"), ("For the cover", "For the cover")])
def test_a_run_has_the_name_of_its_job(title: str, name: str):
    assert told(title=title).name == name


def test_a_favorite_is_tags():
    assert favorite_tags(FAVORITE) == {
        "favorite": "true",
        "favorite.rating": "5",
        "favorite.feedback": "yes",
        "favorite.tags": "a,b",
    }


def test_a_favorite_without_words_has_no_tags_for_them():
    assert set(favorite_tags(replace(FAVORITE, feedback="", tags=()))) == set(FAVORITE_TAGS[:2])


def test_what_is_no_favorite_has_none_of_its_tags():
    assert favorite_tags(None) == {}
