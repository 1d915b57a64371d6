"""Categories, workflows and engines for tests of composing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from comfy_gen.composition.categories.category import (
    Category,
    Fragments,
    Keywords,
    Kind,
    Loras,
    LoraUse,
    Rules,
    SettingWishes,
)
from comfy_gen.composition.categories.registry import Registry
from comfy_gen.composition.choices.stock import Stock
from comfy_gen.composition.compose import Ask, compose
from comfy_gen.workflows.catalogue import load_template

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comfy_gen.composition.compose import Composition
    from comfy_gen.workflows.template import Template

NAMES = ("sdxl", "sd15", "flux-dev", "flux-schnell", "sd3.5", "qwen-image", "wan2.2-t2v")
_RULES = {"priority", "conflicts_with", "requires", "enhances", "max_per_type"}
_SETTINGS = {"steps", "cfg", "denoise", "aspect_ratio", "sampler", "scheduler"}


def made(category_id: str, kind: Kind = Kind.SUBJECT, **said: Any) -> Category:
    """Return a category that is known by its id; rules and settings are said by their names, the rest as fields are.

    ``shows`` and ``may_show`` are its positive fragments, ``hides`` and ``may_hide`` its negative ones; ``wants`` its
    recommended LoRAs, ``needs`` its required ones, ``avoids`` those that it avoids.
    """

    def taken(names: Iterable[str]) -> dict[str, Any]:
        return {name: said.pop(name) for name in names if name in said}

    rules, settings = taken(_RULES), taken(_SETTINGS)
    return Category(
        id=category_id,
        kind=kind,
        display_name=category_id.replace("-", " ").title(),
        description=f"About {category_id}.",
        keywords=Keywords(primary=said.pop("words", (category_id,)), secondary=said.pop("hints", ())),
        positive=Fragments(said.pop("shows", ()), said.pop("may_show", ())),
        negative=Fragments(said.pop("hides", ()), said.pop("may_hide", ())),
        loras=Loras(_uses(said.pop("needs", ())), _uses(said.pop("wants", ())), said.pop("avoids", ())),
        settings=SettingWishes(**settings),
        rules=Rules(**rules),
        **said,
    )


def _uses(loras: Iterable[str | LoraUse]) -> tuple[LoraUse, ...]:
    return tuple(LoraUse(one) if isinstance(one, str) else one for one in loras)


@functools.cache
def template(name: str) -> Template:
    """Return a shipped template; nobody changes it."""
    return load_template(name)


@functools.cache
def every_template() -> tuple[Template, ...]:
    """Return the templates that recipes are for."""
    return tuple(map(template, NAMES))


def stock(*names: str, **said: Any) -> Stock:
    """Return a stock of these templates, or of all; nothing is known of engines unless ``models`` says it."""
    models = said.pop("models", None)
    known = None if models is None else {folder: frozenset(files) for folder, files in models.items()}
    return Stock(tuple(map(template, names)) or every_template(), models=known, **said)


def models_of(*names: str) -> dict[str, set[str]]:
    """Return the files that templates need, by folder."""
    models: dict[str, set[str]] = {}
    for need in (need for name in names for need in template(name).models):
        models.setdefault(need.folder, set()).add(need.file)
    return models


def composed(text: str, *categories: Category, of: Stock | None = None, **asked: Any) -> Composition:
    """Compose with these categories."""
    return compose(Ask(input=text, **asked), Registry.of(categories), of or stock())


def reasons(composition: Composition, what: str) -> list[str]:
    """Return why something was not taken."""
    return [one.reason for one in composition.explanation.rejected if one.what == what]
