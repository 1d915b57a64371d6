"""The function API behaves as it is documented."""

from __future__ import annotations

import json
import logging

import pytest
from PIL import Image

from comfy_gen import generate
from comfy_gen.errors import RoleNotFoundError
from comfy_gen.sandbox import Fault
from comfy_gen.workflows.parameters import parameters_of


@pytest.fixture(autouse=True)
def engine(background_sandbox, monkeypatch):
    """Point the functions to a sandbox, and forget their client of it afterwards."""
    monkeypatch.setattr(generate, "COMFYUI_HOST", background_sandbox.url)
    yield background_sandbox
    generate._client().close()
    generate._client_of.cache_clear()


@pytest.fixture
def delays(monkeypatch):
    """The waits between attempts, which are not waited for."""
    waited = []
    monkeypatch.setattr(generate.time, "sleep", waited.append)
    return waited


@pytest.fixture
def workflow():
    return generate.modify_sampler_params(generate.load_workflow("workflows/sd15.json"), steps=2, seed=1)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (80, 40), "green").save(path)
    return path


# --- names


def test_constants_have_the_documented_values():
    assert (generate.EXIT_SUCCESS, generate.EXIT_CONFIG_ERROR) == (0, 2)
    assert (generate.MAX_RETRIES, generate.RETRY_DELAY, generate.RETRY_BACKOFF) == (3, 2, 2)
    assert generate.COMFYUI_HOST.startswith("http://")


def test_root_module_is_this_one():
    import generate as root

    assert root is generate


# --- the engine


def test_availability_is_told(engine):
    assert generate.check_server_availability() is True
    engine.call(engine.sandbox.stop())
    assert generate.check_server_availability() is False


def test_models_are_listed_by_type(engine):
    models = generate.get_available_models()
    assert {"checkpoints", "loras", "vae"} <= set(models)
    assert "v1-5-pruned-emaonly-fp16.safetensors" in models["checkpoints"]
    engine.call(engine.sandbox.stop())
    assert generate.get_available_models() is None


def test_fallbacks_are_the_five_nearest():
    models = {"checkpoints": [f"sd15-{number}.safetensors" for number in range(9)], "vae": ["ae.safetensors"]}
    assert len(generate.find_model_fallbacks("sd15.ckpt", models)) == 5
    assert generate.find_model_fallbacks("flux-ae", models, "vae") == ["ae.safetensors"]
    assert generate.find_model_fallbacks("x", models, "loras") == []


def test_missing_models_are_listed_with_suggestions(workflow):
    models = generate.get_available_models()
    assert generate.validate_workflow_models(workflow, models) == (True, [], {})
    workflow["1"]["inputs"]["ckpt_name"] = "gone.safetensors"
    valid, missing, suggestions = generate.validate_workflow_models(workflow, models)
    assert (valid, missing) == (False, [("checkpoints", "gone.safetensors")])
    assert len(suggestions["gone.safetensors"]) == 5


def test_nothing_is_suggested_where_there_is_nothing(workflow):
    assert generate.validate_workflow_models(workflow, {"checkpoints": []})[2] == {}


# --- the workflow


def test_missing_workflow_is_a_file_not_found_error():
    with pytest.raises(FileNotFoundError):
        generate.load_workflow("gone.json")


def test_invalid_json_is_a_json_decode_error(tmp_path):
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(json.JSONDecodeError):
        generate.load_workflow(str(tmp_path / "bad.json"))


def test_prompts_are_set_in_place(workflow):
    assert generate.modify_prompt(workflow, "a fox", "fog") is workflow
    assert workflow["2"]["inputs"]["text"] == "a fox"
    assert workflow["3"]["inputs"]["text"] == "fog"
    generate.modify_prompt(workflow, "a fox")
    assert workflow["3"]["inputs"]["text"] == ""


def test_negative_prompt_of_a_model_that_takes_none_is_left_out_and_told(workflow, caplog):
    workflow["3"] = {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["2", 0]}}
    generate.modify_prompt(workflow, "a fox", "fog")
    assert parameters_of(workflow).prompt == "a fox"
    assert "takes none" in caplog.text


def test_sampler_parameters_are_set_where_they_are_given(workflow):
    generate.modify_sampler_params(workflow, cfg=4.0, sampler_name="heun", scheduler="karras", seed=9)
    made = parameters_of(workflow)
    assert (made.steps, made.cfg, made.sampler, made.scheduler, made.seed) == (2, 4.0, "heun", "karras", 9)


def test_image_and_denoise_are_set(workflow):
    painted_over = generate.load_workflow("sd15-img2img")
    generate.modify_denoise(generate.modify_input_image(painted_over, "up.png"), 0.3)
    assert parameters_of(painted_over).denoise == 0.3
    assert "up.png" in str(painted_over)
    with pytest.raises(RoleNotFoundError):
        generate.modify_input_image(workflow, "up.png")


# --- one prompt


def test_workflow_becomes_a_file(workflow, tmp_path):
    prompt_id = generate.queue_workflow(workflow)
    status = generate.wait_for_completion(prompt_id)
    assert status["status"]["status_str"] == "success"
    assert generate.download_output(status, str(tmp_path / "a.png")) is True
    with Image.open(tmp_path / "a.png") as image:
        assert image.format == "PNG"


@pytest.mark.parametrize("kind", ["error_500", "refuse"])
def test_transient_trouble_is_retried_three_times_with_doubling_delays(engine, workflow, delays, kind):
    engine.sandbox.add_fault(Fault(kind, times=4))
    assert generate.queue_workflow(workflow) is None
    assert delays == [2, 4, 8]
    assert generate.queue_workflow(workflow) is not None


def test_last_retry_may_succeed(engine, workflow, delays):
    engine.sandbox.add_fault(Fault("error_500", times=3))
    prompt_id = generate.queue_workflow(workflow)
    assert generate.wait_for_completion(prompt_id)["status"]["completed"]
    assert engine.sandbox.prompts_received == 1
    assert delays == [2, 4, 8]


def test_without_retry_the_first_trouble_is_the_last(engine, workflow, delays):
    engine.sandbox.add_fault(Fault("error_500"))
    assert generate.queue_workflow(workflow, retry=False) is None
    assert delays == []


def test_refusal_is_not_retried(workflow, delays, caplog):
    workflow["1"]["inputs"]["ckpt_name"] = "gone.safetensors"
    assert generate.queue_workflow(workflow) is None
    assert delays == []
    assert "gone.safetensors" in caplog.text


def test_lost_answers_never_make_two_of_one(engine, workflow, delays):
    engine.sandbox.add_fault(Fault("lose_answer"))
    assert generate.queue_workflow(workflow) is not None
    assert engine.sandbox.prompts_received == 1


def test_failed_prompt_has_the_status_of_an_error(engine, workflow, caplog, tmp_path):
    engine.sandbox.add_fault(Fault("out_of_memory"))
    status = generate.wait_for_completion(generate.queue_workflow(workflow))
    assert status["status"]["status_str"] == "error"
    assert "out of memory" in caplog.text.lower() or "allocation" in caplog.text.lower()
    assert generate.download_output(status, str(tmp_path / "a.png")) is False


def test_unknown_prompt_has_the_status_of_an_error(caplog):
    status = generate.wait_for_completion("no-such-prompt")
    assert status["status"]["status_str"] == "error"
    assert status["outputs"] == {}


def test_cancelling_tells_whether_there_was_something_to_cancel(workflow):
    prompt_id = generate.queue_workflow(workflow)
    generate.wait_for_completion(prompt_id)
    assert generate.cancel_prompt(prompt_id) is False
    assert generate.cancel_prompt("no-such-prompt") is False


def test_running_prompt_is_cancelled(engine, workflow):
    engine.sandbox.add_fault(Fault("slow", seconds=0.05))
    prompt_id = generate.queue_workflow(generate.modify_sampler_params(workflow, steps=500))
    assert generate.cancel_prompt(prompt_id) is True
    generate.wait_for_completion(prompt_id)
    assert generate._client().get_queue_remaining() == 0


def test_unwritable_place_is_false(workflow, tmp_path, caplog):
    status = generate.wait_for_completion(generate.queue_workflow(workflow))
    assert generate.download_output(status, str(tmp_path / "gone" / "a.png")) is False
    assert "cannot write" in caplog.text


# --- pictures


def test_uploaded_picture_has_a_name_of_its_own(picture, tmp_path, caplog):
    name = generate.upload_image_to_comfyui(str(picture))
    assert generate.upload_image_to_comfyui(str(picture)) == name
    assert generate._client().get_image(name, folder_type="input") == picture.read_bytes()
    assert generate.upload_image_to_comfyui(str(tmp_path / "gone.png")) is None
    assert "No such file" in caplog.text


def test_picture_is_preprocessed_in_place(picture):
    assert generate.preprocess_image(str(picture), resize=(32, 32), crop="cover") == str(picture)
    with Image.open(picture) as image:
        assert image.size == (32, 32)


def test_bucket_that_cannot_be_reached_is_none(picture, monkeypatch, caplog):
    monkeypatch.setenv("MINIO_ENDPOINT", "127.0.0.1:9")
    monkeypatch.setenv("MINIO_ACCESS_KEY", "a")
    monkeypatch.setenv("MINIO_SECRET_KEY", "b")
    assert generate.upload_to_minio(str(picture), "a.png") is None
    assert "could not store" in caplog.text


def test_missing_extra_is_told(picture, monkeypatch, caplog):
    import sys

    monkeypatch.setitem(sys.modules, "boto3", None)
    caplog.set_level(logging.ERROR)
    assert generate.upload_to_minio(str(picture), "a.png") is None
    assert "pip install 'comfygen-server[s3]'" in caplog.text
