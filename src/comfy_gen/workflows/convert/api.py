"""Makes the API format of what ComfyUI's editor saves, as the editor's own "Export (API)" does. Pure."""

from __future__ import annotations

import functools
import re
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

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_GROUP_NODES = ("workflow>", "workflow/")
_WORDS = re.compile(r"(?!Node|Image|To)[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])")
"""Words of a class's name, but those that every second name has."""
_NOTES = frozenset({Kind.RANDOM_TEXT, Kind.FIXED_DATE, Kind.LEFT_OUT, Kind.UNUSED_VALUES})


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
        WorkflowFormatError: a value is nested too deeply for a workflow.
    """
    try:
        return _convert(ui, object_info, source)
    except RecursionError as error:
        raise NotUiWorkflowError(source, "it is nested too deeply") from error


def _convert(ui: object, object_info: Mapping[str, Any], source: str) -> Conversion:
    root = unfold(read_document(ui, source), source)
    assembly = Assembly(object_info)
    findings: list[Finding] = []
    for scope, node in root.walk():
        if node.type not in VIRTUAL:
            findings.extend(_left_out(scope, node) if node.mode is not Mode.ALWAYS else assembly.add(scope, node))
    workflow = _in_order(assembly.workflow)
    if workflow:
        as_workflow(workflow, source=source)  # it must be one that all others take
    findings = [*_missing_classes(workflow, object_info), *findings, *([] if workflow else [_nothing()])]
    return Conversion(
        workflow=workflow,
        problems=tuple(finding for finding in findings if finding.kind not in _NOTES),
        notes=tuple(finding for finding in findings if finding.kind in _NOTES),
    )


def _in_order(workflow: Workflow) -> Workflow:
    """Return the graph as JavaScript lists its keys: numbers by size, then all others as they came."""
    numbers = sorted((node_id for node_id in workflow if node_id.isdecimal()), key=int)
    return {node_id: workflow[node_id] for node_id in dict.fromkeys((*numbers, *workflow))}


def _left_out(scope: Scope, node: UiNode) -> list[Finding]:
    claim = f"it is {'muted' if node.mode is Mode.MUTED else 'bypassed'} and not in the graph"
    return [Finding(Kind.LEFT_OUT, claim, scope.prefix + node.id, node.type)]


def _missing_classes(workflow: Workflow, object_info: Mapping[str, Any]) -> Iterator[Finding]:
    known = tuple(object_info)
    for node_id, node in workflow.items():
        class_type: str = node["class_type"]
        if class_type in object_info:
            continue
        if _UUID.fullmatch(class_type):
            claim = "it stands for a subgraph that the file does not define"
            yield Finding(Kind.MISSING_CLASS, claim, node_id, class_type)
        elif class_type.startswith(_GROUP_NODES):
            claim = (
                "it is a group node of an old editor; open the file in a newer one, convert it to a subgraph and save"
            )
            yield Finding(Kind.MISSING_CLASS, claim, node_id, class_type)
        else:
            claim = "the engine has no node class of this name"
            yield Finding(Kind.MISSING_CLASS, claim, node_id, class_type, nearest=_nearest(class_type, known))


@functools.lru_cache(maxsize=1024)
def _nearest(class_type: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names most like one; to be quick, of those that share a word with it, if any do."""
    words = set(_WORDS.findall(class_type))
    akin = [name for name in known if not words.isdisjoint(_WORDS.findall(name))]
    return nearest_names(class_type, akin or known)


def _nothing() -> Finding:
    return Finding(Kind.NOTHING_TO_RUN, "there is nothing to run: no node is left but notes and those switched off")
