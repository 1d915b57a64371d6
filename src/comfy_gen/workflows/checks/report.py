"""Checks a workflow against an engine's node classes and lists everything that is wrong, before anything is sent.

ComfyUI itself stops at the first unknown class, forgets problems of a node whose links are wrong, and names no
circle; here all of it is listed at once, and yet ``accepted`` is what ComfyUI would decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.workflows.checks.declarations import Declarations
from comfy_gen.workflows.checks.findings import Scope
from comfy_gen.workflows.checks.problem import Problem
from comfy_gen.workflows.checks.survey import Survey
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from comfy_gen.workflows.graph import Workflow


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    problems: tuple[Problem, ...]
    outputs_ok: tuple[str, ...]
    """The output nodes that the engine would run."""
    outputs_bad: tuple[str, ...]
    """The output nodes that it would drop, or refuse the prompt for."""

    @property
    def ok(self) -> bool:
        """True when nothing at all is wrong."""
        return not self.problems

    @property
    def accepted(self) -> bool:
        """True when the engine would queue the workflow, perhaps without some of its outputs."""
        return bool(self.outputs_ok)


def check(
    workflow: Workflow,
    object_info: Mapping[str, Any],
    *,
    targets: Collection[str] | None = None,
    known_files: Iterable[str] = (),
) -> Report:
    """Return all that is wrong with a workflow for an engine that declares ``object_info``.

    Nodes that no output needs never run, and are not checked beyond their class, unless the workflow has no
    outputs at all. ``targets`` are the only outputs wanted, where not all are. ``known_files`` are files that the
    engine has by now, such as uploads, and that ``object_info`` need not name.
    """
    scope = Scope(workflow, Declarations(object_info), frozenset(known_files))
    unknown = {node_id: problem for node_id in workflow if (problem := class_problem(scope, node_id))}
    outputs = find_outputs(scope, targets)
    survey = Survey(scope, thorough=True)
    for root in (*outputs, *unknown) if outputs else workflow:
        survey.visit(root)
    good = [] if unknown else [output for output in outputs if survey.is_good(output)]
    return Report(
        problems=(
            *unknown.values(),
            *([] if outputs else [no_outputs()]),
            *(problem for node_id in workflow for problem in survey.problems.get(node_id, ())),
            *(_cycle(scope, cycle) for cycle in survey.cycles()),
        ),
        outputs_ok=tuple(good),
        outputs_bad=tuple(output for output in outputs if output not in good),
    )


def find_outputs(scope: Scope, targets: Collection[str] | None = None) -> list[str]:
    """Return the nodes for which a prompt is run, among ``targets`` where those are given."""
    classes = {node_id: scope.class_of(node_id) for node_id in scope.workflow}
    outputs = [
        node_id for node_id, class_type in classes.items() if class_type and scope.declarations.is_output(class_type)
    ]
    return outputs if targets is None else [node_id for node_id in outputs if node_id in targets]


def class_problem(scope: Scope, node_id: str) -> Problem | None:
    """Return what is wrong with a node's class: none is given, or the engine has none of that name."""
    if scope.class_of(node_id) is not None:
        return None
    node = scope.workflow[node_id]
    if not isinstance(node, dict) or "class_type" not in node:
        message, class_type, nearest = "Cannot execute because a node is missing the class_type property.", None, ()
        claim = "it has no class_type"
    else:
        class_type = str(cast("dict[str, Any]", node)["class_type"])
        message = f"Cannot execute because node {class_type} does not exist."
        claim = "the engine has no node class of this name"
        nearest = nearest_names(class_type, scope.declarations.names())
    return Problem(
        type="invalid_prompt",
        message=message,
        details=f"Node ID '#{node_id}'",
        claim=claim,
        node_id=node_id,
        class_type=class_type,
        nearest=nearest,
    )


def no_outputs() -> Problem:
    """Return the problem of a workflow that would run for nothing."""
    return Problem(
        type="prompt_no_outputs",
        message="Prompt has no outputs",
        details="",
        claim="the workflow has no output node, such as SaveImage, among the nodes to run",
    )


def _cycle(scope: Scope, cycle: list[str]) -> Problem:
    # Type, message and details as newer ComfyUIs give them; 0.3.75 refuses without a word.
    named = [f"{node_id} ({scope.class_of(node_id)})" for node_id in cycle]
    return Problem(
        type="dependency_cycle",
        message="Dependency cycle detected",
        details=" -> ".join(named),
        claim=f"nodes feed each other in a circle: {' → '.join(named)}",
        extra_info={"node_id": cycle[0], "cycle_nodes": cycle[:-1]},
    )
