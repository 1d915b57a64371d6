"""What a terminal shows of a recipe."""

from __future__ import annotations

from rich.console import Console

from comfy_gen.cli.recipe_tree import tree_of
from comfy_gen.composition.compose import Composition
from comfy_gen.composition.explanation import Conflict, Explanation, Rejected, Step
from comfy_gen.composition.recipe import Recipe, RecipeLora
from comfy_gen.composition.tier import Tier

FULL = Recipe(
    positive_prompt="a fox in [red]",
    negative_prompt="blurry",
    workflow="sdxl",
    checkpoint="dream.safetensors",
    loras=(RecipeLora("ink.safetensors", 0.5), RecipeLora("snow.safetensors")),
    steps=30,
    cfg=7.0,
    width=768,
    height=1024,
    sampler="euler",
    scheduler="normal",
    seed=0,
    categories=("portrait", "night"),
    tier=Tier.MATURE,
)
STEPS = (
    Step("parsing", "tag_extraction", "Found @portrait tag", "parser"),
    Step("parsing", "inference", "The words speak for [night]", "parser"),
    Step("recipe", "recipe_hash", "The recipe is there", "recipe"),
)
REJECTED = (Rejected("rain", "category", "three are enough", "selection"),)


def shown(recipe=FULL, *, steps=(), rejected=(), conflicts=(), width=200, **options):
    """Return the lines of a tree, without its branches."""
    composition = Composition(recipe, recipe.categories, Explanation("Selected it", steps, rejected), conflicts)
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(tree_of(composition, **options))
    return [line.strip(" │├└─") for line in captured.get().splitlines()]


def rows(recipe):
    return {line.split(maxsplit=1)[0]: line.split(maxsplit=1)[1] for line in shown(recipe)[2:]}


def test_recipe_is_shown_with_every_value_that_it_has():
    lines = shown()
    assert lines[:2] == ["Selected it", f"recipe sha256:{FULL.digest[:12]}"]
    assert rows(FULL) == {
        "prompt": "a fox in [red]",
        "negative": "blurry",
        "workflow": "sdxl",
        "model": "dream.safetensors",
        "loras": "ink.safetensors at 0.5, snow.safetensors at 1",
        "size": "768x1024",
        "steps": "30",
        "cfg": "7",
        "sampler": "euler normal",
        "seed": "0",
        "categories": "portrait, night",
        "tier": "mature",
    }


def test_what_a_recipe_leaves_to_the_workflow_is_not_shown():
    assert rows(Recipe(positive_prompt="a fox", workflow="sd15", width=512)) == {
        "prompt": "a fox",
        "workflow": "sd15",
        "tier": "general",
    }
    assert rows(Recipe(positive_prompt="a fox", scheduler="normal"))["sampler"] == "normal"


def test_explanation_is_shown_by_phase_where_it_is_wanted():
    lines = shown(steps=STEPS, rejected=REJECTED, explains=True)
    assert lines[-7:] == [
        "parsing",
        "Found @portrait tag  parser",
        "The words speak for [night]  parser",
        "recipe",
        "The recipe is there  recipe",
        "not taken",
        "category rain: three are enough  selection",
    ]
    assert shown(steps=STEPS, rejected=REJECTED) == shown()
    assert "not taken" not in shown(steps=STEPS, explains=True)


def test_conflicts_are_shown_without_being_asked_for():
    conflict = Conflict(kept="anime", dropped="photorealistic", about="category", reason="they exclude each other")
    assert shown(conflicts=(conflict,))[-2:] == [
        "conflicts",
        "anime over photorealistic, category: they exclude each other",
    ]


def test_long_prompt_is_folded_and_nothing_of_it_is_lost():
    words = [f"word{number}" for number in range(60)]
    lines = shown(Recipe(positive_prompt=" ".join(words)), width=50)
    assert all(len(line) <= 50 for line in lines)
    assert " ".join(lines).split()[5:65] == words
