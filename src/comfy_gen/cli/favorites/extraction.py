"""Makes recipes for other categories of favorites, for ``comfygen favorites extract-recipe``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from comfy_gen.app.planning import build_composer, build_planner
from comfy_gen.cli.failures import print_json
from comfy_gen.cli.favorites.control import favorites_of
from comfy_gen.cli.recipe_tree import tree_of
from comfy_gen.composition.tier import Tier
from comfy_gen.library.recipes import Recipes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app import JobQueue


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to stay as it is, as far as that fits."""

    loras: bool = True
    settings: bool = True


async def extract(queue: JobQueue, favorite_id: str, targets: Sequence[str], kept: Kept, *, as_json: bool) -> None:
    """Print a recipe for other categories, which is kept, and what had to change for them.

    Raises:
        FavoriteNotFoundError: there is no such favorite.
        CompositionError: there is no such category, or no recipe can be made.
        PolicyTierError: a category needs a higher tier than is set.
    """
    favorite = await favorites_of(queue).get(favorite_id)
    recipe = await Recipes(queue.store.transactions).get(favorite.recipe_id)
    composer = build_composer(queue, queue.settings, await build_planner(queue, queue.settings))
    most = Tier(queue.settings.policy.max_tier)
    adapted = await composer.adapt(
        recipe, targets, tier=most, may=most, preserve_loras=kept.loras, preserve_settings=kept.settings
    )
    made = adapted.composition.recipe
    if as_json:
        told = {"recipe": made.as_json(), "recipe_id": made.id, "adaptations": [*adapted.adaptations]}
        print_json({**told, "source_favorite": favorite.favorite_id})
        return
    console = Console()
    console.print(tree_of(adapted.composition))
    for adaptation in adapted.adaptations:
        console.print(Text(f"· {adaptation}"), soft_wrap=True)
