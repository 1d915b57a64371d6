"""A recipe: everything that a picture is made by, in a form that is kept, compared and run again. Pure."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

from comfy_gen.composition.texts.variants import Choice
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.parameter import Parameter
from comfy_gen.workflows.roles import find_roles, literal_of
from comfy_gen.workflows.slots import is_literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.roles import Roles

SCHEMA = 1
"""Of recipes; one of a newer schema is refused."""
MAX_STRENGTH = 100.0
"""Of a LoRA: what ComfyUI's loaders take."""


class RecipeLora(NamedTuple):
    """One LoRA of a recipe."""

    filename: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a picture is made by; None leaves a value as the workflow has it."""

    schema: int = SCHEMA
    input: str = ""
    """What the person wrote."""
    positive_prompt: str = ""
    negative_prompt: str = ""
    workflow: str = ""
    """The template's name; empty for a graph that has none."""
    workflow_digest: str = ""
    """Of the graph that the values are written into: `graph_digest`."""
    checkpoint: str | None = None
    """The file of the model that paints, whichever folder it lies in."""
    loras: tuple[RecipeLora, ...] = ()
    steps: int | None = None
    cfg: float | None = None
    width: int | None = None
    height: int | None = None
    sampler: str | None = None
    scheduler: str | None = None
    denoise: float | None = None
    seed: int | None = None
    """None: another one for each picture."""
    categories: tuple[str, ...] = ()
    tier: Tier = Tier.GENERAL
    expansions: tuple[Choice, ...] = ()
    """What was chosen of each variant and wildcard of the input."""
    version: str = ""
    """Of the categories, as they were then; empty where none was used."""
    without: tuple[str, ...] = ()
    """Categories that were not to be used, whatever the input seems to mean."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON; numbers are written in one way, that equal recipes have equal digests."""
        plain: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "without"}
        return plain | {
            "loras": [{"filename": name, "strength": float(strength)} for name, strength in self.loras],
            "cfg": None if self.cfg is None else float(self.cfg),
            "denoise": None if self.denoise is None else float(self.denoise),
            "categories": list(self.categories),
            "tier": str(self.tier),
            "expansions": [
                {one.name: getattr(choice, one.name) for one in fields(choice)} for choice in self.expansions
            ],
            **self._left_out(),
        }

    def _left_out(self) -> dict[str, Any]:
        """Return what is said only where there is any: recipes from before there was such a thing keep their ids."""
        return {"without": list(self.without)} if self.without else {}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote, or what somebody wrote like it.

        Raises:
            InvalidParameterError: fields are wrong or unknown; it names all of them.
        """
        if problems := list(_problems(data)):
            problems[0].others = tuple(problems[1:])
            raise problems[0]
        given: dict[str, Any] = {name: value for name, value in data.items() if value is not None}
        given["loras"] = tuple(RecipeLora(one["filename"], one.get("strength", 1.0)) for one in given.get("loras", ()))
        given["expansions"] = tuple(Choice(**one) for one in given.get("expansions", ()))
        given |= {name: tuple(given.get(name, ())) for name in ("categories", "without")}
        given["tier"] = Tier(given.get("tier", Tier.GENERAL))
        return cls(**given)

    @property
    def digest(self) -> str:
        """The SHA-256 of all that is in it."""
        return _digest(self.as_json())

    @property
    def id(self) -> str:
        """What it is called by: ``sha256:`` and its digest."""
        return f"sha256:{self.digest}"


def recipe_of(workflow: Workflow, *, name: str = "", input: str = "", tier: Tier = Tier.GENERAL) -> Recipe:  # noqa: A002  # the field's name
    """Return the recipe of any workflow, as far as the parts that its nodes play tell it.

    ``input`` is what the person wrote, if that is another text than the graph's prompt.
    """
    roles = find_roles(workflow)
    positive = _text(workflow, roles, "positive") or ""
    return Recipe(
        input=input or positive,
        positive_prompt=positive,
        negative_prompt=_text(workflow, roles, "negative") or "",
        workflow=name,
        workflow_digest=graph_digest(workflow),
        checkpoint=_text(workflow, roles, "models"),
        loras=tuple(_loras(workflow, roles)),
        steps=_whole(workflow, roles, "steps"),
        cfg=_number(workflow, roles, "guidance" if roles.guidance else "cfg"),
        width=_whole(workflow, roles, "width"),
        height=_whole(workflow, roles, "height"),
        sampler=_text(workflow, roles, "sampler"),
        scheduler=_text(workflow, roles, "scheduler"),
        denoise=_number(workflow, roles, "denoise"),
        seed=_whole(workflow, roles, "seed"),
        tier=tier,
    )


def graph_digest(workflow: Workflow) -> str:
    """Return the SHA-256 of a graph: the same for the same nodes, in whatever order they stand."""
    return _digest(workflow)


def _digest(data: object) -> str:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# --- of a graph


def _text(workflow: Workflow, roles: Roles, role: str) -> str | None:
    return literal_of(workflow, getattr(roles, role), str)


def _whole(workflow: Workflow, roles: Roles, role: str) -> int | None:
    return literal_of(workflow, getattr(roles, role), int)


def _number(workflow: Workflow, roles: Roles, role: str) -> float | None:
    value = literal_of(workflow, getattr(roles, role), int, float)
    return float(value) if value is not None and math.isfinite(value) else None


def _loras(workflow: Workflow, roles: Roles) -> Iterator[RecipeLora]:
    for slot in roles.loras:
        strength = workflow[slot.node_id]["inputs"].get("strength_model", 1.0)
        yield RecipeLora(slot.value(workflow), float(strength) if is_literal(strength, (int, float)) else 1.0)


# --- of JSON

_TEXTS = ("input", "positive_prompt", "negative_prompt", "workflow", "workflow_digest", "version")
_SCALARS = {
    field.name: field
    for field in (
        Parameter(name="schema", type="integer", minimum=1, maximum=SCHEMA),
        *(Parameter(name=name, type="string") for name in (*_TEXTS, "checkpoint", "sampler", "scheduler")),
        *(Parameter(name=name, type="integer", minimum=1) for name in ("steps", "width", "height")),
        Parameter(name="cfg", type="number", minimum=0, maximum=1000),
        Parameter(name="denoise", type="number", minimum=0, maximum=1),
        Parameter(name="seed", type="integer", minimum=0, maximum=2**64 - 1),
        Parameter(name="tier", type="string", choices=tuple(map(str, Tier))),
    )
}
_LORA = (
    Parameter(name="filename", type="string", required=True),
    Parameter(name="strength", type="number", minimum=-MAX_STRENGTH, maximum=MAX_STRENGTH),
)
_CHOICE = (
    *(Parameter(name=name, type="integer", minimum=0, required=True) for name in ("position", "options_count")),
    Parameter(name="chosen", type="string", required=True),
    Parameter(name="source", type="string"),
)
_LISTS: dict[str, tuple[Parameter, ...]] = {"loras": _LORA, "categories": (), "expansions": _CHOICE, "without": ()}
"""What the items of each are made of; nothing where they are texts."""


def _problems(data: Mapping[str, Any]) -> Iterator[InvalidParameterError]:
    for name, value in data.items():
        if name in _LISTS:
            yield from _list_problems(name, value)
        elif name in _SCALARS:
            yield from filter(None, [_SCALARS[name].fault(value)])
        else:
            nearest = ", ".join(nearest_names(name, (*_SCALARS, *_LISTS), 3))
            yield InvalidParameterError(name, value, "left out: a recipe has no such field", f"nearest: {nearest}.")


def _list_problems(name: str, value: object) -> Iterator[InvalidParameterError]:
    if not isinstance(value, (list, tuple)):
        yield InvalidParameterError(name, value, "a list")
        return
    for place, item in enumerate(cast("Sequence[object]", value)):
        if _LISTS[name]:
            yield from _item_problems(f"{name}[{place}]", item, _LISTS[name])
        elif not isinstance(item, str):
            yield InvalidParameterError(f"{name}[{place}]", item, "text")


def _item_problems(place: str, item: object, parts: Sequence[Parameter]) -> Iterator[InvalidParameterError]:
    known = dict.fromkeys(part.name for part in parts)
    fields = cast("dict[str, Any]", item) if isinstance(item, dict) else {place: item}
    if not known.keys() >= fields.keys():
        yield InvalidParameterError(place, cast("object", item), f"an object with {', '.join(known)}")
        return
    for part in parts:
        if fault := part.fault(fields.get(part.name)):
            fault.name = f"{place}.{part.name}"
            yield fault
