"""What a workflow needs of an engine, and which workflows take alike long. Pure.

A service accepts hundreds of jobs a second, and each is read once for this: one walk over the nodes, no tracing of
roles.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.graph import ancestors, is_link
from comfy_gen.workflows.models import models_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from comfy_gen.workflows.graph import Workflow

_HEAVY_FOLDERS = frozenset({"checkpoints", "diffusion_models"})
"""What an engine loads from these takes it seconds, and it keeps only so many of them: they are a job's weights."""

_EFFORTS = frozenset(
    {"steps", "width", "height", "batch_size", "amount", "length", "video_frames", "num_frames", "megapixels"}
)
"""Inputs by which a graph of one structure takes longer or shorter."""


@dataclass(frozen=True, slots=True)
class Need:
    """What an engine must have to run a workflow. Made by `need_of`; everything in it is sorted."""

    classes: tuple[str, ...] = ()
    """Node classes."""
    models: tuple[tuple[str, str], ...] = ()
    """Files as (folder, name), with forward slashes."""
    weights: tuple[str, ...] = ()
    """The big files, as ``folder/name``: those that decide what an engine has loaded."""
    tags: tuple[str, ...] = ()
    """All of them must be the engine's."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept with a job."""
        models = [list(model) for model in self.models]
        return {
            "classes": list(self.classes),
            "models": models,
            "weights": list(self.weights),
            "tags": list(self.tags),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Need:
        """Return what `as_json` made this of; what is not there is not needed."""
        return cls(
            classes=tuple(data.get("classes", ())),
            models=tuple((folder, name) for folder, name in data.get("models", ())),
            weights=tuple(data.get("weights", ())),
            tags=tuple(data.get("tags", ())),
        )


def need_of(workflow: Workflow, tags: Iterable[str] = (), targets: Iterable[str] | None = None) -> Need:
    """Return what a workflow needs, and the tags that its request asks for.

    ``targets`` are the only output nodes that are to run, where not all are: what feeds others is not loaded.
    """
    models = _models(workflow if targets is None else _feeding(workflow, targets))
    return Need(
        # Of every node, also of those that no output wants: ComfyUI refuses a graph with an unknown class anywhere.
        classes=tuple(sorted({node["class_type"] for node in workflow.values()})),
        models=models,
        weights=tuple(f"{folder}/{name}" for folder, name in models if folder in _HEAVY_FOLDERS),
        tags=tuple(sorted(set(tags))),
    )


def likeness_of(workflow: Workflow) -> str:
    """Return a short text that is the same for workflows that should take alike long on one engine.

    It is made of the graph's structure, its weights, and the steps and sizes in it; not of texts and seeds, nor of
    the job's title: people give each job its own, and jobs from one template are alike whatever they are called.
    """
    heavy = [name for folder, name in _models(workflow) if folder in _HEAVY_FOLDERS]
    facts = [*_structure(workflow), *heavy, *_efforts(workflow)]
    return hashlib.blake2b("\n".join(facts).encode(errors="replace"), digest_size=12).hexdigest()


def _feeding(workflow: Workflow, targets: Iterable[str]) -> Workflow:
    """Return the part of a workflow that these nodes need."""
    wanted = {node_id for target in targets for node_id in ancestors(workflow, target)}
    return {node_id: node for node_id, node in workflow.items() if node_id in wanted}


def _models(workflow: Workflow) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({(use.folder, use.name.replace("\\", "/")) for use in models_of(workflow)}))


def _structure(workflow: Workflow) -> list[str]:
    """Return one line for each node: its class and where its inputs come from; sorted, as ids and order mean nothing.

    Sources are told by class, not by id: two graphs that only number their nodes differently are alike.
    """
    return sorted(" ".join((node["class_type"], *_sources(workflow, node["inputs"]))) for node in workflow.values())


def _sources(workflow: Workflow, inputs: Mapping[str, Any]) -> Iterator[str]:
    for name, value in sorted(inputs.items()):
        if is_link(value) and value[0] in workflow:
            yield f"{name}={workflow[value[0]]['class_type']}.{value[1]}"


def _efforts(workflow: Workflow) -> list[str]:
    return sorted(
        f"{node['class_type']} {name}={value}"
        for node in workflow.values()
        for name in _EFFORTS & node["inputs"].keys()
        for value in _numbers(workflow, node["inputs"][name])
    )


def _numbers(workflow: Workflow, value: object) -> list[float]:
    """Return an input's number; where another node gives it, the numbers that this node is given."""
    if is_link(value):
        inputs: Mapping[str, Any] = workflow.get(value[0], {}).get("inputs", {})
        return [number for number in inputs.values() if isinstance(number, (int, float))]
    return [value] if isinstance(value, (int, float)) else []
