"""Decides what a ComfyUI answers to ``POST /prompt``: which outputs it runs, or the status and body of its refusal.

Pure: it queues nothing. Built upon the same rules as `report`, but sees only what ComfyUI sees.
"""

from __future__ import annotations

import contextlib
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.workflows.checks.declarations import Declarations
from comfy_gen.workflows.checks.findings import Scope
from comfy_gen.workflows.checks.problem import Problem
from comfy_gen.workflows.checks.report import class_problem, no_outputs
from comfy_gen.workflows.checks.survey import Survey
from comfy_gen.workflows.checks.values import convert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from comfy_gen.workflows.graph import Workflow

NodeErrors = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The prompt is queued, perhaps without some of its outputs."""

    outputs_to_execute: list[str]
    node_errors: NodeErrors
    """What is wrong with the outputs that were dropped."""
    prompt: Workflow
    """The graph to run: a copy, its values converted to the types of their inputs, as the queue and history show it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing is queued."""

    status: int
    body: dict[str, Any] | str
    """JSON, or the plain text of a server that tripped."""


TROUBLE = Refused(500, "500 Internal Server Error\n\nServer got itself in trouble")
"""The answer to a body that ComfyUI's own code does not survive."""


def validate(body: Any, object_info: Mapping[str, Any], *, known_files: Iterable[str] = ()) -> Accepted | Refused:
    """Return the answer to the parsed body of ``POST /prompt``, as far as its prompt and its targets decide it.

    ``known_files`` are the files that are there for LoadImage and its like, beside those ``object_info`` names.
    """
    # Foreign data of any shape is used here as ComfyUI uses it, so that it breaks on the same.
    try:
        if "prompt" not in body:
            return _refuse("no_prompt", "No prompt provided", "No prompt provided")
        scope = Scope(body["prompt"], Declarations(object_info), frozenset(known_files))
        outputs = _find_outputs(scope, body.get("partial_execution_targets"))
    except (TypeError, IndexError):
        return TROUBLE
    if isinstance(outputs, Problem):
        return _refuse(outputs.type, outputs.message, outputs.details)
    return _validate_outputs(scope, outputs)


def _find_outputs(scope: Scope, targets: Any) -> list[str] | Problem:
    """Return the outputs to validate, or what makes ComfyUI look no further.

    Raises:
        TypeError, IndexError: the prompt, a node or the targets have a shape on which ComfyUI breaks.
    """
    outputs: list[str] = []
    for node_id in scope.workflow:
        node = scope.workflow[node_id]
        if "class_type" in node:
            hash(node["class_type"])
        if problem := class_problem(scope, node_id):
            return problem
        if scope.declarations.is_output(node["class_type"]) and (targets is None or node_id in targets):
            outputs.append(node_id)
    return outputs or no_outputs()


def _validate_outputs(scope: Scope, outputs: list[str]) -> Accepted | Refused:
    survey = Survey(scope, thorough=False)
    good: list[str] = []
    dependents: dict[str, list[str]] = {}
    for output in outputs:
        survey.visit(output)
        if survey.is_good(output):
            good.append(output)
            continue
        # ComfyUI blames every node found bad up to now, whether or not this output needs it.
        for node_id in (node_id for node_id, problems in survey.problems.items() if problems):
            dependents.setdefault(node_id, []).append(output)
    node_errors = {node_id: _node_error(scope, survey, node_id, blamed) for node_id, blamed in dependents.items()}
    if good:
        return Accepted(good, node_errors, _convert_values(scope, survey.problems))
    own = [problem for output in outputs for problem in survey.problems[output]]
    details = "\n".join(f"{problem.message}: {problem.details}" for problem in own)
    return _refuse("prompt_outputs_failed_validation", "Prompt outputs failed validation", details, node_errors)


def _node_error(scope: Scope, survey: Survey, node_id: str, dependent_outputs: list[str]) -> dict[str, Any]:
    return {
        "errors": [problem.as_error() for problem in survey.problems[node_id]],
        "dependent_outputs": dependent_outputs,
        "class_type": scope.class_of(node_id),
    }


def _refuse(kind: str, message: str, details: str, node_errors: NodeErrors | None = None) -> Refused:
    error: dict[str, Any] = {"type": kind, "message": message, "details": details, "extra_info": {}}
    return Refused(400, {"error": error, "node_errors": node_errors or {}})


def _convert_values(scope: Scope, node_ids: Iterable[str]) -> Workflow:
    """Return a copy of the graph with the values of these nodes converted, where they can be."""
    prompt = copy.deepcopy(scope.workflow)
    for node_id in node_ids:
        inputs: Any = prompt[node_id].get("inputs")
        if isinstance(inputs, dict):
            _convert_inputs(scope.declarations, prompt[node_id]["class_type"], cast("dict[str, Any]", inputs))
    return prompt


def _convert_inputs(declarations: Declarations, class_type: str, inputs: dict[str, Any]) -> None:
    for declared in declarations.inputs(class_type):
        value: object = inputs.get(declared.name)
        if declared.name in inputs and not isinstance(value, list):
            with contextlib.suppress(TypeError, ValueError, OverflowError):
                inputs[declared.name] = convert(declared, value)
