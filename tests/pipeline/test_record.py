"""What is kept of how a picture was made."""

from __future__ import annotations

import json

import pytest

from comfy_gen import __version__
from comfy_gen.composition.recipe import Recipe, recipe_of
from comfy_gen.errors import ConfigurationError
from comfy_gen.pipeline.record import GenerationRecord, ModelFile, hash_in, models_in, record_of
from tests.workflows.samples import custom, node, plain


def test_graph_tells_what_it_was_made_with():
    made = record_of(plain(seed=7), tier="mature", repeats="other")
    assert (made.prompt, made.negative_prompt, made.seed) == ("a fox", "ugly", 7)
    assert (made.tier, made.repeats, made.version, made.workflow) == ("mature", "other", __version__, "")
    assert made.models == (ModelFile("checkpoints", "tiny_sd15.safetensors"),)
    assert (made.categories, made.engine, made.is_tracked) == ((), "", False)


def test_graph_that_was_not_composed_is_its_own_recipe():
    made = record_of(plain())
    assert (made.recipe, made.digest) == (recipe_of(plain()).as_json(), recipe_of(plain()).digest)


def test_recipe_it_was_composed_of_goes_before_the_graph():
    recipe = Recipe(input="a fox", positive_prompt="a fox, forest", workflow="sd15", categories=("forest",))
    made = record_of(plain(seed=7), recipe=recipe.as_json())
    assert (made.recipe, made.digest) == (recipe.as_json(), recipe.digest)
    assert (made.workflow, made.categories) == ("sd15", ("forest",))
    assert (made.prompt, made.seed) == ("a fox", 7)
    assert made.workflow_digest == record_of(plain(seed=7)).workflow_digest


def test_take_is_told_as_it_was_made_and_the_rest_as_it_was_composed():
    recipe = Recipe(
        input="a fox",
        positive_prompt="a fox, forest",
        workflow="sd15",
        categories=("forest",),
        seed=1,
        steps=9,
        cfg=2.0,
    )
    taken = plain(seed=8, steps=33, cfg=8.5)
    made = record_of(taken, recipe=recipe.as_json(), is_changed=True)
    of_take = {name: made.recipe[name] for name in ("seed", "steps", "cfg", "positive_prompt", "negative_prompt")}
    assert of_take == {
        "seed": 8,
        "steps": 33,
        "cfg": 8.5,
        "positive_prompt": "a fox",
        "negative_prompt": "ugly",
    }
    assert (made.recipe["input"], made.categories, made.workflow) == ("a fox", ("forest",), "sd15")
    assert made.digest == Recipe.from_json(made.recipe).digest != recipe.digest
    assert (made.seed, made.workflow_digest) == (8, record_of(taken).workflow_digest)


def test_take_of_what_was_not_composed_is_told_by_its_graph():
    assert record_of(plain(seed=8), is_changed=True) == record_of(plain(seed=8))


def test_record_comes_back_as_it_was():
    recipe = Recipe(input="a fox", workflow="sd15", categories=("forest",)).as_json()
    made = record_of(plain(), recipe=recipe, tier="mature", repeats="other")
    for one in (made, record_of({"1": node("EmptyImage", width=8, height=8)})):
        kept = json.loads(json.dumps(one.as_json()))
        again = GenerationRecord.from_json(kept)
        assert again.as_json() == kept
        assert (again.models, again.digest, again.seed) == (one.models, one.digest, one.seed)


def test_recipe_that_is_none_is_refused():
    with pytest.raises(ConfigurationError, match="steps"):
        record_of(plain(), recipe={"steps": "many"})


def test_graph_without_a_sampler_has_neither_words_nor_seed():
    made = record_of({"1": node("EmptyImage", width=8, height=8), "2": node("SaveImage", images=["1", 0])})
    assert (made.prompt, made.negative_prompt, made.seed, made.models) == ("", "", None, ())


def test_equal_graphs_have_one_digest_in_any_order():
    shuffled = dict(reversed(plain().items()))
    assert record_of(shuffled).workflow_digest == record_of(plain()).workflow_digest
    assert record_of(plain(seed=1)).workflow_digest != record_of(plain(seed=2)).workflow_digest


def test_each_model_is_named_once():
    twice = custom() | {"other": node("VAELoader", vae_name="ae.safetensors")}
    assert models_in(twice).count(ModelFile("vae", "ae.safetensors")) == 1
    assert [one.folder for one in models_in(custom())] == ["text_encoders", "text_encoders", "diffusion_models", "vae"]


def test_model_file_comes_back_as_it_was():
    for one in (ModelFile("vae", "a.safetensors"), ModelFile("loras", "b", "c" * 64)):
        assert ModelFile.from_json(one.as_json()) == one


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ({"modelspec.hash_sha256": "0x" + "AB" * 32}, "ab" * 32),
        ({"sshs_model_hash": "cd" * 32}, "cd" * 32),
        ({"modelspec.hash_sha256": "?", "sshs_model_hash": "cd" * 32}, "cd" * 32),
        ({"modelspec.hash_sha256": 3}, None),
        ({"modelspec.title": "Dream"}, None),
        ({}, None),
    ],
)
def test_hash_is_what_the_maker_wrote(metadata, found):
    assert hash_in(metadata) == found
