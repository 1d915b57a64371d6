"""Finds what a workflow from elsewhere lacks on an engine, what could stand in, and where the rest is to be had."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.engines.capability import capability_of
from comfy_gen.errors import NotComfyUIError
from comfy_gen.models.coverage import coverage, model_hints
from comfy_gen.workflows.checks import check
from comfy_gen.workflows.convert import Kind
from comfy_gen.workflows.models import missing_models
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.origins import origins_of
from comfy_gen.workflows.roles import find_roles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.models.fallbacks import Fallback
    from comfy_gen.models.manifest import Manifest
    from comfy_gen.models.model import Model
    from comfy_gen.workflows.checks import Problem
    from comfy_gen.workflows.convert import Conversion
    from comfy_gen.workflows.graph import Workflow

_TOLD = frozenset({"invalid_prompt", "prompt_no_outputs"})
"""What a check says of a graph with nodes that the engine lacks: these are told as missing."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What an engine has."""

    url: str
    object_info: Mapping[str, Any]
    models: Mapping[str, Sequence[str]]
    """File names by folder; a folder that is not here is one that nothing is known of."""


@dataclass(frozen=True, slots=True)
class MissingNode:
    """A node class that the engine lacks."""

    class_type: str
    node_ids: tuple[str, ...]
    nearest: tuple[str, ...]
    """The engine's classes with the names most like it, best first."""
    origin: str = ""
    """Where the pack that has it is to be had, if the file says so."""
    reason: str = ""
    """Why the engine cannot have it, whatever is installed."""

    def as_json(self) -> dict[str, Any]:
        """Return what a program is told of it."""
        return {
            "class_type": self.class_type,
            "node_ids": list(self.node_ids),
            "nearest": list(self.nearest),
            "origin": self.origin,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class MissingModel:
    """A model file that the engine lacks."""

    folder: str
    file: str
    node_ids: tuple[str, ...]
    fallbacks: tuple[Fallback, ...] = ()
    """What the engine has in its place, best first."""
    model: Model | None = None
    """What is known of it, and where it comes from."""

    @property
    def can_be_fetched(self) -> bool:
        """Whether it is known where it comes from."""
        return self.model is not None and bool(self.model.source)

    def as_json(self) -> dict[str, Any]:
        """Return what a program is told of it."""
        return {
            "folder": self.folder,
            "file": self.file,
            "node_ids": list(self.node_ids),
            "fallbacks": [{"file": one.file, "reason": one.reason} for one in self.fallbacks],
            "model": self.model.as_json() if self.model else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacks:
    """All that stands between a workflow and an engine that runs it."""

    nodes: tuple[MissingNode, ...] = ()
    models: tuple[MissingModel, ...] = ()
    problems: tuple[str, ...] = ()
    """What is wrong besides: with the graph, its values, its conversion."""
    is_garbled: bool = False
    """Whether its conversion had to leave something out, so that what there is of it is not what was drawn."""
    notes: tuple[str, ...] = ()
    """What was decided on the caller's behalf, and what the engine may find wrong later."""

    @property
    def is_complete(self) -> bool:
        """Whether the engine runs the workflow as it is."""
        return not (self.nodes or self.models or self.problems)

    def as_json(self) -> dict[str, Any]:
        """Return what a program is told of it."""
        return {
            "complete": self.is_complete,
            "missing_nodes": [one.as_json() for one in self.nodes],
            "missing_models": [one.as_json() for one in self.models],
            "problems": list(self.problems),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of models and nodes beyond what the engine has."""

    manifest: Manifest | None = None
    document: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the editor saved, if it did: it may say where its models and nodes come from."""
    files: frozenset[str] = frozenset()
    """What the engine gets before the workflow runs, as the workflow names it."""
    is_final: bool = False
    """Whether it is run as it is, so that nobody gives it other pictures."""


async def take_stock(client: AsyncComfyUIClient) -> Stock:
    """Ask an engine what it has.

    Raises:
        EngineError: it does not answer, or with nonsense.
    """
    info: dict[str, Any] = await client.get_object_info()
    files = {folder: await client.get_models(folder) for folder in await client.get_models()}
    try:
        models = capability_of(info, files).models
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # whatever a stranger sends as object_info
        raise NotComfyUIError(client.url) from error
    return Stock(client.url, info, {folder: sorted(names) for folder, names in models.items()})


def find_lacks(conversion: Conversion, stock: Stock, known: Known) -> Lacks:
    """Return everything that keeps an engine from running a workflow, each thing once.

    A missing class or file is told as such, and not again as the problem of each node that needs it. Pictures to work
    on are given with each run, unless it is final: that the engine lacks those of the file is but a note.
    """
    nodes = tuple(_missing_nodes(conversion, stock, origins_of(known.document)))
    models = tuple(_missing_models(conversion.workflow, stock, known))
    garbled = [one for one in conversion.problems if one.kind is not Kind.MISSING_CLASS]
    absent = {one.class_type for one in nodes}
    found = list(_problems(conversion.workflow, stock, known.files, has_all_classes=not nodes))
    refused = [one for one in found if one.is_refused]
    wrong = refused if known.is_final else [one for one in refused if not _is_picture(conversion.workflow, one)]
    return Lacks(
        nodes=nodes,
        models=models,
        problems=(*(str(one) for one in garbled if one.class_type not in absent), *map(str, wrong)),
        is_garbled=bool(garbled),
        notes=(*map(str, conversion.notes), *(str(one) for one in found if one not in wrong)),
    )


def _missing_nodes(conversion: Conversion, stock: Stock, origins: Mapping[str, str]) -> Iterator[MissingNode]:
    told = {one.class_type: one for one in conversion.problems if one.kind is Kind.MISSING_CLASS}
    users: dict[str, list[str]] = {}
    for node_id, node in conversion.workflow.items():
        if node["class_type"] not in stock.object_info:
            users.setdefault(node["class_type"], []).append(node_id)
    for class_type, node_ids in users.items():
        finding = told.get(class_type)
        nearest = finding.nearest if finding else nearest_names(class_type, stock.object_info)
        reason = "" if nearest or finding is None else finding.claim
        yield MissingNode(class_type, tuple(node_ids), tuple(nearest), origins.get(class_type, ""), reason)


def _missing_models(workflow: Workflow, stock: Stock, known: Known) -> Iterator[MissingModel]:
    users: dict[tuple[str, str], list[str]] = {}
    for use in missing_models(workflow, stock.models):
        users.setdefault((use.folder, use.name), []).append(use.node_id)
    hints = model_hints(known.document)
    for state in coverage(list(users), stock.models, known.manifest, hints).needs:
        node_ids = tuple(users[state.folder, state.file])
        yield MissingModel(state.folder, state.file, node_ids, state.fallbacks, state.model)


def _problems(
    workflow: Workflow, stock: Stock, known_files: frozenset[str], *, has_all_classes: bool
) -> Iterator[Problem]:
    """Yield what is wrong but for what is missing."""
    files = {(use.node_id, use.input_name) for use in missing_models(workflow, stock.models)}
    for one in check(workflow, stock.object_info, known_files=known_files).problems:
        is_told = one.type in _TOLD and not has_all_classes
        if not is_told and (one.node_id, one.input_name) not in files:
            yield one


def _is_picture(workflow: Workflow, problem: Problem) -> bool:
    """Tell whether it is about the picture that the workflow works on."""
    roles = find_roles(workflow)
    slots = (*roles.images, *roles.masks)
    return (problem.node_id, problem.input_name) in {(one.node_id, one.input_name) for one in slots}
