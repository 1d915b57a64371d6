"""``comfygen compose``: what people see of a recipe, and how they come by its picture."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from comfy_gen.cli import composing
from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.sandbox import SandboxOptions
from comfy_gen.sandbox.faults import Fault
from tests.background import BackgroundSandbox
from tests.cli.conftest import NO_MODEL

SMALL = ("--width", "256", "--height", "256", "--steps", "1", "--seed", "7")
TEXT = "@portrait a lighthouse keeper"


@pytest.fixture
def compose(comfygen, tmp_path, monkeypatch):
    """The command with a database of its own, and no engine; nobody looks at its pictures, for that takes long."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYGEN_POLICY_CHECK_PICTURES", "no")
    monkeypatch.setenv("COMFYUI_API_BASE", "http://127.0.0.1:1")
    return lambda *arguments: comfygen("compose", *arguments)


@pytest.fixture
def painting(compose, background_sandbox, monkeypatch):
    """The same with an engine."""
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    return compose


def jobs(comfygen):
    return comfygen("jobs", "list", "--json").json["jobs"]


# --- the recipe alone


def test_dry_run_shows_the_recipe_without_any_engine_and_starts_nothing(compose, comfygen):
    said = compose(TEXT, "--dry-run", *SMALL)
    assert (said.code, said.err) == (0, "")
    for part in ("Selected portrait", "recipe sha256:", "a lighthouse keeper, portrait", "256x256", "general"):
        assert part in said.out
    assert "tag_extraction" not in said.out
    assert "Found @portrait tag" not in said.out
    assert jobs(comfygen) == []


def test_explanation_says_what_was_done_and_what_was_not_taken(compose):
    said = compose("@anime @photorealistic @portrait a woman", "--dry-run", "--explain").out
    for part in ("parsing", "Found @anime, @photorealistic, @portrait tags", "not taken", "conflicts"):
        assert part in said


def test_recipe_as_json_is_one_document_and_always_the_same(compose):
    first, second = (compose(TEXT, "--dry-run", "--json", *SMALL).json for _ in range(2))
    assert first == second
    recipe = first["recipe"]
    assert first["categories_used"][0] == "portrait"
    assert (recipe["width"], recipe["height"], recipe["steps"], recipe["seed"]) == (256, 256, 1, 7)
    assert first["explanation"]["steps"][0]["detail"] == "Found @portrait tag"
    assert first["recipe_id"].startswith("sha256:")


def test_every_wish_is_in_the_recipe(compose):
    said = {
        "--negative-prompt": "a hat",
        "--workflow": "sd15",
        "--model": "dream.safetensors",
        "--lora": "ink.safetensors:0.5",
        "--steps": "11",
        "--cfg": "3.5",
        "--width": "512",
        "--height": "768",
    }
    recipe = compose(TEXT, "--dry-run", "--json", *(part for pair in said.items() for part in pair)).json["recipe"]
    assert recipe["negative_prompt"].startswith("a hat, ")
    assert (recipe["workflow"], recipe["checkpoint"]) == ("sd15", "dream.safetensors")
    assert {"filename": "ink.safetensors", "strength": 0.5} in recipe["loras"]
    assert [recipe[name] for name in ("steps", "cfg", "width", "height")] == [11, 3.5, 512, 768]


def test_categories_are_as_many_and_as_sure_as_is_said(compose):
    one = compose("@portrait @outdoor a woman", "--dry-run", "--json", "--max-categories", "1").json
    assert one["categories_used"] == ["portrait"]
    sure = compose("a painting", "--dry-run", "--json", "--min-confidence", "1")
    assert (sure.code, sure.json["error"]["code"]) == (2, "no_category")


@pytest.mark.parametrize("seed", ["-1", None])
def test_seed_that_is_random_is_left_to_each_picture(compose, seed):
    said = () if seed is None else ("--seed", seed)
    assert compose(TEXT, "--dry-run", "--json", *said).json["recipe"]["seed"] is None


def test_preset_says_what_the_command_does_not(compose, comfygen):
    comfygen("presets", "save", "mine", "--steps", "7", "--cfg", "4", "--category", "night", "--lora", "ink:0.5")
    told = compose(TEXT, "--dry-run", "--json", "--preset", "mine", "--steps", "9").json
    assert (told["recipe"]["steps"], told["recipe"]["cfg"]) == (9, 4)
    assert "night" in told["categories_used"]
    assert {"filename": "ink", "strength": 0.5} in told["recipe"]["loras"]


# --- tiers


def test_tier_is_that_of_the_option_or_of_the_settings(compose, monkeypatch):
    refused = compose("@horror a castle", "--dry-run", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (2, "policy_tier")
    allowed = compose("@horror a castle", "--dry-run", "--json", "--tier", "Mature")
    assert allowed.json["recipe"]["tier"] == "mature"
    monkeypatch.setenv("COMFYGEN_POLICY_TIER", "mature")
    assert compose("@horror a castle", "--dry-run", "--json").json["recipe"]["tier"] == "mature"


def test_tier_above_that_of_the_installation_is_lowered_to_it(compose, monkeypatch):
    monkeypatch.setenv("COMFYGEN_POLICY_MAX_TIER", "general")
    error = compose("@horror a castle", "--dry-run", "--json", "--tier", "explicit").json["error"]
    assert error["message"] == "@horror needs the tier mature, and this request is general"
    assert "this caller may ask for general at most" in error["hint"]


# --- what is refused


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("qwertz uiop",), "no_category"),
        (("@portrat a woman",), "unknown_tag"),
        (("@portrait {a|b",), "prompt_syntax"),
        ((TEXT, "--preset", "nobodys"), "preset_not_found"),
        ((TEXT, "--workflow", "nowhere"), "workflow_not_found"),
        ((TEXT, "--tier", "everything"), "invalid_parameter"),
        ((TEXT, "--lora", "ink:strong"), "invalid_parameter"),
        (("@horror a castle",), "policy_tier"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_what_cannot_be_composed_is_refused_with_a_reason(compose, comfygen, said, code, more):
    told = compose(*said, *more, "--json")
    assert (told.code, told.json["error"]["code"]) == (2, code)
    plain = compose(*said, *more)
    assert (plain.code, plain.out) == (2, "")
    assert plain.err.startswith(f"error[{code}]: ")
    assert jobs(comfygen) == []


@pytest.mark.parametrize("option", [("--max-categories", "0"), ("--min-confidence", "2"), ("--seed", "-2")])
def test_option_out_of_its_range_is_refused(compose, option):
    assert compose(TEXT, *option).code == 2


def test_without_an_engine_a_picture_is_refused_and_nothing_is_queued(compose, comfygen):
    told = compose(TEXT, "--json")
    assert (told.code, told.json["error"]["code"]) == (2, "no_engine")
    assert jobs(comfygen) == []


# --- the picture


def test_picture_is_made_by_the_command_itself_and_copied_where_it_is_wanted(painting, comfygen, tmp_path):
    said = painting(TEXT, *SMALL, "-o", "out")
    assert said.code == 0, said.err
    (picture,) = (tmp_path / "out").iterdir()
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert f"out/{picture.name}" in said.out
    assert "recipe sha256:" in said.out
    (made,) = comfygen("library", "list", "--category", "portrait", "--json").json["generations"]
    assert (made["seed"], made["state"]) == (7, "completed")
    assert picture.name.startswith(made["generation_id"][:8])


def test_picture_as_json_is_one_document_with_its_path(painting, comfygen, tmp_path):
    said = painting(TEXT, *SMALL, "--no-wait", "-o", "out", "--json")  # a file can be had by waiting alone
    (job,) = said.json["jobs"]
    assert (said.code, job["state"], job["title"]) == (0, "completed", TEXT)
    assert (tmp_path / job["artifacts"][0]["path"]).is_file()
    asked = comfygen("jobs", "show", job["job_id"], "--request", "--json").json["request"]
    assert asked["recipe"] == said.json["recipe"]
    assert said.json["categories_used"][0] == "portrait"


def test_picture_that_is_not_waited_for_is_left_to_a_worker(painting, comfygen):
    said = painting(TEXT, *SMALL, "--no-wait")
    assert said.code == 0
    assert "Accepted " in said.out
    (job,) = jobs(comfygen)
    assert (job["state"], job["title"]) == ("queued", TEXT)
    assert comfygen("worker", "--drain", "-q").code == 0
    assert [job["state"] for job in jobs(comfygen)] == ["completed"]


def test_picture_that_fails_is_told_by_the_exit_code(compose, monkeypatch):
    monkeypatch.setenv("COMFYGEN_JOBS_MAX_ATTEMPTS", "1")
    with BackgroundSandbox(SandboxOptions(faults=(Fault("out_of_memory", times=None),))) as engine:
        monkeypatch.setenv("COMFYUI_API_BASE", engine.url)
        said = compose(TEXT, *SMALL, "--json")
    (job,) = said.json["jobs"]
    assert (said.code, job["state"]) == (1, "failed")


def test_nobody_waits_for_a_worker_that_cannot_go_on(painting, comfygen, monkeypatch):
    class Broken:
        async def run(self):
            raise ExceptionGroup("several", [DatabaseUnavailableError("sqlite:///x.db", "the disk is gone")])

    async def build(*_):
        return Broken()

    monkeypatch.setattr(composing, "build_worker", build)
    said = painting(TEXT, *SMALL)
    assert said.code == 2
    assert "error[database_unavailable]: " in said.err
    assert [job["state"] for job in jobs(comfygen)] == ["queued"]


def test_worker_that_runs_makes_the_picture(painting, comfygen, background_sandbox, tmp_path):
    command = [sys.executable, "-m", "comfy_gen", "worker", "--engine", background_sandbox.url]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as worker:
        said = ""
        while "at a time" not in said:
            said = worker.stderr.readline()
        told = painting(TEXT, *SMALL, "-o", "out", "--json")
        worker.terminate()
        worker.communicate(timeout=20)
    assert told.code == 0
    (job,) = told.json["jobs"]
    (attempt,) = comfygen("jobs", "show", job["job_id"], "--json").json["attempts"]
    assert f"-{worker.pid}-" in attempt["worker"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_leaves_the_job_to_the_next_worker(compose, comfygen, tmp_path, monkeypatch, number):
    with BackgroundSandbox(SandboxOptions(step_time=0.02)) as engine:
        monkeypatch.setenv("COMFYUI_API_BASE", engine.url)
        command = [sys.executable, "-m", "comfy_gen", "compose", TEXT, *SMALL[:4], "--steps", "100"]
        with subprocess.Popen(
            command, cwd=tmp_path, env=dict(os.environ), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            line = ""
            while "generating" not in line:
                line = process.stderr.readline()
            process.send_signal(number)
            _, rest = process.communicate(timeout=20)
        assert process.returncode == 130
        (job,) = jobs(comfygen)
        assert f"Interrupted; the job goes on: comfygen jobs watch {job['job_id'][:8]}" in rest
        assert job["state"] not in {"failed", "cancelled"}
        assert comfygen("worker", "--drain", "-q").code == 0
    assert [job["state"] for job in jobs(comfygen)] == ["completed"]


# --- its quality


def test_picture_that_does_not_pass_is_made_again_and_says_so(painting, comfygen, background_sandbox, tmp_path):
    (tmp_path / "config.yaml").write_text(NO_MODEL)
    background_sandbox.sandbox.add_fault("black_pictures")
    said = painting(TEXT, *SMALL, "--auto-retry", "-o", "out")
    assert said.code == 0, said.err
    assert "queued for another take: take 1: " in said.err
    (job,) = jobs(comfygen)
    assert (job["quality"]["passed"], job["quality"]["takes"], job["take"]) == (True, 2, 2)


def test_picture_that_never_passes_is_told_by_the_exit_code(painting, background_sandbox, tmp_path):
    (tmp_path / "config.yaml").write_text(NO_MODEL)
    background_sandbox.sandbox.add_fault("black_pictures:times=2")
    said = painting(TEXT, *SMALL, "--retry-limit", 2, "-o", "out")
    assert said.code == 3
    assert "completed: the pictures did not pass, take 1 is the best of 2: " in said.out


def test_quality_that_this_process_cannot_judge_is_refused_and_nothing_is_queued(painting, comfygen, tmp_path):
    (tmp_path / "config.yaml").write_text(NO_MODEL)
    said = painting(TEXT, *SMALL, "--best-of", 2)
    assert said.code == 2
    assert "needs one" in said.err or "error[missing_extra]" in said.err
    assert jobs(comfygen) == []


def test_dry_run_asks_nothing_of_a_picture(compose):
    assert compose(TEXT, "--dry-run", "--best-of", 2).code == 0
