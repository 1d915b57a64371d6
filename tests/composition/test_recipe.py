import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.composition.recipe import Recipe, RecipeLora, graph_digest, recipe_of
from comfy_gen.composition.texts.variants import Choice
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows import edits
from tests.composition.making import template

RECIPE = Recipe(
    input="@fox {red|grey}",
    positive_prompt="red, fur",
    negative_prompt="blurry",
    workflow="sdxl",
    workflow_digest="0" * 64,
    checkpoint="sd_xl_base_1.0.safetensors",
    loras=(RecipeLora("ink.safetensors", 1),),
    steps=30,
    cfg=7,
    width=896,
    height=1152,
    sampler="euler",
    scheduler="karras",
    denoise=1,
    seed=2**64 - 1,
    categories=("fox",),
    tier=Tier.MATURE,
    expansions=(Choice(5, 2, "red"),),
    version="1" * 64,
)


def test_recipe_is_read_as_it_was_written():
    written = json.loads(json.dumps(RECIPE.as_json()))
    assert Recipe.from_json(written) == RECIPE
    assert Recipe.from_json(written).digest == RECIPE.digest


def test_recipe_has_the_documented_fields():
    assert RECIPE.as_json().keys() >= {
        *("checkpoint", "workflow", "positive_prompt", "negative_prompt", "loras", "steps", "cfg"),
        *("width", "height", "sampler", "scheduler"),
    }
    assert RECIPE.as_json()["loras"] == [{"filename": "ink.safetensors", "strength": 1.0}]


def test_empty_recipe_is_one():
    assert Recipe.from_json({}) == Recipe.from_json(Recipe().as_json()) == Recipe()


def test_id_is_the_hash_of_the_content():
    assert RECIPE.id == f"sha256:{RECIPE.digest}"
    assert len(RECIPE.digest) == 64
    assert replace(RECIPE, cfg=7.0, denoise=1.0).digest == RECIPE.digest


@pytest.mark.parametrize("name", [name for name in Recipe().as_json() if name != "schema"])
def test_every_field_counts(name):
    assert Recipe.from_json({**RECIPE.as_json(), name: Recipe().as_json()[name]}).digest != RECIPE.digest


texts = st.text(st.characters(codec="utf-8"), max_size=20)


@given(
    st.builds(
        Recipe,
        input=texts,
        positive_prompt=texts,
        loras=st.lists(st.builds(RecipeLora, texts, st.floats(-2, 2))).map(tuple),
        cfg=st.none() | st.floats(0, 100) | st.integers(0, 100),
        seed=st.none() | st.integers(0, 2**64 - 1),
        tier=st.sampled_from(Tier),
        expansions=st.lists(st.builds(Choice, st.integers(0, 9), st.integers(1, 9), texts, texts)).map(tuple),
    )
)
def test_every_recipe_survives_json(recipe):
    again = Recipe.from_json(json.loads(json.dumps(recipe.as_json())))
    assert again == recipe
    assert again.id == recipe.id


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("stepz", 1, "stepz is 1, but must be left out: a recipe has no such field"),
        ("schema", 2, "schema is 2"),
        ("steps", 0, "steps is 0"),
        ("steps", True, "steps is True"),
        ("cfg", float("nan"), "cfg is nan"),
        ("seed", -1, "seed is -1"),
        ("tier", "none", "one of general, mature, explicit"),
        ("input", 3, "input is 3, but must be text"),
        ("categories", "fox", "categories is 'fox', but must be a list"),
        ("categories", [1], "categories[0] is 1, but must be text"),
        ("loras", ["ink"], "loras[0] is 'ink', but must be an object with filename, strength"),
        ("loras", [{"strength": 1}], "loras[0].filename is None"),
        ("loras", [{"filename": "a", "strength": 1e9}], "loras[0].strength"),
        ("loras", [{"filename": "a", "weight": 1}], "an object with filename, strength"),
        ("expansions", [{"position": 1}], "expansions[0].options_count is None"),
    ],
)
def test_what_is_no_recipe_is_refused(field, value, said):
    with pytest.raises(InvalidParameterError) as caught:
        Recipe.from_json({field: value})
    assert said in str(caught.value)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(InvalidParameterError) as caught:
        Recipe.from_json({"steps": 0, "cfg": -1, "loras": [{"filename": 1}], "promt": "x"})
    assert [caught.value.name, *(one.name for one in caught.value.others)] == [
        *("steps", "cfg", "loras[0].filename", "promt"),
    ]


def test_recipe_of_any_workflow_is_what_its_nodes_say():
    workflow = template("sdxl").instantiate(prompt="a fox", negative_prompt="text", seed=7, steps=12, width=768)
    edits.insert_lora(workflow, "ink.safetensors", 0.5)
    recipe = recipe_of(workflow, name="sdxl", tier=Tier.MATURE)
    assert (recipe.input, recipe.positive_prompt, recipe.negative_prompt) == ("a fox", "a fox", "text")
    assert (recipe.workflow, recipe.checkpoint) == ("sdxl", "sd_xl_base_1.0.safetensors")
    assert recipe.loras == (RecipeLora("ink.safetensors", 0.5),)
    assert (recipe.steps, recipe.cfg, recipe.width, recipe.height, recipe.seed) == (12, 7.0, 768, 1024, 7)
    assert (recipe.sampler, recipe.scheduler, recipe.denoise, recipe.tier) == ("dpmpp_2m", "karras", 1.0, Tier.MATURE)
    assert recipe.workflow_digest == graph_digest(workflow)


def test_guidance_of_flux_is_its_cfg():
    assert recipe_of(template("flux-dev").workflow).cfg == 3.5


def test_recipe_of_a_graph_that_samples_nothing_is_empty_but_for_its_digest():
    workflow = {"1": {"class_type": "EmptyImage", "inputs": {"width": 8}}}
    assert recipe_of(workflow, input="x") == Recipe(input="x", workflow_digest=graph_digest(workflow))


def test_strength_that_another_node_computes_is_taken_for_one():
    workflow = template("sdxl").instantiate()
    edits.insert_lora(workflow, "ink.safetensors", 0.5)
    lora = next(node for node in workflow.values() if "lora_name" in node["inputs"])
    lora["inputs"]["strength_model"] = ["9", 0]
    assert recipe_of(workflow).loras == (RecipeLora("ink.safetensors", 1.0),)


def test_digest_of_a_graph_does_not_depend_on_the_order_of_its_nodes():
    workflow = template("sdxl").workflow
    assert graph_digest(dict(reversed(workflow.items()))) == graph_digest(workflow)
    assert graph_digest(template("sd15").workflow) != graph_digest(workflow)


def test_what_was_left_out_is_part_of_a_recipe_and_changes_none_that_left_out_nothing():
    assert "without" not in RECIPE.as_json()
    without = replace(RECIPE, without=("city",))
    assert without.digest != RECIPE.digest
    assert Recipe.from_json(json.loads(json.dumps(without.as_json()))) == without
    with pytest.raises(InvalidParameterError, match=r"without\[0\]"):
        Recipe.from_json({"without": [1]})


def test_id_of_a_recipe_from_before_is_what_it_was():
    assert Recipe().digest == "503a7ac5cca9c856da1536267ed029a554fc4c5cf9bdf91074c0475abfedf189"
