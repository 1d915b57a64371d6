"""What is kept of how a picture was made."""

from __future__ import annotations

import pytest

from comfy_gen import __version__
from comfy_gen.composition.recipe import Recipe, recipe_of
from comfy_gen.errors import ConfigurationError
from comfy_gen.pipeline.record import ModelFile, hash_in, models_in, record_of
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
