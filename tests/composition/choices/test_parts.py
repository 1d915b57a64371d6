from dataclasses import replace

import pytest

from comfy_gen.composition.choices.parts import capabilities_of, is_of_text_alone, part_of
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.deriving import derive_template
from tests.composition.making import template

ALL = {"negative-prompt", "loras", "cfg", "size", "seed"}


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("sdxl", set()),
        ("sd15", set()),
        ("sd3.5", set()),
        ("qwen-image", set()),
        ("flux-dev", {"negative-prompt"}),
        ("flux-schnell", {"negative-prompt", "cfg"}),
    ],
)
def test_what_ships_can_do_what_its_card_says(name, lacking):
    assert capabilities_of(template(name)) == ALL - lacking


def test_films_are_a_capability():
    assert "video" in capabilities_of(template("wan2.2-t2v"))


@pytest.mark.parametrize("name", ["sdxl", "flux-dev"])
def test_workflow_that_was_saved_can_do_the_same(name):
    assert capabilities_of(derive_template("own", template(name).workflow)) == capabilities_of(template(name))


def test_part_is_found_by_role_or_by_name():
    derived = derive_template("own", template("sdxl").workflow)
    assert part_of(derived, "models").name == "model"
    assert part_of(template("sdxl"), "positive").name == "prompt"
    assert part_of(template("flux-schnell"), "cfg") is None


def test_negative_prompt_of_a_cfg_that_nobody_knows_counts():
    sdxl = template("sdxl")
    parts = tuple(replace(one, default=None) if one.name == "cfg" else one for one in sdxl.parameters)
    assert "negative-prompt" in capabilities_of(replace(sdxl, parameters=parts))


def test_workflows_that_need_a_picture_are_not_of_text_alone():
    assert is_of_text_alone(template("sdxl"))
    assert not is_of_text_alone(load_template("sd15-img2img"))
    assert not is_of_text_alone(load_template("sd15-inpaint"))
    assert not is_of_text_alone(load_template("upscale"))
