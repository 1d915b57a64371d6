import pytest

from comfy_gen.errors import ModelNotFoundError
from comfy_gen.pipeline.choice import Choice, choose
from comfy_gen.sandbox import DEFAULT_MODELS
from comfy_gen.workflows.catalogue import load_template


def chosen(models, **asked):
    return choose(models, load=load_template, **asked)


def test_template_whose_models_are_there_is_taken_as_it_is():
    assert chosen(DEFAULT_MODELS) == Choice("sdxl")
    assert chosen(DEFAULT_MODELS, has_image=True) == Choice("sd15-img2img")
    sd15 = {"checkpoints": [load_template("sd15").models[0].file]}
    assert chosen(sd15) == Choice("sd15")


@pytest.mark.parametrize(
    ("checkpoint", "template"),
    [("dreamshaper_8.safetensors", "sd15"), ("juggernautXL_v9.safetensors", "sdxl"), ("animagine.safetensors", "sdxl")],
)
def test_any_checkpoint_will_do_and_is_told(checkpoint, template):
    choice = chosen({"checkpoints": ["sd_refiner.safetensors", checkpoint]})
    assert choice[:2] == (template, checkpoint)
    assert checkpoint in choice.note


def test_checkpoint_for_an_input_picture_runs_the_workflow_for_pictures():
    assert chosen({"checkpoints": ["other.safetensors"]}, has_image=True).template == "sd15-img2img"


def test_model_that_was_asked_for_decides_the_family():
    assert chosen({}, model="some_xl.safetensors") == Choice("sdxl")
    assert chosen({}, model="v1-5.safetensors") == Choice("sd15")
    assert chosen({}, model="some_xl.safetensors", has_image=True) == Choice("sd15-img2img")


@pytest.mark.parametrize("checkpoints", [[], ["svd_xt.safetensors", "sdxl-inpaint.safetensors"]])
def test_engine_without_a_model_is_told_what_is_missing(checkpoints):
    with pytest.raises(ModelNotFoundError) as caught:
        chosen({"checkpoints": checkpoints})
    assert caught.value.folder == "checkpoints"
    assert list(caught.value.nearest) == checkpoints
