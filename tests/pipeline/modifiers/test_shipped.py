"""The modifiers that ship: what they write, and what they refuse."""

from __future__ import annotations

import jsonschema
import pytest

from comfy_gen.errors import AssetFetchError, InvalidParameterError
from comfy_gen.pipeline.modifiers import Modifiers
from comfy_gen.pipeline.modifiers.shipped import SHIPPED
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.parameters import parameters_of
from comfy_gen.workflows.roles import find_roles, value_of

MODIFIERS = Modifiers.load()
PICTURE = "https://example.com/a.png"
LEAST = {
    "Text2Image": {},
    "Image2Image": {"input_image": PICTURE},
    "Inpaint": {"input_image": PICTURE},
    "Upscale": {"input_image": PICTURE},
    "LoRA": {"loras": [{"name": "ink.safetensors"}]},
}


def images(workflow):
    return [slot.value(workflow) for slot in find_roles(workflow).images]


async def test_everything_that_is_asked_for_is_written():
    asked = {"prompt": "a fox", "negative_prompt": "ugly", "seed": 3, "steps": 9, "cfg": 2.5, "width": 64, "height": 96}
    more = {"sampler": "heun", "scheduler": "karras", "model": "tiny.ckpt", "loras": [{"name": "ink", "strength": 0.5}]}
    found = parameters_of(await MODIFIERS.apply("Text2Image", {**asked, **more}))
    assert (found.prompt, found.negative, found.seed, found.steps, found.cfg) == ("a fox", "ugly", 3, 9, 2.5)
    assert (found.width, found.height, found.sampler, found.scheduler) == (64, 96, "heun", "karras")
    assert (found.model, found.loras) == ("tiny", (("ink", 0.5),))


@pytest.mark.parametrize("name", SHIPPED)
async def test_least_that_must_be_given_is_enough(name):
    assert await MODIFIERS.apply(name, LEAST[name])
    jsonschema.validate(LEAST[name], SHIPPED[name].schema())


@pytest.mark.parametrize("name", [name for name in SHIPPED if LEAST[name]])
async def test_what_must_be_given_is_missed(name):
    with pytest.raises(InvalidParameterError, match=next(iter(LEAST[name]))):
        await MODIFIERS.apply(name, {})
    assert not jsonschema.Draft202012Validator(SHIPPED[name].schema()).is_valid({})


@pytest.mark.parametrize("name", SHIPPED)
async def test_unknown_modification_is_an_error_with_the_nearest(name):
    with pytest.raises(InvalidParameterError) as caught:
        await MODIFIERS.apply(name, {**LEAST[name], "modle": "x"})
    known = [parameter.name for parameter in SHIPPED[name].parameters()]
    assert nearest_names("modle", known)[0] in caught.value.hint


@pytest.mark.parametrize("seed", [{}, {"seed": -1}, {"seed": None}])
async def test_seed_is_random_unless_given(seed):
    made = [await MODIFIERS.apply("Text2Image", seed) for _ in range(2)]
    assert made[0] != made[1]
    assert all(parameters_of(one).seed >= 0 for one in made)


async def test_two_requests_do_not_meet():
    first = await MODIFIERS.apply("Text2Image", {"seed": 1, "prompt": "a"})
    await MODIFIERS.apply("Text2Image", {"seed": 2, "prompt": "b", "loras": ["x"]})
    assert first == await MODIFIERS.apply("Text2Image", {"seed": 1, "prompt": "a"})


@pytest.mark.parametrize("name", ["Image2Image", "Inpaint", "Upscale"])
async def test_picture_may_be_a_url_or_a_file_of_the_engine(name):
    for picture in (PICTURE, "uploaded.png"):
        assert images(await MODIFIERS.apply(name, {"input_image": picture})) == [picture]
    with pytest.raises(AssetFetchError, match="not public"):
        await MODIFIERS.apply(name, {"input_image": "http://10.0.0.1/a.png"})


async def test_mask_goes_where_the_pictures_own_was():
    workflow = await MODIFIERS.apply("Inpaint", {"input_image": "a.png", "mask_image": PICTURE})
    roles = find_roles(workflow)
    assert (value_of(workflow, roles.images), value_of(workflow, roles.masks)) == ("a.png", PICTURE)


async def test_synonyms_are_understood():
    given = {"image": "a.png", "mask": "m.png", "checkpoint": "tiny.ckpt", "sampler_name": "heun"}
    own = {"input_image": "a.png", "mask_image": "m.png", "model": "tiny.ckpt", "sampler": "heun"}
    same = {"seed": 1}
    assert await MODIFIERS.apply("Inpaint", given | same) == await MODIFIERS.apply("Inpaint", own | same)
    with pytest.raises(InvalidParameterError, match="another name"):
        await MODIFIERS.apply("Inpaint", given | {"model": "other.ckpt"})


async def test_loras_are_added_in_their_order():
    loras = [{"name": "a", "strength": 0.5}, "b:0.25", {"name": "c"}]
    found = parameters_of(await MODIFIERS.apply("LoRA", {"loras": loras})).loras
    assert sorted(found) == [("a", 0.5), ("b", 0.25), ("c", 1.0)]


@pytest.mark.parametrize(
    "loras",
    [
        "a",
        {"name": "a"},
        [3],
        [{}],
        [{"name": ""}],
        [{"name": 3}],
        [{"name": "a", "strength": "1"}],
        [{"name": "a", "strength": True}],
        [{"name": "a", "strenght": 1}],
        [{"name": "a"}] * 21,
        [["a"] * 100_000],
    ],
)
async def test_loras_of_another_shape_are_refused_in_few_words(loras):
    with pytest.raises(InvalidParameterError, match="a list of at most 20") as caught:
        await MODIFIERS.apply("LoRA", {"loras": loras})
    assert len(caught.value.message) < 500
    assert not jsonschema.Draft202012Validator(SHIPPED["LoRA"].schema()).is_valid({"loras": loras})


async def test_lora_of_no_finite_strength_is_refused():
    with pytest.raises(InvalidParameterError):
        await MODIFIERS.apply("LoRA", {"loras": [{"name": "a", "strength": float("inf")}]})


def test_upscale_takes_no_loras():
    assert "loras" not in SHIPPED["Upscale"].schema()["properties"]
