"""Templates: workflows with named, typed inputs, and a card that says what these are. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from comfy_gen.errors import InvalidParameterError, RoleNotFoundError, TemplateCardError
from comfy_gen.workflows import edits
from comfy_gen.workflows.parameter import Parameter, check_values, listed, said, slot_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.slots import Slot

PRESETS = ("draft", "balanced", "high-quality")
"""The presets that every shipped template has."""

_SETTERS: dict[str, Callable[[Workflow, Any], Workflow]] = {
    "positive": edits.set_prompt,
    "negative": lambda workflow, value: edits.set_prompt(workflow, None, value),
    "seed": edits.set_seed,
    "steps": edits.set_steps,
    "cfg": edits.set_cfg,
    "sampler": edits.set_sampler,
    "scheduler": edits.set_scheduler,
    "denoise": edits.set_denoise,
    "batch": edits.set_batch,
    "length": edits.set_length,
    "images": edits.set_input_image,
    "masks": edits.set_mask,
    "models": edits.set_model,
}


@dataclass(frozen=True, slots=True)
class ModelNeed:
    """A model file that a template loads unless another is chosen."""

    folder: str
    """ComfyUI's folder under ``models``."""
    file: str
    used_by: tuple[Slot, ...]
    page: str
    """The page where its makers, or those who repacked it for ComfyUI, give it away."""

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> Self:
        """Read a need from a card's JSON.

        Raises:
            TemplateCardError: something is missing, or is not of the shape that it must have.
        """
        file = said(card, "file", "a model's card")
        source = f"the card of model {file!r}"
        folder, page, _ = (said(card, field, source) for field in ("folder", "page", "used_by"))
        return cls(folder, file, tuple(slot_from(place, source) for place in listed(card, "used_by", source)), page)

    def as_card(self) -> dict[str, Any]:
        """Return the need as a card's JSON has it."""
        places = [{"node_id": slot.node_id, "input_name": slot.input_name} for slot in self.used_by]
        return {"folder": self.folder, "file": self.file, "used_by": places, "page": self.page}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A workflow and its card."""

    name: str
    workflow: Workflow
    """With every parameter at its default."""
    title: str = ""
    summary: str = ""
    output: Literal["image", "video"] = "image"
    aliases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    models: tuple[ModelNeed, ...] = ()
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, "Mapping[str, Any]"])

    @classmethod
    def from_card(cls, card: Mapping[str, Any], workflow: Workflow) -> Self:
        """Read a template from its card's JSON.

        Raises:
            TemplateCardError: something is missing, or is not of the shape that it must have; it says what.
        """
        name = said(card, "name", "a template's card")
        source = f"the card of template {name!r}"
        return cls(
            name=name,
            workflow=workflow,
            title=card.get("title", ""),
            summary=card.get("summary", ""),
            output=card.get("output", "image"),
            aliases=listed(card, "aliases", source),
            parameters=tuple(Parameter.from_card(one) for one in listed(card, "parameters", source)),
            models=tuple(ModelNeed.from_card(one) for one in listed(card, "models", source)),
            presets=_presets(card, source),
        )

    def as_card(self) -> dict[str, Any]:
        """Return the card as JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "summary": self.summary,
            "output": self.output,
            "aliases": list(self.aliases),
            "parameters": [parameter.as_card() for parameter in self.parameters],
            "models": [need.as_card() for need in self.models],
            "presets": {name: dict(values) for name, values in self.presets.items()},
        }

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of this name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def instantiate(self, /, *, preset: str | None = None, **values: Any) -> Workflow:
        """Return a workflow of its own with these values in it; values go before the preset's, None is no value.

        Raises:
            InvalidParameterError: values are wrong, unknown or missing; it names all of them.
        """
        given = {name: value for name, value in values.items() if value is not None}
        chosen = {**self._preset(preset), **given}
        check_values(self.parameters, chosen, owner=self.name)
        workflow = copy.deepcopy(self.workflow)
        self.write(workflow, chosen)
        return workflow

    def write(self, workflow: Workflow, values: Mapping[str, Any]) -> None:
        """Write values into a workflow that was made of this template; they are not checked."""
        for parameter in self.parameters:
            if parameter.name in values:
                _apply(workflow, parameter, values[parameter.name])
        self._apply_size(workflow, values)

    def _preset(self, name: str | None) -> Mapping[str, Any]:
        if name is None:
            return {}
        if name not in self.presets:
            raise InvalidParameterError("preset", name, f"one of {', '.join(self.presets)}")
        return self.presets[name]

    def _apply_size(self, workflow: Workflow, values: Mapping[str, Any]) -> None:
        """Set both sides at once: whatever else says the canvas's size is known by saying both."""
        sides = [parameter for parameter in self.parameters if parameter.role in ("width", "height")]
        if any(side.name in values for side in sides):
            width, height = (values.get(side.name, side.default) for side in sorted(sides, key=_is_height))
            edits.set_size(workflow, width, height)


def _presets(card: Mapping[str, Any], source: str) -> Mapping[str, Mapping[str, Any]]:
    presets: object = card.get("presets", {})
    if not isinstance(presets, Mapping):
        raise TemplateCardError(source, f"its presets is {presets!r}, not an object")
    for name, values in cast("Mapping[str, object]", presets).items():
        if not isinstance(values, Mapping):
            raise TemplateCardError(source, f"its preset {name} is {values!r}, not an object")
    return cast("Mapping[str, Mapping[str, Any]]", presets)


def _is_height(parameter: Parameter) -> bool:
    return parameter.role == "height"


def _apply(workflow: Workflow, parameter: Parameter, value: object) -> None:
    for slot in parameter.slots:
        if slot.node_id not in workflow:
            raise RoleNotFoundError(parameter.name, f"it has no node {slot.node_id}")
        slot.put(workflow, value)
    if setter := _SETTERS.get(cast("str", parameter.role)):
        setter(workflow, value)
