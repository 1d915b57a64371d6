"""How a recipe and its explanation are laid out for a terminal. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from comfy_gen.composition.compose import Composition
    from comfy_gen.composition.explanation import Explanation
    from comfy_gen.composition.recipe import Recipe

SHORT = 12
"""Digits of a recipe's id that are enough to find it by."""


def tree_of(composition: Composition, *, explains: bool = False) -> Tree:
    """Return the recipe as a tree; with its explanation, if that is wanted."""
    tree = Tree(Text(composition.explanation.summary, style="bold"), guide_style="dim")
    recipe = tree.add(Text.assemble("recipe ", (f"sha256:{composition.recipe.digest[:SHORT]}", "dim")))
    recipe.add(_rows(_facts(composition.recipe)))
    if composition.conflicts:
        conflicts = tree.add(Text("conflicts", style="yellow"))
        for one in composition.conflicts:
            conflicts.add(Text.assemble((one.kept, "bold"), f" over {one.dropped}, {one.about}: {one.reason}"))
    if explains:
        _explain(tree, composition.explanation)
    return tree


def _facts(recipe: Recipe) -> Iterator[tuple[str, str]]:
    size = f"{recipe.width}x{recipe.height}" if recipe.width and recipe.height else ""
    sampling = " ".join(filter(None, [recipe.sampler, recipe.scheduler]))
    yield "prompt", recipe.positive_prompt
    yield "negative", recipe.negative_prompt or ""
    yield "workflow", recipe.workflow
    yield "model", recipe.checkpoint or ""
    yield "loras", ", ".join(f"{name} at {strength:g}" for name, strength in recipe.loras)
    yield "size", size
    yield "steps", "" if recipe.steps is None else str(recipe.steps)
    yield "cfg", "" if recipe.cfg is None else f"{recipe.cfg:g}"
    yield "sampler", sampling
    yield "seed", "" if recipe.seed is None else str(recipe.seed)
    yield "categories", ", ".join(recipe.categories)
    yield "tier", str(recipe.tier)


def _rows(facts: Iterator[tuple[str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        if value:
            table.add_row(name, Text(value))
    return table


def _explain(tree: Tree, explanation: Explanation) -> None:
    for phase, steps in groupby(explanation.steps, key=lambda step: step.phase):
        branch = tree.add(Text(phase, style="bold"))
        for step in steps:
            branch.add(Text.assemble(step.detail, (f"  {step.source}", "dim")))
    if explanation.rejected:
        branch = tree.add(Text("not taken", style="bold"))
        for one in explanation.rejected:
            branch.add(Text.assemble((f"{one.kind} ", "dim"), one.what, f": {one.reason}", (f"  {one.source}", "dim")))
