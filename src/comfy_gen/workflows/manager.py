"""`WorkflowManager`: everything one does with workflows and templates, under the names of the documentation.

It decides nothing and keeps two dictionaries: workflows and templates by name. What it hands out is always a copy of
its own; what it is given it leaves alone, but for `WorkflowManager.update_node_input`, which is there to change it.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from comfy_gen.atomic import replacing
from comfy_gen.errors import (
    InvalidParameterError,
    NotRegisteredError,
    TemplateCardError,
    WorkflowFormatError,
    WorkflowIsUiFormatError,
    WorkflowSyntaxError,
)
from comfy_gen.workflows import files, merge
from comfy_gen.workflows.catalogue import find_workflow
from comfy_gen.workflows.checks.report import check
from comfy_gen.workflows.checks.structure import check_structure
from comfy_gen.workflows.graph import as_workflow, is_link, links, nodes_of_type
from comfy_gen.workflows.holes import check_template, find_input, make_template
from comfy_gen.workflows.models import models_of
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.slots import Slot
from comfy_gen.workflows.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from comfy_gen.workflows.graph import Workflow

T = TypeVar("T")


class Engine(Protocol):
    """What tells its node classes: a ``ComfyUIClient``, or anything like it."""

    def get_object_info(self) -> Mapping[str, Any]:
        """Return the declarations of all node classes."""
        ...


class WorkflowManager:
    """Workflows: loaded, checked, changed, merged, and made into templates."""

    def __init__(self) -> None:
        self._workflows: dict[str, Workflow] = {}
        self._templates: dict[str, Template] = {}

    # --- files

    def load_workflow(self, workflow_path: str | PathLike[str]) -> Workflow:
        """Read a workflow in API format from a file, or a shipped one by its name.

        Raises:
            WorkflowError: there is none, or it cannot be used, and why.
        """
        return find_workflow(workflow_path)

    def save_workflow(self, workflow: Workflow, output_path: str | PathLike[str]) -> None:
        """Write a workflow to a file, whole or not at all.

        Raises:
            OutputPathError: the folder is missing or read-only, or the disk is full.
        """
        files.save_workflow(workflow, output_path)

    # --- questions

    def validate_workflow(
        self, workflow: Workflow, *, engine: Engine | Mapping[str, Any] | None = None
    ) -> tuple[bool, list[str]]:
        """Tell whether a workflow is good, and everything that is wrong with it, a sentence for each.

        Without an engine only what no engine would take can be told. ``engine`` is a client, or what one's
        ``get_object_info`` returned.
        """
        problems = _problems(workflow, None if engine is None else _object_info(engine))
        return not problems, problems

    def find_nodes_by_type(self, workflow: Workflow, class_type: str) -> list[str]:
        """Return the ids of the nodes of a class, in the graph's order."""
        return nodes_of_type(workflow, class_type)

    def get_workflow_info(self, workflow: Workflow) -> dict[str, Any]:
        """Return the facts: nodes, their types counted, links, the values of roles, and the models needed."""
        return {
            "total_nodes": len(workflow),
            "node_types": dict(Counter(node["class_type"] for node in workflow.values())),
            "links": sum(1 for _ in links(workflow)),
            "roles": _values_of_roles(workflow),
            "models": [use._asdict() for use in models_of(workflow)],
            "loras": _loras(workflow),
        }

    # --- workflows by name

    def register_workflow(self, name: str, workflow: Workflow) -> None:
        """Keep a copy of a workflow under a name; what had the name before is forgotten."""
        self._workflows[name] = copy.deepcopy(workflow)

    def get_workflow(self, name: str) -> Workflow:
        """Return a copy of a registered workflow.

        Raises:
            NotRegisteredError: there is none of this name; with the nearest.
        """
        return copy.deepcopy(_registered(self._workflows, "workflow", name))

    def list_workflows(self) -> list[str]:
        """Return the names of the registered workflows."""
        return list(self._workflows)

    # --- changes

    def update_node_input(
        self,
        workflow: Workflow,
        node_id: str,
        input_name: str,
        value: object,
        *,
        engine: Engine | Mapping[str, Any] | None = None,
    ) -> None:
        """Set one input of the workflow itself; a ``workflow.copy()`` made before keeps what it had.

        The node must have the input already, or, where an ``engine`` is given, its class must declare it.

        Raises:
            NodeNotFoundError, InputNotFoundError: there is no such place; with the nearest.
        """
        find_input(workflow, Slot(node_id, input_name), declared=None if engine is None else _object_info(engine))
        node = workflow[node_id]
        # The node is replaced and not changed: people copy a workflow with `workflow.copy()`, which shares the nodes.
        workflow[node_id] = {**node, "inputs": {**node["inputs"], input_name: value}}

    def merge_workflows(self, workflow1: Workflow, workflow2: Workflow, node_id_prefix: str = "merged_") -> Workflow:
        """Return a graph with the nodes of both; ids and links of the second get the prefix.

        Raises:
            InvalidParameterError: the prefix is empty, and both graphs have a node of the same id.
        """
        return merge.merge_workflows(workflow1, workflow2, node_id_prefix)

    # --- templates

    def create_template(
        self,
        name: str,
        workflow: Workflow,
        parameters: Mapping[str, object],
        *,
        engine: Engine | Mapping[str, Any] | None = None,
    ) -> None:
        """Keep a workflow as a template; ``parameters`` says by name which input each one sets.

        A parameter is ``{"node_id": "3", "input_name": "steps"}``, with ``type``, ``minimum``, ``maximum``,
        ``multiple_of``, ``choices``, ``default``, ``required`` and ``description`` where wanted. Type and limits that
        are not given are the engine's, where there is one; the default is what stands in the workflow.

        Raises:
            TemplateCardError, NodeNotFoundError, InputNotFoundError, InvalidParameterError: a parameter cannot work.
        """
        object_info = None if engine is None else _object_info(engine)
        self._templates[name] = make_template(name, workflow, parameters, object_info)

    def instantiate_template(self, name: str, values: Mapping[str, Any]) -> Workflow:
        """Return a workflow of its own with these values in it.

        Raises:
            NotRegisteredError: there is no such template; with the nearest.
            InvalidParameterError: values are wrong, unknown or missing; it names all of them.
        """
        return _registered(self._templates, "template", name).instantiate(**values)

    def save_template(self, name: str, output_path: str | PathLike[str]) -> None:
        """Write a template, its workflow included, to one JSON file.

        Raises:
            NotRegisteredError: there is no such template; with the nearest.
            OutputPathError: the file cannot be written.
        """
        template = _registered(self._templates, "template", name)
        card = {**template.as_card(), "workflow": template.workflow}
        with replacing(Path(output_path)) as file:
            file.write((json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode())

    def load_template(self, template_path: str | PathLike[str]) -> str:
        """Read a template that was saved and return its name, by which it is known from now on.

        Raises:
            WorkflowError: there is no such file, or it is not as it must be.
            InvalidParameterError: a parameter's default is not what the parameter itself allows.
        """
        card = _read_card(Path(template_path))
        template = Template.from_card(card, as_workflow(card["workflow"], source=f"the workflow in {template_path}"))
        check_template(template)
        self._templates[template.name] = template
        return template.name

    def list_templates(self) -> list[str]:
        """Return the names of the templates."""
        return list(self._templates)


def _registered(known: Mapping[str, T], kind: str, name: str) -> T:
    if name not in known:
        raise NotRegisteredError(kind, name, nearest_names(name, known))
    return known[name]


def _object_info(engine: Engine | Mapping[str, Any]) -> Mapping[str, Any]:
    ask: Callable[[], Any] | None = getattr(engine, "get_object_info", None)
    answer: object = ask() if ask else engine
    if not isinstance(answer, Mapping):
        raise InvalidParameterError("engine", engine, "a ComfyUIClient, or what its get_object_info returned")
    return cast("Mapping[str, Any]", answer)


def _problems(data: object, object_info: Mapping[str, Any] | None) -> list[str]:
    """Return what is wrong with what may be any JSON."""
    try:
        graph = as_workflow(data)
    except WorkflowIsUiFormatError as error:
        return [f"{error.message}: {error.hint}"]
    except WorkflowFormatError as error:
        graph = cast("Workflow", data) if isinstance(data, dict) else {}
        return [str(problem) for problem in check_structure(graph)] or [error.message]
    problems = check_structure(graph) if object_info is None else check(graph, object_info).problems
    return [str(problem) for problem in problems]


def _values_of_roles(workflow: Workflow) -> dict[str, Any]:
    """Return the values of the roles that the graph has and that no other node computes."""
    roles = find_roles(workflow)
    values = {field.name: value_of(workflow, getattr(roles, field.name)) for field in fields(roles)}
    return {name: value for name, value in values.items() if value is not None}


def _loras(workflow: Workflow) -> list[dict[str, Any]]:
    """Return the LoRAs, each with its strength where that is plain to see."""
    uses = [use for use in models_of(workflow) if use.folder == "loras"]
    strengths = [Slot(use.node_id, "strength_model").value(workflow) for use in uses]
    return [
        {"name": use.name, "strength": None if is_link(strength) else strength, "node_id": use.node_id}
        for use, strength in zip(uses, strengths, strict=True)
    ]


def _read_card(path: Path) -> dict[str, Any]:
    text = files.read_text(path)
    try:
        card: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise WorkflowSyntaxError(str(path), error) from error
    except RecursionError as error:
        raise TemplateCardError(str(path), "it is nested too deeply") from error
    if not isinstance(card, dict) or "workflow" not in card:
        raise TemplateCardError(str(path), "it is no template that was saved: it has no workflow")
    return cast("dict[str, Any]", card)
