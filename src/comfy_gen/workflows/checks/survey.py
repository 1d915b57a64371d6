"""Walks a workflow from its outputs to all that feeds them, and gathers what is wrong at each node. Pure."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from comfy_gen.workflows.checks.findings import Fault, Scope, Via
from comfy_gen.workflows.checks.inputs import examine
from comfy_gen.workflows.checks.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping


class Survey:
    """What was found at each node visited so far.

    Not ``thorough``, it sees what ComfyUI sees: at a fault ComfyUI gives up on the node and forgets what else was
    wrong there, and it does not look behind a link that is itself wrong. Thorough, it sees everything.

    Order is that of the graph and of the declared inputs. ComfyUI goes by the order of Python sets, which differs
    from start to start; where that matters it may find the same in another order.
    """

    def __init__(self, scope: Scope, *, thorough: bool) -> None:
        self._scope = scope
        self._thorough = thorough
        self._sources: dict[str, list[str]] = {}
        self.problems: dict[str, list[Problem]] = {}
        """By node, for each node visited, in the order of the visits."""

    def visit(self, root: str) -> None:
        """Visit a node and all that feeds it; what was visited before is not visited again."""
        todo: list[tuple[str, Via | None]] = [(root, None)]
        while todo:  # no recursion: a chain of a thousand nodes is nothing special
            node_id, via = todo.pop()
            if node_id not in self.problems:
                steps = self._visit_node(node_id, via)
                todo.extend((step.source, step) for step in reversed(steps))

    def is_good(self, root: str) -> bool:
        """Tell whether ComfyUI would run a visited node: nothing that it refuses is wrong with it or what feeds it."""
        reached = self._reach(root)
        refused = any(problem.is_refused for node_id in reached for problem in self.problems[node_id])
        return not refused and not self.cycles(reached)

    def cycles(self, node_ids: set[str] | None = None) -> list[list[str]]:
        """Return the circles among these nodes, or among all visited: each begins and ends with the same node."""
        wanted = self._sources if node_ids is None else node_ids
        edges = {node_id: set(self._sources[node_id]) for node_id in wanted}
        found: list[list[str]] = []
        while cycle := _find_cycle(edges):
            found.append(cycle)
            edges[cycle[1]].discard(cycle[0])
        return found

    def _visit_node(self, node_id: str, via: Via | None) -> list[Via]:
        problems: dict[str | None, Problem] = {}
        steps: list[Via] = []
        for finding in examine(self._scope, node_id):
            if isinstance(finding, Via):
                steps.extend([finding] if finding.is_followed or self._thorough else [])
            elif isinstance(finding, Fault):
                problem = _describe(self._scope, node_id, finding, via)
                if not self._thorough:
                    problems = {None: problem}
                    break
                problems.setdefault(finding.input_name, problem)
            elif finding.is_refused or self._thorough:
                problems.setdefault(finding.input_name, finding)
        self.problems[node_id] = list(problems.values())
        self._sources[node_id] = [step.source for step in steps]
        return steps

    def _reach(self, root: str) -> set[str]:
        reached: set[str] = set()
        todo = [root]
        while todo:
            node_id = todo.pop()
            if node_id not in reached:
                reached.add(node_id)
                todo.extend(self._sources[node_id])
        return reached


def _find_cycle(edges: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def _describe(scope: Scope, node_id: str, fault: Fault, via: Via | None) -> Problem:
    """Return a fault as ComfyUI tells it: an inner node's with the link that led there, an output's without."""
    facts: dict[str, object] = {"exception_type": type(fault.cause).__name__, "traceback": []}
    if via:
        facts |= {"input_name": via.input.name, "input_config": via.input.config}
        facts |= {"exception_message": str(fault.cause), "linked_node": via.link}
    return Problem(
        type="exception_during_inner_validation" if via else "exception_during_validation",
        message="Exception when validating inner node" if via else "Exception when validating node",
        details=str(fault.cause),
        claim=fault.claim,
        extra_info=facts,
        node_id=node_id,
        class_type=scope.class_of(node_id),
        input_name=fault.input_name,
    )
