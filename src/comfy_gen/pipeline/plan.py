"""Turns a request into what will be sent to one engine, once everything that can be known beforehand is known."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from comfy_gen.composition.policy.checks import check_workflow
from comfy_gen.errors import (
    ComfyGenError,
    InvalidWorkflowError,
    MetadataNotFoundError,
    ModelNotFoundError,
)
from comfy_gen.pipeline.choice import choose
from comfy_gen.pipeline.preprocess import load, prepare, upload_name
from comfy_gen.pipeline.request import (
    compose,
    fill,
    from_parameters,
    preset_values,
    raise_all,
    seeds,
    with_seed,
)
from comfy_gen.pipeline.sources import read_converted
from comfy_gen.workflows.catalogue import find_template, find_workflow, load_template
from comfy_gen.workflows.checks import check
from comfy_gen.workflows.matching import match_model
from comfy_gen.workflows.models import folder_of
from comfy_gen.workflows.picture import read_picture
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.updates import Update, apply_settings, apply_updates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.pipeline.request import GenerationRequest
    from comfy_gen.workflows.checks import Problem
    from comfy_gen.workflows.convert import Conversion
    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.template import Template


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be sent: nothing of it is in doubt any more but the engine's health."""

    name: str
    """Of the template or file."""
    workflow: Workflow
    """Complete but for the seed."""
    seeds: list[int | None]
    """One for each picture; None where the workflow takes none."""
    uploads: Mapping[str, bytes]
    """Input pictures by the name that they get on the engine."""
    notes: tuple[str, ...] = ()
    """What was decided on the person's behalf."""


class _Base(NamedTuple):
    """The workflow to start from."""

    name: str
    workflow: Workflow
    template: Template | None = None
    model: str | None = None
    note: str = ""


async def make_plan(client: AsyncComfyUIClient, request: GenerationRequest) -> Plan:
    """Choose the workflow, write the request into it and check it against the engine.

    Raises:
        ComfyGenError: the one thing that cannot work, or an `InvalidRequestError` with all of them.
    """
    base, request = await _find_base(client, request)
    content = await _input_image(request)
    name = upload_name(content) if content is not None else None
    request = fill(request, {"model": base.model})
    if request.preset is not None:
        request = fill(request, preset_values(request.preset, base.workflow, base.template))
    request = await _match_models(client, request, base.workflow)
    composed = compose(request, base.workflow, image=name)
    planned = seeds(request, composed.workflow)
    first = with_seed(composed.workflow, planned[0] if planned else None)
    check_workflow(first)
    problems = await inspect(client, first, known_files=[name] if name else [])
    raise_all([*composed.errors, *_as_errors(problem for problem in problems if problem.is_refused)])
    notes = [base.note, _on_negative(request, first), *(str(one) for one in problems if not one.is_refused)]
    return Plan(
        name=base.name,
        workflow=composed.workflow,
        seeds=planned,
        uploads={name: content} if name and content is not None else {},
        notes=tuple(filter(None, notes)),
    )


async def inspect(
    client: AsyncComfyUIClient, workflow: Workflow, *, known_files: Iterable[str] = ()
) -> tuple[Problem, ...]:
    """Return everything that the engine would find wrong with a workflow, and more."""
    return check(workflow, await declarations_for(client, workflow), known_files=known_files).problems


async def declarations_for(client: AsyncComfyUIClient, workflow: Workflow) -> dict[str, Any]:
    """Return the engine's ``object_info`` for the classes in use; for all of them if it lacks one.

    An engine's whole list is megabytes, but the nearest names to an unknown one are among all.
    """
    classes = sorted({str(node.get("class_type")) for node in workflow.values()})
    answers = await asyncio.gather(*(client.get_object_info(name) for name in classes))
    object_info: dict[str, Any] = {name: node for answer in answers for name, node in answer.items()}
    return object_info if len(object_info) == len(classes) else await client.get_object_info()


async def plan_file(
    client: AsyncComfyUIClient,
    path: str,
    *,
    updates: Sequence[Update] = (),
    settings: Sequence[tuple[str, str]] = (),
    is_checked: bool = True,
) -> Plan:
    """Plan to run a workflow file as it is, but for some inputs and roles.

    A file in the editor's UI format is converted with the engine's own declarations. Unless ``is_checked``, what is
    wrong with the workflow is left to the engine to find.

    Raises:
        ComfyGenError: the one thing that cannot work, or an `InvalidRequestError` with all of them.
    """
    conversion = await read_converted(path, client.get_object_info)
    return await plan_graph(client, path, conversion, updates=updates, settings=settings, is_checked=is_checked)


async def plan_graph(
    client: AsyncComfyUIClient,
    name: str,
    conversion: Conversion,
    *,
    updates: Sequence[Update] = (),
    settings: Sequence[tuple[str, str]] = (),
    is_checked: bool = True,
) -> Plan:
    """Plan to run a workflow that was read, which is changed; see `plan_file`.

    Raises:
        ComfyGenError: the one thing that cannot work, or an `InvalidRequestError` with all of them.
    """
    workflow = conversion.workflow
    object_info = await declarations_for(client, workflow)
    apply_settings(apply_updates(workflow, updates, object_info), settings)
    check_workflow(workflow)
    problems = check(workflow, object_info).problems if is_checked else ()
    refuse(problems)
    told = [*map(str, (*conversion.problems, *conversion.notes)), *(str(one) for one in problems if not one.is_refused)]
    return Plan(name=name, workflow=workflow, seeds=[None], uploads={}, notes=tuple(told))


def refuse(problems: Iterable[Problem]) -> None:
    """Do nothing, if an engine would take a workflow that has these problems.

    Raises:
        ComfyGenError: the one thing that it would not, or an `InvalidRequestError` with all of them.
    """
    raise_all(_as_errors(problem for problem in problems if problem.is_refused))


async def models_by_folder(client: AsyncComfyUIClient, folders: Iterable[str]) -> dict[str, list[str]]:
    """Return the engine's model files in these folders."""
    names = list(folders)
    return dict(zip(names, await asyncio.gather(*(client.get_models(name) for name in names)), strict=True))


async def _find_base(client: AsyncComfyUIClient, request: GenerationRequest) -> tuple[_Base, GenerationRequest]:
    """Return the workflow to start from, and the request with what the picture to repeat says."""
    if request.from_picture is not None:
        record = read_picture(request.from_picture)
        if record.workflow is not None:
            return _Base(request.from_picture, record.workflow), request
        if record.settings is None:
            raise MetadataNotFoundError(request.from_picture)
        request = from_parameters(request, record.settings)
    if request.workflow is not None:
        template = find_template(request.workflow)
        workflow = template.workflow if template else find_workflow(request.workflow)
        return _Base(template.name if template else request.workflow, workflow, template), request
    return await _choose_base(client, request), request


async def _choose_base(client: AsyncComfyUIClient, request: GenerationRequest) -> _Base:
    models = await models_by_folder(client, ("checkpoints", "diffusion_models", "text_encoders", "vae"))
    choice = choose(models, load=load_template, model=request.model, has_image=request.input_image is not None)
    template = load_template(choice.template)
    return _Base(template.name, template.workflow, template, choice.model, choice.note)


async def _input_image(request: GenerationRequest) -> bytes | None:
    source = request.input_image
    if source is None:
        return None
    return prepare(await load(source), source=source, resize=request.resize, crop=request.crop)


async def _match_models(
    client: AsyncComfyUIClient, request: GenerationRequest, workflow: Workflow
) -> GenerationRequest:
    """Replace the names of model and LoRAs by those of the files that they mean."""
    slot = next(iter(find_roles(workflow).models), None)
    folder = folder_of(str(workflow[slot.node_id]["class_type"]), slot.input_name) if slot and request.model else ""
    models = await models_by_folder(client, filter(None, (folder, "loras" if request.loras else "")))
    return replace(
        request,
        model=match_model(request.model, models[folder]) if folder and request.model else request.model,
        loras=tuple(lora._replace(name=match_model(lora.name, models["loras"])) for lora in request.loras),
    )


def _on_negative(request: GenerationRequest, workflow: Workflow) -> str:
    """Tell where a negative prompt will have no effect, for models such as Flux are run without guidance."""
    if request.negative_prompt and value_of(workflow, find_roles(workflow).cfg) == 1.0:
        return "the negative prompt has no effect, for this workflow samples with a cfg of 1"
    return ""


def _as_errors(problems: Iterable[Problem]) -> list[ComfyGenError]:
    """Turn what a check found into errors; a model that is missing is one of its own, for it is the most common."""
    missing: dict[str, ComfyGenError] = {}
    others: list[str] = []
    for problem in problems:
        folder = folder_of(problem.class_type or "", problem.input_name or "")
        if problem.type == "value_not_in_list" and folder:
            name = str(problem.extra_info.get("received_value"))
            missing[name] = ModelNotFoundError(name, folder, problem.nearest)
        elif problem.type == "custom_validation_failed":
            others.append(f"{problem}; give it with -i")
        else:
            others.append(str(problem))
    return [*missing.values(), *([InvalidWorkflowError(others)] if others else [])]
