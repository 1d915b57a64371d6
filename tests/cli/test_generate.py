"""``comfygen generate`` as people and programs use it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from comfy_gen.comfyui import ComfyUIClient
from comfy_gen.sandbox import SandboxOptions
from comfy_gen.workflows import edits
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.files import save_workflow
from comfy_gen.workflows.picture import read_picture
from tests.background import BackgroundSandbox
from tests.cli.conftest import SMALL

ROOT = Path(__file__).parents[2]


@pytest.fixture
def picture(tmp_path):
    Image.new("RGB", (90, 60), "green").save(tmp_path / "in.png")
    return "in.png"


# --- pictures


def test_picture_is_saved_and_told(comfygen, engine, tmp_path):
    said = comfygen("generate", "a red fox", *SMALL, "--seed", 7)
    assert said.code == 0
    assert "Saved a-red-fox-7.png  seed 7" in said.out
    assert "sandbox" in said.out
    assert engine.url in said.out
    assert os.listdir(tmp_path) == ["a-red-fox-7.png"]


def test_prompt_may_be_an_option(comfygen, engine):
    assert comfygen("generate", "--prompt", "a red fox", *SMALL, "--seed", 7, "-q").out == "a-red-fox-7.png\n"


def test_quiet_prints_the_paths_alone(comfygen, engine):
    said = comfygen("generate", "a fox", *SMALL, "--seed", 7, "--count", 2, "--quiet")
    assert (said.out, said.err) == ("a-fox-7-1.png\na-fox-8-2.png\n", "")


def test_json_says_everything(comfygen, engine):
    said = comfygen("generate", "a fox", *SMALL, "--seed", 7, "--json", "-o", "out.png")
    result = said.json
    assert said.err == ""
    assert [(one["path"], one["seed"]) for one in result["files"]] == [("out.png", 7)]
    assert result["workflow"] == "sd15"
    assert result["engine"]["url"] == engine.url
    assert result["elapsed_seconds"] > 0
    assert result["errors"] == []


def test_json_progress_is_one_update_a_line(comfygen, engine):
    updates = comfygen("generate", "a fox", *SMALL, "--json-progress").lines
    assert [update["type"] for update in updates][:2] == ["connected", "start"]
    assert [update["step"] for update in updates if update["type"] == "progress"] == [1, 2, 3]
    assert updates[-1]["type"] == "complete"
    assert Path(updates[-1]["files"][0]).is_file()


def test_every_option_reaches_the_workflow(comfygen, engine):
    options = ["--cfg", 4.5, "--sampler", "heun", "--scheduler", "karras", "-n", "fog", "--lora", "watercolor:0.5"]
    comfygen("generate", "a fox", *SMALL, *options, "--model", "sd_xl_base_1.0", "--seed", 7, "-o", "a.png")
    record = read_picture("a.png")
    assert record.parameters.splitlines() == [
        "a fox <lora:watercolor:0.5>",
        "Negative prompt: fog",
        "Steps: 3, Sampler: Heun, Schedule type: Karras, CFG scale: 4.5, Seed: 7, Size: 64x64, Model: sd_xl_base_1.0",
    ]


def test_picture_is_repeated_exactly(comfygen, engine):
    comfygen("generate", "a fox", *SMALL, "-o", "a.png")
    assert comfygen("generate", "--from", "a.png", "-o", "b.png").code == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    comfygen("generate", "--from", "a.png", "-o", "c.png", "--seed", 1)
    assert Path("c.png").read_bytes() != Path("a.png").read_bytes()


def test_picture_is_painted_from_another(comfygen, engine, picture):
    said = comfygen(
        "generate",
        "a fox",
        "-i",
        picture,
        "--resize",
        "64x64",
        "--crop",
        "cover",
        "--denoise",
        0.5,
        "--steps",
        2,
        "--json",
    )
    assert said.json["workflow"] == "sd15-img2img"
    with Image.open(said.json["files"][0]["path"]) as image:
        assert image.size == (64, 64)


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", "JPEG"), ("a.webp", "WEBP"), ("a.png", "PNG"), ("a", "PNG")])
def test_file_gets_the_format_that_its_name_says(comfygen, engine, name, kind):
    path = comfygen("generate", "a fox", *SMALL, "-q", "-o", name).out.strip()
    with Image.open(path) as image:
        assert image.format == kind
    assert comfygen("generate", "--from", path, "--dry-run").code == 0


def test_names_with_brackets_are_shown_as_they_are(comfygen, engine):
    assert "Saved a[1].png" in comfygen("generate", "a [red] fox", *SMALL, "-o", "a[1].png").out
    assert "a [red] fox" in comfygen("generate", "a [red] fox", *SMALL, "--dry-run").out


def test_folder_gets_a_name_of_ours(comfygen, engine, tmp_path):
    (tmp_path / "pictures").mkdir()
    said = comfygen("generate", "a fox", *SMALL, "--seed", 1, "-q", "-o", "pictures")
    assert said.out == "pictures/a-fox-1.png\n"


@pytest.mark.parametrize("name", ["sd15", "sdxl", "flux-dev", "flux-schnell", "sd3.5", "qwen-image", "wan2.2-t2v"])
def test_every_template_runs_from_a_prompt(comfygen, engine, name):
    said = comfygen("generate", "a fox", "-w", name, "--width", 64, "--height", 64, "--steps", 2, "--json")
    assert (said.code, len(said.json["files"])) == (0, 1), said.out


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sd15-img2img", ["a fox", "--steps", 2]),
        ("sd15-inpaint", ["a fox", "--steps", 2]),
        ("upscale", []),
        ("wan2.2-i2v", ["a fox", "--steps", 2, "--width", 64, "--height", 64]),
    ],
)
def test_every_template_runs_from_a_picture(comfygen, engine, picture, name, options):
    said = comfygen("generate", *options, "-w", name, "-i", picture, "--json")
    assert (said.code, len(said.json["files"])) == (0, 1), said.out


def test_dry_run_sends_nothing(comfygen, engine, tmp_path):
    said = comfygen("generate", "a fox", *SMALL, "--dry-run")
    assert said.code == 0
    assert "nothing was sent" in said.out
    assert comfygen("generate", "a fox", *SMALL, "--dry-run", "--json").json["valid"] is True
    assert engine.sandbox.prompts_received == 0
    assert os.listdir(tmp_path) == []


# --- errors: a code, what is wrong, what to do


def refused(said, code, *words, exit_code=2):
    assert said.code == exit_code
    assert said.err.startswith(f"error[{code}]: "), said.err
    for word in words:
        assert word in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_unknown_workflow_names_the_nearest(comfygen, engine):
    refused(comfygen("generate", "x", "-w", "sdlx"), "workflow_not_found", "'sdlx'", "sdxl", "comfygen templates")


def test_invalid_json_has_line_and_column(comfygen, engine, tmp_path):
    (tmp_path / "bad.json").write_text('{\n  "1": ]\n}')
    refused(comfygen("generate", "x", "-w", "bad.json"), "workflow_syntax", "line 2, column 8")


def test_editors_format_is_named(comfygen, engine, tmp_path):
    (tmp_path / "ui.json").write_text('{"nodes": [], "links": []}')
    refused(comfygen("generate", "x", "-w", "ui.json"), "workflow_format_ui", "Export (API)")


def test_unknown_model_names_the_nearest(comfygen, engine):
    refused(comfygen("generate", "x", "--model", "sd_xl_bas"), "missing_model", "sd_xl_base_1.0.safetensors")


def test_odd_width_names_the_nearest_that_works(comfygen, engine):
    refused(comfygen("generate", "x", "-w", "sd15", "--width", 511), "invalid_parameter", "multiple of 8", "512")


def test_several_mistakes_are_told_at_once(comfygen, engine):
    said = comfygen("generate", "x", "-w", "sd15", "--width", 511, "--lora", "nope", "--sampler", "eulr")
    refused(said, "invalid_request", "multiple of 8", "'nope'", "'eulr'", "euler")


def test_server_that_is_down_says_how_to_start_one(comfygen):
    said = comfygen("generate", "x", "--engine", "http://127.0.0.1:9")
    refused(said, "engine_unreachable", "http://127.0.0.1:9", "comfygen sandbox")


def test_corrupt_input_picture_is_named(comfygen, engine, tmp_path):
    (tmp_path / "no.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    refused(comfygen("generate", "x", "-i", "no.png"), "invalid_image", "no.png")


def test_missing_output_folder_is_found_first(comfygen, engine):
    refused(comfygen("generate", "x", "-o", "gone/a.png"), "output_path", "gone", "No such file")
    assert engine.sandbox.prompts_received == 0


def test_read_only_folder_is_found_first(comfygen, engine, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("comfy_gen.pipeline.postprocess.tempfile.TemporaryFile", refuse)  # root may write everywhere
    refused(comfygen("generate", "x"), "output_path", "Permission denied")
    assert engine.sandbox.prompts_received == 0


def test_full_disk_leaves_nothing_behind(comfygen, engine, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)  # called once all is written
    refused(comfygen("generate", "x", *SMALL), "output_path", "No space left")
    assert os.listdir(tmp_path) == []


def test_failed_generation_is_one(comfygen, engine):
    engine.sandbox.add_fault("out_of_memory:step=2")
    refused(comfygen("generate", "x", *SMALL), "out_of_memory", "KSampler", exit_code=1)


def test_partial_success_is_no_success(comfygen, engine, tmp_path):
    workflow = load_template("sd15").workflow
    save_workflow(workflow, tmp_path / "own.json")
    engine.sandbox.add_fault("out_of_memory:nth=2")
    said = comfygen("generate", "x", "-w", "own.json", *SMALL[2:], "--count", 2)
    assert said.code == 1
    assert said.out.count("Saved") == 1
    assert "error[out_of_memory]" in said.err


def test_error_is_json_where_json_was_asked_for(comfygen):
    said = comfygen("generate", "x", "--engine", "http://127.0.0.1:9", "--json")
    assert said.code == 2
    assert said.json["error"]["code"] == "engine_unreachable"
    assert said.err == ""


def test_what_is_saved_is_told_whatever_happens_then(comfygen, engine):
    engine.sandbox.add_fault("forget:nth=2,step=2")
    said = comfygen("generate", "x", *SMALL, "--count", 2, "--seed", 5, "--json")
    assert said.code == 2
    assert [one["path"] for one in said.json["files"]] == ["x-5-1.png"]
    assert [error["code"] for error in said.json["errors"]] == ["engine_lost"]


def test_other_server_is_told_apart_from_a_comfyui(comfygen, bucket_endpoint):
    refused(comfygen("generate", "x", "--engine", bucket_endpoint), "not_comfyui", bucket_endpoint, "--engine URL")


def test_negative_prompt_without_effect_is_noted(comfygen, engine):
    said = comfygen("generate", "x", "-w", "flux-dev", "-n", "fog", "--dry-run")
    assert "has no effect" in said.err


def test_seed_of_minus_one_in_a_file_is_random(comfygen, engine, tmp_path):
    workflow = load_template("sd15").workflow
    workflow["5"]["inputs"]["seed"] = -1
    save_workflow(workflow, tmp_path / "own.json")
    assert comfygen("generate", "x", "-w", "own.json", "--dry-run").code == 0


def test_missing_input_picture_of_a_repeated_one_says_how_to_give_it(comfygen, engine, picture, tmp_path):
    save_workflow(load_template("sd15-img2img").workflow, tmp_path / "own.json")
    refused(comfygen("generate", "x", "-w", "own.json"), "invalid_workflow", "give it with -i")


def test_error_before_the_run_is_an_update_too(comfygen):
    (update,) = comfygen("generate", "x", "--engine", "http://127.0.0.1:9", "--json-progress").lines
    assert (update["type"], update["code"]) == ("error", "engine_unreachable")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_full_standard_output_is_told(tmp_path):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "comfy_gen", "templates"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error[output_path]: cannot write standard output: No space left on device")


@pytest.mark.parametrize(
    "arguments",
    [[], ["--steps", "many"], ["x", "--no-such-option"], ["x", "--prompt", "y"], ["--cancel", ""]],
)
def test_misuse_is_two(comfygen, arguments):
    said = comfygen("generate", *arguments)
    assert said.code == 2
    assert "Usage: comfygen generate" in said.err


# --- cancelling


def test_cancelling_what_is_not_there_is_one(comfygen, engine):
    said = comfygen("generate", "--cancel", "no-such-prompt")
    assert (said.code, said.out) == (1, "The engine knows no prompt no-such-prompt.\n")


def test_cancelling_a_waiting_prompt_of_somebody_else_is_told(comfygen, engine):
    engine.sandbox.add_fault("hang")
    with ComfyUIClient(url=engine.url) as client:
        workflow = load_template("sd15").workflow
        client.submit(workflow)
        waiting = client.submit(edits.set_seed(workflow, 2)).prompt_id
        said = comfygen("generate", "--cancel", waiting)
        assert (said.code, said.out) == (0, f"Prompt {waiting} was waiting; it is out of the queue.\n")
        assert comfygen("generate", "--cancel", waiting, "--json").json == {"prompt_id": waiting, "result": "unknown"}


def test_interruption_before_anything_was_sent_says_so(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "comfy_gen", "generate", "x", "--engine", url]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
            connection, _ = silent.accept()
            connection.recv(1)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=20)
            connection.close()
    assert (process.returncode, said) == (130, "Interrupted. Nothing was sent.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_cancels_on_the_engine_and_leaves_no_file(tmp_path, number):
    with BackgroundSandbox(SandboxOptions(step_time=0.02)) as engine:
        environment = {**os.environ, "COMFYUI_API_BASE": engine.url}
        command = [sys.executable, "-m", "comfy_gen", "generate", "a fox", *SMALL[:-1], "5000", "--json-progress"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                if '"progress"' in line:
                    break
            process.send_signal(number)
            process.communicate(timeout=20)
            assert process.returncode == 130
        assert engine.call(_idle(engine.sandbox)) == "interrupted"
    assert os.listdir(tmp_path) == []


async def _idle(sandbox):
    """Wait until the engine has nothing to do, and return how its only prompt ended."""
    from comfy_gen.comfyui import AsyncComfyUIClient

    async with AsyncComfyUIClient(url=sandbox.url) as client:
        queue = await client.read_queue()
        known = [*queue.prompt_ids, *await client.get_history()]
        return (await client.attach(known[0]).result(10)).ending.value


def test_script_in_the_root_is_the_same_command(engine, tmp_path):
    environment = {**os.environ, "COMFYUI_API_BASE": engine.url}
    command = [sys.executable, str(ROOT / "generate.py"), "--prompt", "a fox", *SMALL, "-q", "--seed", "3"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=30, check=True
    )
    assert (done.stdout, done.stderr) == ("a-fox-3.png\n", "")
