"""Makes a template of any workflow: what may be set is found by the parts that its nodes play. Pure."""

from __future__ import annotations

import copy
import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from comfy_gen.workflows.graph import links
from comfy_gen.workflows.holes import settable_inputs
from comfy_gen.workflows.models import models_of
from comfy_gen.workflows.parameter import Parameter, ParameterType
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.slots import Slot, is_literal
from comfy_gen.workflows.template import ModelNeed, Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from comfy_gen.workflows.graph import Workflow

_FILM = re.compile(r"Save(Video|WEBM|Animated)|VideoCombine")
_SIDE_STEP = 8
"""Pixels that one of a latent stands for."""
_NAMES = {
    "checkpoints": "model",
    "diffusion_models": "model",
    "loras": "lora",
    "text_encoders": "text_encoder",
    "upscale_models": "upscale_model",
    "latent_upscale_models": "latent_upscale_model",
    "style_models": "style_model",
    "model_patches": "model_patch",
}
"""What a file of each folder is called as a parameter, where that is not the folder's own name."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands for a role in a template."""

    name: str
    role: str
    type: ParameterType
    description: str
    minimum: float | None = None
    maximum: float | None = None


_PARTS = (
    _Part("image", "images", "image", "The picture to work on."),
    _Part("mask", "masks", "image", "Where to paint: white is painted over."),
    _Part("prompt", "positive", "string", "What the picture shows."),
    _Part("negative_prompt", "negative", "string", "What to keep out of the picture."),
    _Part("denoise", "denoise", "number", "How much to repaint: 0 nothing, 1 everything.", 0, 1),
    _Part("seed", "seed", "integer", "The same seed and values give the same picture.", 0, 2**64 - 1),
    _Part("steps", "steps", "integer", "More steps take longer and bring more detail, up to a point.", 1),
    _Part("cfg", "guidance", "number", "How closely to follow the prompt."),
    _Part("cfg", "cfg", "number", "How closely to follow the prompt."),
    _Part("sampler", "sampler", "string", "One of the engine's samplers."),
    _Part("scheduler", "scheduler", "string", "One of the engine's schedulers."),
    _Part("batch", "batch", "integer", "Pictures in one run; they share its memory.", 1),
    _Part("length", "length", "integer", "Frames of the video.", 1),
)
_SIDES = ("width", "height")


def derive_template(name: str, workflow: Workflow, object_info: Mapping[str, Any] | None = None) -> Template:
    """Return a template of a workflow, with the names that the shipped ones have for the same things.

    Places with the same value are one parameter; where they differ, each is one of its own. Limits and choices are
    the engine's, where ``object_info`` is given; files of models and pictures are not limited to those of today.
    """
    return Template(
        name=name,
        workflow=copy.deepcopy(workflow),
        title=name,
        output=_output(workflow),
        parameters=tuple(_named(_Deriving(workflow, object_info or {}).parameters())),
        models=tuple(_needs(workflow)),
    )


class _Deriving:
    """A workflow, its roles, and what is known of each of its inputs."""

    def __init__(self, workflow: Workflow, object_info: Mapping[str, Any]) -> None:
        self._workflow = workflow
        self._roles = find_roles(workflow)
        self._known = {one.slots[0]: one for one in settable_inputs(workflow, object_info)}

    def parameters(self) -> Iterator[Parameter]:
        """Yield all, each with the name of its kind: names may come twice."""
        for part in _PARTS:
            if self._is_idle(part):
                continue
            # Flux and its kin have learnt guidance, and cfg is something else there.
            is_true = part.role == "cfg" and bool(self._roles.guidance)
            yield from self._part(replace(part, name="true_cfg") if is_true else part, getattr(self._roles, part.role))
        yield from self._alpha()
        yield from self._sides()
        yield from self._files()

    def _is_idle(self, part: _Part) -> bool:
        """Tell whether it is there and of no use: what paints on an empty canvas has to paint all of it."""
        roles = self._roles
        return part.role == "denoise" and not roles.images and value_of(self._workflow, roles.denoise) == 1

    def _alpha(self) -> Iterator[Parameter]:
        """Yield a mask, where the graph takes it from the picture's transparency, and can take it from a file."""
        loaders = {slot.node_id for slot in self._roles.images}
        if not self._roles.masks and any(link.slot == 1 and link.source in loaders for link in links(self._workflow)):
            words = "Where to paint: white is painted over. Without it, what is transparent in the picture."
            yield Parameter(name="mask", type="image", role="masks", description=words)

    def _part(self, part: _Part, slots: Sequence[Slot]) -> Iterator[Parameter]:
        groups = self._alike(slots)
        for places in groups:
            words = part.description if len(groups) == 1 else f"{part.description} {self._title(places[0])}"
            role = part.role if self._is_set_by_role(part, places, slots) else None
            own = replace(self._of(places[0]), name=part.name, role=role, slots=() if role else places)
            yield sound(replace(_limited(own, part), type=part.type, description=words))

    def _alike(self, slots: Sequence[Slot]) -> list[tuple[Slot, ...]]:
        """Return the places in groups that have the same value, or the same link."""
        groups: dict[str, tuple[Slot, ...]] = {}
        for slot in slots:
            value = repr(slot.value(self._workflow))
            groups[value] = (*groups.get(value, ()), slot)
        return list(groups.values())

    def _is_set_by_role(self, part: _Part, places: Sequence[Slot], slots: Sequence[Slot]) -> bool:
        """Tell whether the role's own way of setting says the same: it alone knows of steps that passes share."""
        is_whole = len(places) == len(slots)
        return is_whole and part.role != "guidance" and not (part.role == "cfg" and self._roles.guidance)

    def _title(self, slot: Slot) -> str:
        """Return what tells the node from others of its kind."""
        title = self._workflow[slot.node_id].get("_meta", {}).get("title")
        return f"Of node {slot.node_id}, {title}." if isinstance(title, str) else f"Of node {slot.node_id}."

    def _of(self, slot: Slot) -> Parameter:
        return self._known.get(slot) or Parameter(name=slot.input_name, slots=(slot,))

    def _sides(self) -> Iterator[Parameter]:
        """Yield the canvas's sides: together, if a latent can have them, for then all that says them is set."""
        slots: dict[str, tuple[Slot, ...]] = {side: getattr(self._roles, side) for side in _SIDES}
        together = all(_is_side(value_of(self._workflow, slots[side])) for side in _SIDES)
        for side in _SIDES:
            if slots[side]:
                yield self._side(side, slots[side], together=together)

    def _side(self, side: str, slots: tuple[Slot, ...], *, together: bool) -> Parameter:
        own = replace(self._of(slots[0]), name=side, type="integer", description="In pixels.")
        low = own.minimum if own.minimum is not None else _SIDE_STEP
        if not together:
            return sound(replace(own, role=None, slots=slots, minimum=low))
        return sound(replace(own, role=side, slots=(), minimum=max(low, _SIDE_STEP), multiple_of=_SIDE_STEP))

    def _files(self) -> Iterator[Parameter]:
        painters = {(slot.node_id, slot.input_name): place for place, slot in enumerate(self._roles.models)}
        uses = models_of(self._workflow)
        for use in sorted(uses, key=lambda use: painters.get((use.node_id, use.input_name), len(painters))):
            own = self._of(Slot(use.node_id, use.input_name))
            name = _NAMES.get(use.folder, use.folder)
            yield replace(own, name=name, type="string", role=None, choices=(), description=f"A file of {use.folder}.")


def _is_side(value: Any) -> bool:
    """Tell whether a latent can be so long; one that is computed is not known."""
    return is_literal(value, (int,)) and value >= _SIDE_STEP and value % _SIDE_STEP == 0


def _limited(parameter: Parameter, part: _Part) -> Parameter:
    """Return the parameter with its own limits and those of its part; a picture that is uploaded is on no list."""
    if part.type == "image":
        return replace(parameter, choices=())
    low, high = _tighter(parameter.minimum, part.minimum, max), _tighter(parameter.maximum, part.maximum, min)
    return replace(parameter, minimum=low, maximum=high)


def _tighter(theirs: Any, ours: float | None, choose: Callable[[list[float]], float]) -> float | None:
    """Return the one of two limits that leaves less; what nodes declare may be no number, or infinite."""
    known: list[float] = [] if ours is None else [ours]
    if is_literal(theirs, (int, float)) and math.isfinite(theirs):
        known.append(theirs)
    return choose(known) if known else None


def sound(parameter: Parameter) -> Parameter:
    """Return the parameter without limits that its own default breaks: the workflow has it, and it may well run."""
    if parameter.default is None or parameter.fault(parameter.default) is None:
        return parameter
    free = replace(parameter, minimum=None, maximum=None, multiple_of=None, choices=())
    return free if free.fault(free.default) is None else replace(free, type="any")


def _named(parameters: Iterator[Parameter]) -> Iterator[Parameter]:
    """Give each a name of its own: the second prompt is ``prompt_2``."""
    counts: dict[str, int] = {}
    for parameter in parameters:
        count = counts[parameter.name] = counts.get(parameter.name, 0) + 1
        yield parameter if count == 1 else replace(parameter, name=f"{parameter.name}_{count}")


def _output(workflow: Workflow) -> Literal["image", "video"]:
    return "video" if any(_FILM.search(str(node.get("class_type"))) for node in workflow.values()) else "image"


def _needs(workflow: Workflow) -> Iterator[ModelNeed]:
    uses: dict[tuple[str, str], tuple[Slot, ...]] = {}
    for use in models_of(workflow):
        key = (use.folder, use.name)
        uses[key] = (*uses.get(key, ()), Slot(use.node_id, use.input_name))
    return (ModelNeed(folder, file, slots, "") for (folder, file), slots in uses.items())
