"""Templates made of workflows that nobody described."""

from __future__ import annotations

import copy
import gzip
import json
import math
from pathlib import Path

import pytest

from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.deriving import derive_template
from comfy_gen.workflows.slots import Slot
from tests.workflows.samples import custom, node, plain, sampler

INFO = json.loads(gzip.decompress((Path(__file__).parents[1] / "protocol" / "object_info.json.gz").read_bytes()))


def names(template):
    return [parameter.name for parameter in template.parameters]


@pytest.mark.parametrize("info", [None, INFO], ids=["alone", "with an engine"])
@pytest.mark.parametrize("name", template_names())
def test_shipped_workflow_is_found_to_have_what_its_card_says(name, info):
    shipped = load_template(name)
    derived = derive_template(name, shipped.workflow, info)
    by_role = {one.name for one in shipped.parameters if one.role and one.name != "model"}
    assert by_role <= {*names(derived)}
    assert derived.output == shipped.output
    files = {(need.folder, need.file) for need in shipped.models}
    assert files <= {(need.folder, need.file) for need in derived.models}


@pytest.mark.parametrize("name", template_names())
def test_defaults_make_the_workflow_that_it_was_made_of(name):
    workflow = load_template(name).workflow
    derived = derive_template(name, workflow, INFO)
    assert derived.instantiate() == workflow
    defaults = {one.name: one.default for one in derived.parameters if one.default is not None}
    assert derived.instantiate(**defaults) == workflow


def test_parameters_of_a_plain_graph():
    derived = derive_template("mine", plain())
    found = {one.name: (one.type, one.default) for one in derived.parameters}
    assert found == {
        "prompt": ("string", "a fox"),
        "negative_prompt": ("string", "ugly"),
        "seed": ("integer", 7),
        "steps": ("integer", 20),
        "cfg": ("number", 8.0),
        "sampler": ("string", "euler"),
        "scheduler": ("string", "normal"),
        "batch": ("integer", 2),
        "width": ("integer", 512),
        "height": ("integer", 768),
        "model": ("string", "tiny_sd15.safetensors"),
    }


def test_graph_is_a_copy():
    workflow = plain()
    derived = derive_template("mine", workflow)
    before = copy.deepcopy(derived.workflow)
    workflow["40"]["inputs"]["seed"] = 99
    assert derived.workflow == before


def test_limits_and_choices_are_the_engines_but_files_are_not_limited():
    derived = derive_template("mine", plain(), INFO)
    assert "dpmpp_2m" in derived.parameter("sampler").choices
    assert (derived.parameter("steps").minimum, derived.parameter("steps").maximum) == (1, 10000)
    assert derived.parameter("model").choices == ()


def test_value_that_breaks_a_limit_lifts_the_limits():
    derived = derive_template("mine", plain(sampler_name="of_a_custom_node", steps=20000), INFO)
    assert derived.parameter("sampler").choices == ()
    assert derived.parameter("steps").maximum is None
    assert derived.instantiate(steps=30000)["40"]["inputs"]["steps"] == 30000


def test_limits_that_are_no_numbers_are_left_out():
    declared = {"KSampler": {"input": {"required": {"cfg": ["FLOAT", {"min": "low", "max": math.inf}]}}}}
    cfg = derive_template("mine", plain(), declared).parameter("cfg")
    assert (cfg.minimum, cfg.maximum) == (None, None)


def test_value_of_another_type_is_taken_as_it_is():
    assert derive_template("mine", plain(seed=1.5)).parameter("seed").type == "any"


def test_value_that_is_computed_has_no_default_and_is_written_over():
    workflow = plain()
    workflow["42"]["inputs"]["text"] = ["50", 0]
    workflow["50"] = node("StringConcatenate", string_a="a", string_b="b")
    derived = derive_template("mine", workflow)
    assert derived.parameter("prompt").default is None
    assert derived.instantiate(prompt="x")["42"]["inputs"]["text"] == "x"


def test_places_that_differ_are_parameters_of_their_own():
    workflow = plain(positive=["60", 0])
    workflow["60"] = node("ConditioningCombine", conditioning_1=["42", 0], conditioning_2=["61", 0])
    workflow["61"] = {**node("CLIPTextEncode", text="a hill", clip=["41", 1]), "_meta": {"title": "Background"}}
    derived = derive_template("mine", workflow)
    first, second = derived.parameter("prompt"), derived.parameter("prompt_2")
    assert (first.slots, second.slots) == ((Slot("42", "text"),), (Slot("61", "text"),))
    assert second.description == "What the picture shows. Of node 61, Background."
    assert first.description == "What the picture shows. Of node 42."
    made = derived.instantiate(prompt_2="a lake")
    assert (made["42"]["inputs"]["text"], made["61"]["inputs"]["text"]) == ("a fox", "a lake")


def test_places_alike_are_one_parameter():
    workflow = plain()
    workflow["70"] = sampler(latent_image=["40", 0], denoise=0.5)
    derived = derive_template("mine", workflow)
    assert names(derived).count("seed") == 1
    made = derived.instantiate(seed=5)
    assert (made["40"]["inputs"]["seed"], made["70"]["inputs"]["seed"]) == (5, 5)


def test_denoise_is_offered_where_a_later_pass_repaints():
    assert "denoise" not in names(derive_template("mine", plain()))
    workflow = plain()
    workflow["70"] = sampler(latent_image=["40", 0], denoise=0.5)
    assert derive_template("mine", workflow).parameter("denoise").default == 0.5


def test_learnt_guidance_is_cfg():
    derived = derive_template("mine", custom())
    assert derived.parameter("cfg").default == 3.5
    assert {place["inputs"].get("guidance") for place in derived.instantiate(cfg=5).values()} == {None, 5}
    flux = derive_template("flux", load_template("flux-dev").workflow)
    assert (flux.parameter("cfg").default, flux.parameter("true_cfg").default) == (3.5, 1.0)


def test_size_that_no_latent_has_is_set_side_by_side():
    workflow = plain()
    workflow["44"]["inputs"]["width"] = 500
    derived = derive_template("mine", workflow)
    assert derived.parameter("width").multiple_of is None
    made = derived.instantiate(height=100)
    assert (made["44"]["inputs"]["width"], made["44"]["inputs"]["height"]) == (500, 100)


def test_mask_is_offered_where_the_picture_carries_it():
    derived = derive_template("mine", load_template("sd15-inpaint").workflow)
    made = derived.instantiate(mask="m.png")
    assert [one["inputs"]["image"] for one in made.values() if one["class_type"] == "LoadImageMask"] == ["m.png"]
    assert "mask" not in names(derive_template("mine", load_template("sd15-img2img").workflow))


def test_files_are_named_after_their_folders_and_painters_come_first():
    workflow = {"1": node("VAELoader", vae_name="a.safetensors"), **plain()}
    workflow["2"] = node("LoraLoaderModelOnly", lora_name="ink", model=["41", 0], strength_model=1.0)
    workflow["3"] = node("ControlNetLoader", control_net_name="depth")
    assert names(derive_template("mine", workflow))[-4:] == ["model", "vae", "lora", "controlnet"]


def test_graph_without_any_part_has_no_parameter():
    workflow = {"1": node("EmptyImage", width=8, height=8), "2": node("SaveImage", images=["1", 0])}
    assert derive_template("mine", workflow).parameters == ()


def test_file_that_several_nodes_load_is_needed_once():
    workflow = {str(number): node("VAELoader", vae_name="a.safetensors") for number in range(2)}
    (need,) = derive_template("mine", workflow).models
    assert (need.folder, need.file, len(need.used_by)) == ("vae", "a.safetensors", 2)
