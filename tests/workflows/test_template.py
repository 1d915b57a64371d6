import copy
from typing import Any

import pytest

from comfy_gen.errors import InvalidParameterError, RoleNotFoundError, TemplateCardError
from comfy_gen.workflows.parameter import Parameter
from comfy_gen.workflows.slots import Slot
from comfy_gen.workflows.template import ModelNeed, Template
from tests.workflows.samples import experts, inpainting, plain

TEMPLATE = Template(
    name="fox",
    workflow=plain(),
    title="Fox",
    summary="Paints foxes.",
    aliases=("vixen",),
    parameters=(
        Parameter(name="prompt", type="string", role="positive", default="a fox"),
        Parameter(name="negative_prompt", type="string", role="negative", default="ugly"),
        Parameter(name="seed", type="integer", role="seed", default=7, minimum=0),
        Parameter(name="steps", type="integer", role="steps", default=20, minimum=1, maximum=100),
        Parameter(name="cfg", type="number", role="cfg", default=8.0),
        Parameter(name="sampler", type="string", role="sampler", default="euler"),
        Parameter(name="scheduler", type="string", role="scheduler", default="normal"),
        Parameter(name="denoise", type="number", role="denoise", default=1.0),
        Parameter(name="height", type="integer", role="height", default=768, multiple_of=8),
        Parameter(name="width", type="integer", role="width", default=512, multiple_of=8),
        Parameter(name="batch", type="integer", role="batch", default=2),
        Parameter(name="model", type="string", role="models", default="tiny_sd15.safetensors"),
        Parameter(name="prefix", type="string", slots=(Slot("46", "filename_prefix"),), default="x"),
    ),
    models=(ModelNeed("checkpoints", "tiny_sd15.safetensors", (Slot("41", "ckpt_name"),), "https://example.org/tiny"),),
    presets={"draft": {"steps": 5, "cfg": 3.0}, "balanced": {}},
)


def test_values_are_put_into_a_workflow_of_its_own():
    before = copy.deepcopy(TEMPLATE.workflow)
    values: dict[str, Any] = {
        "prompt": "an owl",
        "negative_prompt": "rain",
        "seed": 1,
        "steps": 2,
        "cfg": 3.0,
        "sampler": "heun",
    }
    graph = TEMPLATE.instantiate(**values, scheduler="karras", denoise=0.5, batch=1, model="b", prefix="y")
    expected = plain(seed=1, steps=2, cfg=3.0, sampler_name="heun", scheduler="karras", denoise=0.5)
    expected["42"]["inputs"]["text"], expected["43"]["inputs"]["text"] = "an owl", "rain"
    expected["44"]["inputs"]["batch_size"] = 1
    expected["41"]["inputs"]["ckpt_name"], expected["46"]["inputs"]["filename_prefix"] = "b", "y"
    assert graph == expected
    assert TEMPLATE.workflow == before


def test_nothing_given_leaves_the_defaults():
    graph = TEMPLATE.instantiate(prompt=None)
    assert graph == TEMPLATE.workflow
    assert graph is not TEMPLATE.workflow


@pytest.mark.parametrize(("given", "size"), [({"width": 640}, (640, 768)), ({"height": 640, "width": 64}, (64, 640))])
def test_side_that_is_not_given_keeps_its_default(given, size):
    inputs = TEMPLATE.instantiate(**given)["44"]["inputs"]
    assert (inputs["width"], inputs["height"]) == size


def test_preset_gives_way_to_values():
    inputs = TEMPLATE.instantiate(preset="draft", cfg=9.0)["40"]["inputs"]
    assert (inputs["steps"], inputs["cfg"]) == (5, 9.0)


def test_unknown_preset_is_told():
    with pytest.raises(InvalidParameterError, match="preset is 'best', but must be one of draft, balanced"):
        TEMPLATE.instantiate(preset="best")


def test_all_bad_values_are_told_at_once():
    with pytest.raises(InvalidParameterError) as caught:
        TEMPLATE.instantiate(steps=0, width=513, stepz=3)
    assert str(caught.value) == (
        "stepz is 3, but must be left out: fox has no stepz; "
        "steps is 0, but must be a whole number from 1 to 100; width is 513, but must be a multiple of 8"
    )
    assert "nearest: steps" in caught.value.hint
    assert "the nearest width that works is 512." in caught.value.hint
    assert [other.name for other in caught.value.others] == ["steps", "width"]


def test_value_that_is_required_is_missed():
    template = Template(
        name="t", workflow=inpainting(), parameters=(Parameter(name="image", role="images", required=True),)
    )
    with pytest.raises(InvalidParameterError, match="image is None"):
        template.instantiate()


def test_picture_mask_and_length_are_put_in():
    parameters = tuple(Parameter(name=role, role=role) for role in ("images", "masks"))
    graph = Template(name="t", workflow=inpainting(), parameters=parameters).instantiate(images="a.png", masks="m.png")
    assert graph["60"]["inputs"]["image"] == "a.png"
    assert graph["62"]["inputs"]["image"] == "m.png"
    video = Template(name="v", workflow=experts(), parameters=(Parameter(name="length", role="length"),))
    assert video.instantiate(length=33)["10"]["inputs"]["length"] == 33


def test_place_in_a_node_that_is_not_there_is_told():
    template = Template(name="t", workflow=plain(), parameters=(Parameter(name="x", slots=(Slot("99", "y"),)),))
    with pytest.raises(RoleNotFoundError, match="no x: it has no node 99"):
        template.instantiate(x=1)


def test_template_survives_its_card():
    assert Template.from_card(TEMPLATE.as_card(), TEMPLATE.workflow) == TEMPLATE


def test_parameter_is_found_by_its_name():
    steps = TEMPLATE.parameter("steps")
    assert steps is not None
    assert steps.maximum == 100
    assert TEMPLATE.parameter("colour") is None


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({}, "a template's card .* it has no name"),
        ([], r"a template's card .* \[\] stands where an object must be"),
        ({"name": "t", "parameters": None}, "template 't' .* its parameters is None, not a list"),
        ({"name": "t", "parameters": [{"type": "string"}]}, "a parameter's card .* it has no name"),
        ({"name": "t", "models": [{"folder": "loras"}]}, "a model's card .* it has no file"),
        ({"name": "t", "models": [{"file": "a", "folder": "loras"}]}, "model 'a' .* it has no page"),
        ({"name": "t", "models": [{"file": "a", "folder": "b", "page": "c"}]}, "model 'a' .* it has no used_by"),
        ({"name": "t", "presets": ["draft"]}, r"template 't' .* its presets is \['draft'\], not an object"),
        ({"name": "t", "presets": {"draft": 5}}, "template 't' .* its preset draft is 5, not an object"),
    ],
)
def test_malformed_card_says_what_is_wrong(card, said):
    with pytest.raises(TemplateCardError, match=said):
        Template.from_card(card, plain())
