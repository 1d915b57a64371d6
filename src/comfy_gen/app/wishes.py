"""What people ask for, together with a preset of theirs; and what they change of a recipe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.composition.ask import Ask, Wishes
from comfy_gen.composition.recipe import RecipeLora
from comfy_gen.pipeline.request import GenerationRequest, Lora, fill
from comfy_gen.workflows.template import PRESETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from comfy_gen.composition.recipe import Recipe
    from comfy_gen.composition.texts.variants import Choice
    from comfy_gen.library.presets import Presets


NAMES = (
    "workflow",
    "negative_prompt",
    "steps",
    "cfg",
    "seed",
    "width",
    "height",
    "sampler",
    "scheduler",
    "denoise",
)
"""The values that bodies, requests, wishes and recipes all call so."""
_IN_RECIPES = {"prompt": "positive_prompt", "model": "checkpoint", **{name: name for name in NAMES}}
"""What a recipe calls the values of a request."""
_LONGEST_TITLE = 60
_LOOKED_AT = 1_000
"""Characters of a text: it may have a hundred thousand."""


async def filled(request: GenerationRequest, presets: Presets, owner: str) -> GenerationRequest:
    """Return a request with what a preset of the owner's says and it does not; those of workflows are left to them.

    Raises:
        PresetNotFoundError: it names one that there is not.
    """
    if request.preset is None or request.preset in PRESETS:
        return request
    preset = await presets.get(owner, request.preset)
    return fill(replace(request, preset=None), values_of(preset.values))


def values_of(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a preset as a request has them."""
    loras = tuple(Lora(one["name"], one.get("strength", 1.0)) for one in kept.get("loras", ()))
    return {**kept, "loras": loras}


def ask_for(text: str, said: Mapping[str, Any], preset: Mapping[str, Any], **bounds: Any) -> Ask:
    """Return what is to be composed.

    Args:
        text: what was written.
        said: values that were given beside it; None is none.
        preset: the values of a preset, for what was not; its categories are tags of the text.
        bounds: the other fields of an `Ask`.
    """
    given = values_of(preset) | {name: value for name, value in said.items() if value not in (None, (), [])}
    tags = "".join(f" @{name}" for name in given.pop("categories", ()))
    seed = given.pop("seed", None)
    loras = tuple(RecipeLora(*one) for one in given.pop("loras"))
    return Ask(input=text + tags, seed=None if seed == -1 else seed, wishes=Wishes(**given, loras=loras), **bounds)


def changed(recipe: Recipe, request: GenerationRequest, choices: Sequence[Choice] = (), *, written: str = "") -> Recipe:
    """Return a recipe with what a request says otherwise.

    ``written`` is the request's prompt before its variants were chosen, and ``choices`` are these.
    """
    said = {
        theirs: getattr(request, ours) for ours, theirs in _IN_RECIPES.items() if getattr(request, ours) is not None
    }
    if said.get("seed") == -1:
        said["seed"] = None
    if request.prompt is not None:  # what the recipe was composed of is not what this one is
        said |= {"input": written or request.prompt, "expansions": tuple(choices)}
    loras = tuple(RecipeLora(*one) for one in request.loras) or recipe.loras
    return replace(recipe, **said, loras=loras)


def request_of(recipe: Recipe) -> GenerationRequest:
    """Return what a recipe asks of its workflow."""
    values = {ours: getattr(recipe, theirs) for ours, theirs in _IN_RECIPES.items()}
    return GenerationRequest(**values, loras=tuple(Lora(*one) for one in recipe.loras))


def title_of(text: str) -> str:
    """Return what people may call a picture: what they wrote, in one line and not too long."""
    line = " ".join(text[:_LOOKED_AT].split())
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1]}…"
