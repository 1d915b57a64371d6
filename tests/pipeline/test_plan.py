"""Plans against the sandbox: what will be sent, or everything that stands against it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from comfy_gen.errors import (
    ForbiddenContentError,
    InvalidRequestError,
    InvalidWorkflowError,
    MetadataNotFoundError,
    ModelNotFoundError,
    WorkflowNotFoundError,
)
from comfy_gen.pipeline.plan import inspect, make_plan, plan_file
from comfy_gen.pipeline.request import GenerationRequest, Lora
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.files import save_workflow
from comfy_gen.workflows.parameters import parameters_of
from comfy_gen.workflows.picture import with_parameters


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "in.png"
    Image.new("RGB", (90, 60), "green").save(path)
    return path


async def planned(client, **asked):
    return await make_plan(client, GenerationRequest(**asked))


async def test_prompt_alone_is_enough(client):
    plan = await planned(client, prompt="a lighthouse", seed=4)
    assert (plan.name, plan.seeds, plan.uploads, plan.notes) == ("sdxl", [4], {}, ())
    assert parameters_of(plan.workflow).prompt == "a lighthouse"


async def test_preset_sets_what_was_not_asked_for(client):
    plan = await planned(client, prompt="x", workflow="sd15", preset="draft", cfg=3.0)
    made, preset = parameters_of(plan.workflow), load_template("sd15").presets["draft"]
    assert made.steps == preset["steps"]
    assert made.cfg == 3.0


async def test_file_of_ones_own_is_taken(client, tmp_path):
    save_workflow(load_template("sd15").workflow, tmp_path / "own.json")
    plan = await planned(client, workflow=str(tmp_path / "own.json"), preset="draft")
    assert plan.name == str(tmp_path / "own.json")


async def test_names_are_completed_from_what_the_engine_has(client):
    plan = await planned(client, workflow="sd15", model="sd_xl_base_1.0", loras=(Lora("watercolor", 0.5),))
    assert "sd_xl_base_1.0.safetensors" in str(plan.workflow)
    assert "watercolor.safetensors" in str(plan.workflow)


async def test_input_picture_is_fitted_and_named_by_its_content(client, picture):
    plan = await planned(client, prompt="x", input_image=str(picture), resize=(64, 64), crop="cover")
    ((name, content),) = plan.uploads.items()
    assert plan.name == "sd15-img2img"
    assert name in str(plan.workflow)
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (64, 64)


async def test_missing_model_names_the_nearest_five(client):
    with pytest.raises(ModelNotFoundError) as caught:
        await planned(client, prompt="x", model="sd_xl_bas.safetensors")
    assert caught.value.nearest[0] == "sd_xl_base_1.0.safetensors"


async def test_everything_that_is_wrong_is_told_at_once(client):
    with pytest.raises(InvalidRequestError) as caught:
        await planned(
            client, workflow="sd15", prompt="x", model="gone", loras=(Lora("nope"),), width=100, steps=0, sampler="eulr"
        )
    codes = [error.code for error in caught.value.errors]
    assert codes == ["invalid_parameter", "missing_model", "missing_model", "invalid_workflow"]
    (last,) = [error for error in caught.value.errors if isinstance(error, InvalidWorkflowError)]
    assert len(last.problems) == 2


async def test_unknown_class_is_told_with_the_nearest_of_all(client):
    workflow = load_template("sd15").workflow
    workflow["5"]["class_type"] = "KSamplr"
    (problem,) = [one for one in await inspect(client, workflow) if one.class_type == "KSamplr"]
    assert problem.nearest[0] == "KSampler"


async def test_unknown_workflow_names_the_nearest(client):
    with pytest.raises(WorkflowNotFoundError) as caught:
        await planned(client, prompt="x", workflow="sd51")
    assert "sd15" in caught.value.nearest


async def test_a1111_picture_is_repeated_as_far_as_it_tells(client, tmp_path):
    target = io.BytesIO()
    Image.new("RGB", (8, 8)).save(target, "PNG")
    text = "a fox\nNegative prompt: fog\nSteps: 7, Sampler: Euler a, CFG scale: 5, Seed: 99, Size: 640x512"
    (tmp_path / "a.png").write_bytes(with_parameters(target.getvalue(), text))
    plan = await planned(client, from_picture=str(tmp_path / "a.png"))
    made = parameters_of(plan.workflow)
    assert plan.seeds == [99]
    assert (made.prompt, made.negative, made.steps, made.sampler) == ("a fox", "fog", 7, "euler_ancestral")
    assert (made.width, made.height) == (640, 512)


async def test_picture_without_a_record_cannot_be_repeated(client, picture):
    with pytest.raises(MetadataNotFoundError):
        await planned(client, from_picture=str(picture))


async def test_what_no_tier_allows_is_refused(client, tmp_path):
    with pytest.raises(ForbiddenContentError):
        await planned(client, prompt="child, nude")
    plan = await planned(client, prompt="a child in a garden", negative_prompt="nude")
    save_workflow(plan.workflow, tmp_path / "file.json")
    await plan_file(client, str(tmp_path / "file.json"))
    with pytest.raises(ForbiddenContentError):
        await plan_file(client, str(tmp_path / "file.json"), settings=[("prompt", "child, nude")])
