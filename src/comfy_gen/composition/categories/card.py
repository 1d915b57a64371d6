"""A category as JSON, field for field as its file has it. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from comfy_gen.composition.categories.category import Category, Fragments, LoraUse, Range, SettingWishes


def summary_of(category: Category) -> dict[str, Any]:
    """Return what a list of categories says of one."""
    return {
        "id": category.id,
        "type": str(category.kind),
        "display_name": category.display_name,
        "description": category.description,
        "icon": category.icon,
        "keywords": list(category.keywords.all),
        "policy_tier": str(category.tier),
    }


def card_of(category: Category) -> dict[str, Any]:
    """Return all that a category is; what it leaves out is empty or None. Where it was read from is not part of it."""
    return {
        "id": category.id,
        "type": str(category.kind),
        "display_name": category.display_name,
        "description": category.description,
        "icon": category.icon,
        "schema_version": category.schema_version,
        "policy_tier": str(category.tier),
        "keywords": _lists(asdict(category.keywords)),
        "prompts": {
            "positive_fragments": _fragments(category.positive),
            "negative_fragments": _fragments(category.negative),
        },
        "loras": {
            "required": [_lora(use) for use in category.loras.required],
            "recommended": [_lora(use) for use in category.loras.recommended],
            "avoid": list(category.loras.avoid),
        },
        "settings": _settings(category.settings),
        "workflows": _lists(asdict(category.workflows)),
        "models": {"preferred": list(category.models)},
        "composition": _lists(asdict(category.rules)),
    }


def _fragments(fragments: Fragments) -> dict[str, list[str]]:
    return {"required": list(fragments.required), "optional": list(fragments.optional)}


def _lora(use: LoraUse) -> dict[str, Any]:
    when = {name: ids for name, ids in _lists(asdict(use.when)).items() if ids}
    return {"filename": use.filename, "strength": use.strength, "triggers": list(use.triggers), "when": when}


def _settings(wishes: SettingWishes) -> dict[str, Any]:
    ratio = wishes.aspect_ratio
    return {
        "steps": _range(wishes.steps, int),
        "cfg": _range(wishes.cfg, float),
        "size": None if ratio is None else {"aspect_ratio": f"{ratio[0]}:{ratio[1]}"},
        "sampler": wishes.sampler,
        "scheduler": wishes.scheduler,
        "denoise": _range(wishes.denoise, float),
    }


def _range(range_: Range | None, number: type[int | float]) -> dict[str, float] | None:
    if range_ is None:
        return None
    return {"min": number(range_.minimum), "max": number(range_.maximum), "default": number(range_.default)}


def _lists(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: list(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else value
        for name, value in fields.items()
    }
