"""How all of a category is laid out for a terminal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from comfy_gen.cli.jobs.card import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rich.console import RenderableType

    from comfy_gen.composition.categories.category import Category, Condition, LoraUse, Range


def card(category: Category, file: Path) -> Iterator[RenderableType]:
    """Yield the parts, from what it is to where it stands; what it leaves out is not there."""
    yield Text.assemble((f"@{category.id}", "bold"), f"  {category.display_name}")
    yield Text(category.description)
    for heading, facts in _parts(category):
        told = [(name, Text(value)) for name, value in facts.items() if value]
        if told:
            yield Text(f"\n{heading}", style="bold")
            yield rows(told)
    yield Text.assemble(("\nfile ", "dim"), str(file), "" if category.source else " (ships)")


def _parts(category: Category) -> Iterator[tuple[str, Mapping[str, str]]]:
    keywords, rules = category.keywords, category.rules
    yield "what it is", {"type": category.kind, "tier": category.tier, "icon": category.icon}
    yield (
        "known by",
        {name: _listed(getattr(keywords, name)) for name in ("primary", "specific", "secondary")},
    )
    yield "adds to the prompt", _levels(category.positive.required, category.positive.optional)
    yield "keeps out", _levels(category.negative.required, category.negative.optional)
    yield "LoRAs", _loras(category)
    yield "settings", _settings(category)
    wishes = category.workflows
    yield (
        "workflows and models",
        {
            "preferred": _listed(wishes.preferred),
            "must have": _listed(wishes.required_capabilities),
            "excluded": _listed(wishes.excluded),
            "checkpoints": _listed(category.models),
        },
    )
    yield (
        "with others",
        {
            "priority": str(rules.priority),
            "conflicts with": _tags(rules.conflicts_with),
            "requires": _tags(rules.requires),
            "enhances": _tags(rules.enhances),
            "of its type": "" if rules.max_per_type is None else f"{rules.max_per_type} at most",
        },
    )


def _levels(required: tuple[str, ...], optional: tuple[str, ...]) -> Mapping[str, str]:
    return {"always": _listed(required), "if there is room": _listed(optional)}


def _loras(category: Category) -> Mapping[str, str]:
    loras = category.loras
    return {
        "required": "\n".join(map(_lora, loras.required)),
        "recommended": "\n".join(map(_lora, loras.recommended)),
        "avoids": _listed(loras.avoid),
    }


def _lora(use: LoraUse) -> str:
    triggers = f", with {_listed(use.triggers)}" if use.triggers else ""
    when = _when(use.when)
    return f"{use.filename} at {use.strength:g}{triggers}{f', {when}' if when else ''}"


def _when(when: Condition) -> str:
    parts = {
        "for {}": (*when.families, *when.workflows),
        "beside {}": when.categories,
        "not beside {}": when.without,
    }
    return ", ".join(said.format(" or ".join(names)) for said, names in parts.items() if names)


def _settings(category: Category) -> Mapping[str, str]:
    wishes, ratio = category.settings, category.settings.aspect_ratio
    return {
        "steps": _range(wishes.steps),
        "cfg": _range(wishes.cfg),
        "denoise": _range(wishes.denoise),
        "shape": "" if ratio is None else f"{ratio[0]}:{ratio[1]}",
        "sampler": wishes.sampler or "",
        "scheduler": wishes.scheduler or "",
    }


def _range(wish: Range | None) -> str:
    return "" if wish is None else f"{wish.default:g}, from {wish.minimum:g} to {wish.maximum:g}"


def _tags(ids: tuple[str, ...]) -> str:
    return _listed(tuple(f"@{name}" for name in ids))


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words)
