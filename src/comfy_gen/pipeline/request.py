"""What a person asks of one generation, and how it is written into a workflow. Pure."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from comfy_gen.errors import ComfyGenError, InvalidParameterError, InvalidRequestError, RoleNotFoundError
from comfy_gen.validation.retry import new_seed
from comfy_gen.workflows import edits
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.template import PRESETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from comfy_gen.pipeline.preprocess import Size
    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.parameters import Parameters
    from comfy_gen.workflows.template import Template

MAX_COUNT = 10_000
"""More pictures in one request are a slip of the finger."""
MAX_SEED = 2**64
"""What ComfyUI's samplers take."""


class Lora(NamedTuple):
    """One LoRA to add."""

    name: str
    strength: float = 1.0


class Composed(NamedTuple):
    """A workflow with all that could be written into it, and what could not."""

    workflow: Workflow
    errors: list[ComfyGenError]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """What a person asks for; None leaves a value as the workflow has it."""

    prompt: str | None = None
    negative_prompt: str | None = None
    workflow: str | None = None
    """The name of a template or the path of a file; one that fits the engine's models if None."""
    from_picture: str | None = None
    """A picture whose workflow is to be run again."""
    model: str | None = None
    steps: int | None = None
    cfg: float | None = None
    seed: int | None = None
    """-1 is random; so is None, but for a picture that is to be repeated."""
    width: int | None = None
    height: int | None = None
    sampler: str | None = None
    scheduler: str | None = None
    denoise: float | None = None
    loras: tuple[Lora, ...] = ()
    preset: str | None = None
    input_image: str | None = None
    """A path or a URL."""
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What else the workflow takes, by the names of its template's parameters."""
    resize: Size | None = None
    crop: str | None = None
    count: int = 1


def parse_lora(text: str) -> Lora:
    """Read ``NAME`` or ``NAME:STRENGTH``.

    Raises:
        InvalidParameterError: there is no name, or the strength is no number.
    """
    name, colon, strength = text.rpartition(":")
    if not colon:
        return Lora(text)
    try:
        parsed = Lora(name, float(strength))
    except ValueError as error:
        raise InvalidParameterError("lora", text, "NAME or NAME:STRENGTH, such as ink.safetensors:0.8") from error
    if not name or not math.isfinite(parsed.strength):
        raise InvalidParameterError("lora", text, "NAME or NAME:STRENGTH")
    return parsed


def parse_size(text: str) -> Size:
    """Read ``WIDTHxHEIGHT``.

    Raises:
        InvalidParameterError: it is something else.
    """
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise InvalidParameterError("resize", text, "WIDTHxHEIGHT in pixels, such as 768x512")
    return int(width), int(height)


def seeds(request: GenerationRequest, workflow: Workflow) -> list[int | None]:
    """Return a seed for each picture, counting up from the first; None where the workflow takes none."""
    roles = find_roles(workflow)
    if not roles.seed:
        return [None] * request.count
    kept = value_of(workflow, roles.seed) if request.from_picture else None
    first = request.seed if request.seed is not None else kept
    if not isinstance(first, int) or first == -1:
        first = new_seed()
    return [first + number for number in range(request.count)]


def compose(request: GenerationRequest, workflow: Workflow, *, image: str | None = None) -> Composed:
    """Write everything that was asked for, but for the seed, into a copy of the workflow.

    ``image`` is the name that the input picture has on the engine.
    """
    composed = copy.deepcopy(workflow)
    errors: list[ComfyGenError] = list(_impossible(request))
    for edit in _edits(request, composed, image):
        try:
            edit()
        except ComfyGenError as error:
            errors.append(error)
    return Composed(composed, errors)


def fill(request: GenerationRequest, values: Mapping[str, Any]) -> GenerationRequest:
    """Return the request with these values where it says nothing; names that no request has are left out."""
    unsaid = [name for name in values if getattr(request, name, values) in (None, ()) and name not in request.inputs]
    return replace(request, **{name: values[name] for name in unsaid})


def from_parameters(request: GenerationRequest, parameters: Parameters) -> GenerationRequest:
    """Return the request with what A1111 wrote of a picture where it says nothing itself."""
    values = {
        "prompt": parameters.prompt,
        "negative_prompt": parameters.negative or None,
        "loras": tuple(Lora(*lora) for lora in parameters.loras),
        "cfg": parameters.cfg if parameters.guidance is None else parameters.guidance,
        **{name: getattr(parameters, name) for name in _SAME_NAMES},
    }
    return fill(request, {name: value for name, value in values.items() if value is not None})


_SAME_NAMES = ("model", "steps", "seed", "width", "height", "sampler", "scheduler", "denoise")


def preset_values(preset: str, workflow: Workflow, template: Template | None) -> Mapping[str, Any]:
    """Return what a preset sets: what the template's card says, or more or fewer steps for any other workflow.

    Raises:
        InvalidParameterError: there is no such preset.
        RoleNotFoundError: the workflow has nothing that a preset could set.
    """
    if preset not in PRESETS:
        raise InvalidParameterError("preset", preset, f"one of {', '.join(PRESETS)}")
    if template is not None and preset in template.presets:
        return template.presets[preset]
    steps = value_of(workflow, find_roles(workflow).steps)
    if not isinstance(steps, int):
        raise RoleNotFoundError("preset", "nothing in it counts steps")
    return {"steps": max(1, round(steps * _STEPS_OF_PRESET[preset]))}


_STEPS_OF_PRESET = {"draft": 0.5, "balanced": 1.0, "high-quality": 1.5}
"""Relative to what the workflow's author found right."""


def raise_all(errors: Sequence[ComfyGenError]) -> None:
    """Raise the one error there is, or all as one; nothing if there is none."""
    if len(errors) > 1:
        raise InvalidRequestError(errors)
    if errors:
        raise errors[0]


def with_seed(workflow: Workflow, seed: int | None) -> Workflow:
    """Return a copy with this seed."""
    seeded = copy.deepcopy(workflow)
    return seeded if seed is None else edits.set_seed(seeded, seed)


def _impossible(request: GenerationRequest) -> Iterator[InvalidParameterError]:
    """Say what no workflow could do; ranges of the samplers' inputs are the engine's to tell."""
    if not 1 <= request.count <= MAX_COUNT:
        yield InvalidParameterError("count", request.count, f"from 1 to {MAX_COUNT:,}")
    if request.seed is not None and not -1 <= request.seed <= MAX_SEED - request.count:
        yield InvalidParameterError("seed", request.seed, "-1 for a random one, or from 0 to 2^64-1")
    for name in ("cfg", "denoise"):
        value = getattr(request, name)
        if value is not None and not math.isfinite(value):
            yield InvalidParameterError(name, value, "a number")
    for name in ("resize", "crop"):
        value = getattr(request, name)
        if value and not request.input_image:
            yield InvalidParameterError(name, value, "left out", "it is for an input picture: give one with -i.")
    if request.from_picture is not None and request.workflow is not None:
        advice = "the picture brings its own workflow; give one of the two."
        yield InvalidParameterError("workflow", request.workflow, "left out where a picture is repeated", advice)


def _edits(request: GenerationRequest, workflow: Workflow, image: str | None) -> Iterator[Callable[[], object]]:
    """Yield what to do; the model comes first, for LoRAs are put behind it."""
    if request.model is not None:
        yield lambda: edits.set_model(workflow, request.model or "")
    for lora in request.loras:
        yield lambda lora=lora: edits.insert_lora(workflow, lora.name, lora.strength)
    for prompts in ((request.prompt, None), (None, request.negative_prompt)):
        yield lambda prompts=prompts: edits.set_prompt(workflow, *prompts)
    for name, edit in _BY_NAME.items():
        if (asked := getattr(request, name)) is not None:
            yield lambda edit=edit, asked=asked: edit(workflow, asked)
    if request.width is not None or request.height is not None:
        yield lambda: _set_size(workflow, request)
    if request.seed is not None or request.count > 1:
        yield lambda: _require_seed(workflow)
    if image is not None:
        yield lambda: edits.set_input_image(workflow, image)


_BY_NAME: dict[str, Callable[[Workflow, Any], object]] = {
    "steps": edits.set_steps,
    "cfg": edits.set_cfg,
    "sampler": edits.set_sampler,
    "scheduler": edits.set_scheduler,
    "denoise": edits.set_denoise,
}


def _set_size(workflow: Workflow, request: GenerationRequest) -> None:
    """Set one side or both; the other stays as it is."""
    roles = find_roles(workflow)
    if request.input_image and not roles.width:
        asked = request.height if request.width is None else request.width
        advice = "the result has the size of the input picture; to change that: --resize WIDTHxHEIGHT."
        raise InvalidParameterError("height" if request.width is None else "width", asked, "left out here", advice)
    width = value_of(workflow, roles.width) if request.width is None else request.width
    height = value_of(workflow, roles.height) if request.height is None else request.height
    edits.set_size(workflow, *(side if isinstance(side, int) else 512 for side in (width, height)))


def _require_seed(workflow: Workflow) -> None:
    if not find_roles(workflow).seed:
        raise RoleNotFoundError("seed", "nothing in it is random, so that every picture would be the same")
