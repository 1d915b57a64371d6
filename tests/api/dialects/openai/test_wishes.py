"""What OpenAI's parameters mean to a workflow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comfy_gen.api.dialects.openai.bodies import EditBody, GenerationBody, VariationBody
from comfy_gen.api.dialects.openai.models import Meaning
from comfy_gen.api.dialects.openai.wishes import (
    LIKENESS,
    Given,
    check_amount,
    check_background,
    numbered,
    preset_of,
    quality_of,
    wish_of,
)
from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.deriving import derive_template
from comfy_gen.workflows.template import Template

ANY = Meaning()
BARE = Template(name="bare", workflow={"1": {"class_type": "EmptyImage", "inputs": {}}})
ONE = Given(("comfygen://uploads/a.png",))


def shipped(name):
    return Meaning(load_template(name))


def body(**said):
    return GenerationBody(**{"prompt": "a fox", **said})


def edit(**said):
    return EditBody(**{"prompt": "a fox", **said})


def test_text_size_and_quality_become_prompt_sides_and_preset():
    request = wish_of(body(size="1024x512", quality="hd"), ANY)
    assert (request.prompt, request.width, request.height, request.preset) == ("a fox", 1024, 512, "high-quality")
    assert request.workflow is request.model is None


def test_size_that_is_automatic_is_the_workflow_s_own():
    for size in ("auto", None):
        request = wish_of(body(size=size), ANY)
        assert (request.width, request.height) == (None, None)


def test_model_is_a_workflow_or_a_checkpoint():
    assert wish_of(body(), shipped("sdxl")).workflow == "sdxl"
    assert wish_of(body(), Meaning(checkpoint="ink.safetensors")).model == "ink.safetensors"


def test_own_parameters_go_with_it():
    request = wish_of(body(seed=7, steps=3, cfg=2.5, negative_prompt="fog", sampler="ddim", scheduler="karras"), ANY)
    assert (request.seed, request.steps, request.cfg, request.negative_prompt) == (7, 3, 2.5, "fog")
    assert (request.sampler, request.scheduler) == ("ddim", "karras")


def test_each_of_several_pictures_has_the_seed_that_follows():
    request = wish_of(body(seed=7), ANY)
    assert [numbered(request, number).seed for number in range(3)] == [7, 8, 9]
    assert numbered(replace(request, seed=None), 2).seed is None
    assert numbered(replace(request, seed=-1), 2).seed == -1


@pytest.mark.parametrize(
    ("asked", "preset", "told"),
    [
        ("low", "draft", "low"),
        ("standard", "balanced", "medium"),
        ("max", "high-quality", "high"),
        ("auto", None, "medium"),
    ],
)
def test_quality_is_a_preset_and_told_as_it_is(asked, preset, told):
    assert preset_of(body(quality=asked), None) == preset
    assert quality_of(body(quality=asked), load_template("sd15")) == told


def test_quality_that_makes_no_difference_is_not_told():
    assert preset_of(body(quality="high"), BARE) is None
    assert quality_of(body(quality="high"), BARE) is None


def test_video_is_no_picture():
    with pytest.raises(InvalidParameterError, match="this one makes videos"):
        wish_of(body(), shipped("wan2.2-t2v"))


def test_workflow_that_needs_a_picture_makes_none_of_a_text():
    with pytest.raises(InvalidParameterError, match=r"images\.edit"):
        wish_of(body(), shipped("sd15-img2img"))


def test_picture_goes_where_the_workflow_takes_one_and_decides_the_size():
    assert wish_of(edit(size="512x512"), ANY, ONE).input_image == ONE.images[0]
    request = wish_of(edit(size="512x512"), shipped("sd15-img2img"), ONE)
    assert request.inputs == {"image": ONE.images[0]}
    assert request.width is None


def test_mask_goes_beside_the_picture():
    given = Given(ONE.images, "comfygen://uploads/m.png")
    assert wish_of(edit(), ANY, given).inputs == {"mask": given.mask}
    assert wish_of(edit(), shipped("sd15-inpaint"), given).inputs == {"mask": given.mask, "image": ONE.images[0]}


def test_workflow_with_several_places_takes_several_pictures():
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
        "2": {"class_type": "LoadImage", "inputs": {"image": "b.png"}},
        "3": {"class_type": "ImageBatch", "inputs": {"image1": ["1", 0], "image2": ["2", 0]}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}},
    }
    template = derive_template("two", graph)
    given = Given(("first", "second"))
    assert wish_of(edit(prompt=""), Meaning(template), given).inputs == {"image": "first", "image_2": "second"}
    check_amount(2, template)


def test_no_more_pictures_are_taken_than_the_workflow_has_places_for():
    for template, most in ((None, 1), (load_template("sd15-inpaint"), 1), (load_template("sd15"), 0)):
        check_amount(most, template)
        with pytest.raises(InvalidParameterError, match=f"{most} at most") as caught:
            check_amount(most + 1, template)
        assert caught.value.name == "image"


def test_variation_keeps_much_of_its_picture_and_shows_no_other_prompt():
    request = wish_of(VariationBody(), ANY, ONE)
    assert (request.prompt, request.denoise) == ("", LIKENESS)
    assert wish_of(VariationBody(denoise=0.2), ANY, ONE).denoise == 0.2
    assert wish_of(edit(), ANY, ONE).denoise is None


def test_empty_prompt_is_none_for_a_workflow_that_takes_none():
    assert wish_of(edit(prompt=""), shipped("upscale"), ONE).prompt is None
    assert wish_of(edit(prompt="x"), shipped("upscale"), ONE).prompt == "x"  # the planner says that it takes none
    assert wish_of(VariationBody(), shipped("upscale"), ONE).denoise is None


def test_background_is_transparent_only_where_a_workflow_leaves_it_out():
    with pytest.raises(InvalidParameterError, match="opaque or auto"):
        check_background(body(background="transparent"), load_template("sd15"))
    with pytest.raises(InvalidParameterError, match="opaque or auto"):
        check_background(body(background="transparent"), None)
    cutting = Template(name="cut", workflow={"1": {"class_type": "InspyrenetRembg", "inputs": {}}})
    check_background(body(background="transparent"), cutting)
    check_background(body(background="opaque"), None)
    with pytest.raises(InvalidParameterError, match="png or webp"):
        check_background(body(background="transparent", output_format="jpeg"), cutting)
