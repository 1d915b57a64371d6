"""Makes the API format of what ComfyUI's editor saves, as the editor's own "Export (API)" does. Pure."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import NotUiWorkflowError
from comfy_gen.workflows.convert.assembly import Assembly
from comfy_gen.workflows.convert.document import Mode, read_document
from comfy_gen.workflows.convert.finding import Finding, Kind
from comfy_gen.workflows.convert.routing import VIRTUAL
from comfy_gen.workflows.convert.subgraphs import unfold
from comfy_gen.workflows.graph import as_workflow
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.workflows.convert.document import UiNode
    from comfy_gen.workflows.convert.subgraphs import Scope
    from comfy_gen.workflows.graph import Workflow

_UUID_LENGTH = 36
_NOTES = frozenset({Kind.RANDOM_TEXT, Kind.FIXED_DATE, Kind.LEFT_OUT})


@dataclass(frozen=True, slots=True)
class Conversion:
    """A workflow in API format, and what there is to say of how it came about."""

    workflow: Workflow
    problems: tuple[Finding, ...]
    """What keeps the workflow from running, or from doing what it does in the editor."""
    notes: tuple[Finding, ...]
    """Choices made on the way."""


def convert(ui: object, object_info: Mapping[str, Any], *, source: str = "the workflow") -> Conversion:
    """Return the workflow that the editor would send to an engine with these node classes.

    ``ui`` is the parsed JSON of a file that ComfyUI's "Save" wrote. It is not changed. Node classes that the engine
    does not have are converted as far as the file itself names their inputs.

    Raises:
        NotUiWorkflowError: it is something else, or a part of it cannot be read.
    """
    root = unfold(read_document(ui, source), source)
    assembly = Assembly(object_info)
    findings: list[Finding] = []
    for scope, node in root.walk():
        if node.type not in VIRTUAL:
            findings.extend(_left_out(scope, node) if node.mode is not Mode.ALWAYS else assembly.add(scope, node))
    workflow = _in_order(assembly.workflow)
    _refuse_depth(workflow, source)
    findings = [*_missing_classes(workflow, object_info), *findings, *([] if workflow else [_nothing()])]
    return Conversion(
        workflow=workflow,
        problems=tuple(finding for finding in findings if finding.kind not in _NOTES),
        notes=tuple(finding for finding in findings if finding.kind in _NOTES),
    )


def _refuse_depth(workflow: Workflow, source: str) -> None:
    if workflow:
        as_workflow(workflow, source=source)


def _in_order(workflow: Workflow) -> Workflow:
    """Return the graph as JavaScript lists its keys: numbers by size, then all others as they came."""
    numbers = sorted((node_id for node_id in workflow if node_id.isdecimal()), key=int)
    return {node_id: workflow[node_id] for node_id in dict.fromkeys((*numbers, *workflow))}


def _left_out(scope: Scope, node: UiNode) -> list[Finding]:
    claim = f"it is {'muted' if node.mode is Mode.MUTED else 'bypassed'} and not in the graph"
    return [Finding(Kind.LEFT_OUT, claim, scope.prefix + node.id, node.type)]


def _missing_classes(workflow: Workflow, object_info: Mapping[str, Any]) -> Iterator[Finding]:
    nearest = functools.cache(lambda name: nearest_names(name, object_info))
    for node_id, node in workflow.items():
        class_type: str = node["class_type"]
        if class_type in object_info:
            continue
        if class_type.count("-") == 4 and len(class_type) == _UUID_LENGTH:
            claim = "it stands for a subgraph that the file does not define"
            yield Finding(Kind.MISSING_CLASS, claim, node_id, class_type)
        else:
            claim = "the engine has no node class of this name"
            yield Finding(Kind.MISSING_CLASS, claim, node_id, class_type, nearest=nearest(class_type))


def _nothing() -> Finding:
    return Finding(Kind.NOTHING_TO_RUN, "there is nothing to run: no node is left but notes and those switched off")
