"""What a model's name means here: a workflow by name, a checkpoint of the engines', or what nobody named."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import NoEngineError, WorkflowNotFoundError
from comfy_gen.workflows.catalogue import all_templates
from comfy_gen.workflows.families import paints_pictures
from comfy_gen.workflows.matching import match_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from comfy_gen.app.service import Service
    from comfy_gen.workflows.template import Template

_THEIRS = re.compile(r"(dall-e|gpt-image|chatgpt-image)-[\w.-]+")
_OURS = "comfygen"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is to make the pictures; neither of the two: what fits the engines' models."""

    template: Template | None = None
    checkpoint: str | None = None


async def meaning_of(service: Service, name: str | None) -> Meaning:
    """Return what a model's name means.

    Raises:
        WorkflowNotFoundError: nothing; with the nearest names.
        NoEngineError: it may be a checkpoint's, and no engine says which there are.
    """
    if name is None:
        return Meaning()
    meant = aliases_of(service.settings.dialects.openai_models).get(name, name)
    try:
        return Meaning(await service.planner.template(meant))
    except WorkflowNotFoundError as error:
        if is_theirs(meant):
            return Meaning()
        files = await _checkpoints(service)
        if (file := match_model(meant, files)) not in files:
            raise WorkflowNotFoundError(name, error.nearest) from None
        return Meaning(checkpoint=file)


def is_theirs(name: str) -> bool:
    """Tell whether this is the name of a model of OpenAI's."""
    return _THEIRS.fullmatch(name) is not None


def answers_with_pictures(name: str | None) -> bool:
    """Tell whether this is a model of OpenAI's that answers with the pictures themselves, not with their addresses."""
    return name is not None and is_theirs(name) and not name.startswith("dall-e")


def aliases_of(settings: Iterable[str]) -> Mapping[str, str]:
    """Return by name what the settings say that it means: ``NAME=WORKFLOW``."""
    pairs = [one.partition("=") for one in settings]
    return {name.strip(): meant.strip() for name, _, meant in pairs if name.strip() and meant.strip()}


async def listed(service: Service) -> list[dict[str, Any]]:
    """Return the models that can be asked for: each name of the settings, each workflow, each checkpoint."""
    try:
        have: Mapping[str, Sequence[str]] | None = await service.knowledge.models(need="list what can be asked for")
    except NoEngineError:
        have = None  # whoever starts before their engine does is told of the workflows at least
    shipped = [one.name for one in await asyncio.to_thread(all_templates) if _runs(one, have)]
    saved = [one for one in await service.saved.list() if one.template.output == "image"]
    found = [
        *(facts_of(name) for name in aliases_of(service.settings.dialects.openai_models)),
        *(facts_of(name) for name in shipped),
        *(facts_of(one.name, created=one.created, owner="saved") for one in saved),
        *(facts_of(name, owner="engines") for name in _painters(have or {})),
    ]
    return [*{one["id"]: one for one in reversed(found)}.values()][::-1]


async def described(service: Service, name: str) -> dict[str, Any]:
    """Return one of the models: also OpenAI's own, which are not listed.

    Raises:
        ComfyGenError: as `meaning_of`.
    """
    await meaning_of(service, name)
    return next((one for one in await listed(service) if one["id"] == name), facts_of(name))


def facts_of(name: str, *, created: float = 0, owner: str = _OURS) -> dict[str, Any]:
    """Return a model as OpenAI describes one."""
    return {"id": name, "object": "model", "created": int(created), "owned_by": owner}


def _runs(template: Template, have: Mapping[str, Sequence[str]] | None) -> bool:
    is_there = have is None or all(need.file in have.get(need.folder, ()) for need in template.models)
    return template.output == "image" and is_there


async def _checkpoints(service: Service) -> Sequence[str]:
    return _painters(await service.knowledge.models(need="find a model"))


def _painters(have: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return [name for name in have.get("checkpoints", ()) if paints_pictures(name)]
