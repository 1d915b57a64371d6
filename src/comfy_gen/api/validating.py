"""Answers whether what a body says would run, and why not."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from comfy_gen.api.orders import generation_of
from comfy_gen.app.accepting import check_texts
from comfy_gen.app.planner import Raw, Run
from comfy_gen.app.tiers import allowed
from comfy_gen.app.validating import validate
from comfy_gen.app.wishes import filled
from comfy_gen.composition.policy.checks import check_workflow
from comfy_gen.errors import (
    ConfigurationError,
    InvalidParameterError,
    InvalidRequestError,
    ModelManifestError,
    ModelNotFoundError,
    listing,
)
from comfy_gen.models.reference import without_login

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comfy_gen.api.wire.validation import ValidateBody
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.importing import MissingModel, MissingNode
    from comfy_gen.app.planner import Wish
    from comfy_gen.app.service import Service
    from comfy_gen.app.tiers import Allowed
    from comfy_gen.app.validating import Validation
    from comfy_gen.composition.tier import Tier
    from comfy_gen.errors import ComfyGenError
    from comfy_gen.models.manifest import Manifest
    from comfy_gen.models.model import Model
    from comfy_gen.workflows.graph import Workflow

_APART = ("workflow_json", "inputs")
"""What is said in place of the other values."""


async def validated(service: Service, caller: Caller, said: ValidateBody, header: Tier | None) -> dict[str, Any]:
    """Return whether what a body says would run; what cannot work is the answer, and no error.

    Raises:
        PresetNotFoundError, InvalidParameterError: the body contradicts itself, or names a preset that there is not.
        PolicyTierError, ForbiddenContentError: the caller may not have it.
        NoEngineError: no engine answers that could say it.
    """
    tiers = allowed(caller, service.settings.policy, said.policy_tier or header)
    wish = await _wish_of(service, caller, said)
    notes = filter(None, [tiers.note])
    try:
        found = await validate(service.planner, wish, partial(_check, caller=caller, tiers=tiers))
    except ConfigurationError as error:
        return await _refused(service, error, [*notes])
    template = found.planned.template
    pages = await _pages(service, template)
    manifest = await _manifest(service) if found.lacks.models else None
    return {
        "status": "valid" if found.lacks.is_complete else "invalid",
        "is_valid": found.lacks.is_complete,
        "workflow_file": f"{template}.json" if template else None,
        "engine": found.engine,
        "errors": list(_errors(found)),
        "warnings": [*notes, *found.planned.notes, *found.lacks.notes],
        "missing_models": [_model(one, found, pages, manifest) for one in found.lacks.models],
        "missing_nodes": [_node(one) for one in found.lacks.nodes],
    }


async def _wish_of(service: Service, caller: Caller, said: ValidateBody) -> Wish:
    apart = next((name for name in _APART if getattr(said, name) is not None), None)
    if apart is not None:
        _check_alone(said, apart)
    if said.workflow_json is not None:
        return Raw(said.workflow_json)
    if said.inputs is not None:
        return Run(said.workflow or "", said.inputs, said.preset)
    request = await filled(generation_of(said), service.presets, caller.owner)
    return request if request.prompt is None else await service.composer.varied(request)


def _check_alone(said: ValidateBody, apart: str) -> None:
    """Do nothing, if a body says nothing that would be ignored.

    Raises:
        InvalidParameterError: it does, or lacks the name of the workflow whose inputs it has.
    """
    beside = {apart, "policy_tier", *(("workflow", "preset") if apart == "inputs" else ())}
    for name in type(said).model_fields.keys() - beside:
        if (value := getattr(said, name)) not in (None, []):
            raise InvalidParameterError(name, str(value)[:60], f"left out where there is a {apart}")
    if apart == "inputs" and said.workflow is None:
        raise InvalidParameterError("workflow", "", "the name of the one whose inputs these are")


async def _check(workflow: Workflow, *, caller: Caller, tiers: Allowed) -> None:
    await check_texts(workflow, caller, tiers)
    await asyncio.to_thread(check_workflow, workflow, caller.owner)


async def _refused(service: Service, error: ConfigurationError, warnings: Sequence[str]) -> dict[str, Any]:
    """Return the answer where no engine had to be asked."""
    parts = error.errors if isinstance(error, InvalidRequestError) else [error]
    missing = [one for one in parts if isinstance(one, ModelNotFoundError)]
    manifest = await _manifest(service) if missing else None
    return {
        "status": "invalid",
        "is_valid": False,
        "workflow_file": None,
        "engine": None,
        "errors": [_sentence(one) for one in parts],
        "warnings": list(warnings),
        "missing_models": [
            _as_json(one.folder, one.name, one.nearest, manifest and manifest.model_of(one.folder, one.name))
            for one in missing
        ],
        "missing_nodes": [],
    }


def _sentence(error: ComfyGenError) -> str:
    return "; ".join(filter(None, [error.message, error.hint.removesuffix(".")]))


def _errors(found: Validation) -> Iterator[str]:
    for node in found.lacks.nodes:
        yield f"the engine has no node class {node.class_type!r}{_near(node.nearest)}"
    for model in found.lacks.models:
        nearest = found.nearest[model.folder, model.file]
        yield f"the engine has no {model.folder}/{model.file}{_near(nearest)}"
    yield from found.lacks.problems


def _near(names: Sequence[str]) -> str:
    return f"; nearest: {listing(names)}" if names else ""


def _model(
    missing: MissingModel, found: Validation, pages: Mapping[tuple[str, str], str], manifest: Manifest | None
) -> dict[str, Any]:
    key = missing.folder, missing.file
    known = manifest and manifest.model_of(*key)
    told = _as_json(*key, found.nearest[key], known) | {"node_ids": list(missing.node_ids)}
    page = pages.get(key, "") or told["page"]
    said = missing.model.source if missing.model else ""  # by the workflow itself
    return {**told, "page": page, "source": said or page or told["source"]}


def _as_json(folder: str, file: str, nearest: Sequence[str], known: Model | None) -> dict[str, Any]:
    return {
        "folder": folder,
        "file": file,
        "nearest": list(nearest),
        "source": without_login(known.source) if known else "",
        "page": known.page if known else "",
        "name": known.name if known else "",
        "node_ids": [],
    }


def _node(missing: MissingNode) -> dict[str, Any]:
    return {
        "class_type": missing.class_type,
        "node_ids": list(missing.node_ids),
        "nearest": list(missing.nearest),
        "source": missing.origin,
    }


async def _pages(service: Service, template: str) -> Mapping[tuple[str, str], str]:
    """Return where the models can be had that a named workflow loads unless others are chosen."""
    if not template:
        return {}
    return {(one.folder, one.file): one.page for one in (await service.planner.template(template)).models}


async def _manifest(service: Service) -> Manifest:
    """Return what is known of models; what ships alone, where somebody's own cannot be read."""
    from comfy_gen.models.manifest import load_manifest  # noqa: PLC0415  # YAML, and few lack a model

    try:
        return await asyncio.to_thread(load_manifest, service.settings.models.manifest)
    except ModelManifestError:
        return await asyncio.to_thread(load_manifest)
