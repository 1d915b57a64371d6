"""Finds what a ComfyUI would refuse a workflow for, so that who waits for its answer gets that at once.

Where no engine can be asked the workflow is taken, for the job will wait for one anyway.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from comfy_gen.app.validating import fittest
from comfy_gen.errors import InvalidWorkflowError, NoEngineError
from comfy_gen.pipeline.inputs import find_assets
from comfy_gen.workflows.checks import check
from comfy_gen.workflows.graph import as_workflow
from comfy_gen.workflows.nearest import at_most

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from comfy_gen.app.knowledge import Knowledge
    from comfy_gen.app.planner import Planner
    from comfy_gen.workflows.checks import Report
    from comfy_gen.workflows.graph import Workflow

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 3.0
"""Seconds for engines to say what their nodes are: somebody waits for that."""
MOST_ENGINES = 3
"""So many are asked before a workflow is refused: they may have other files, though they have the same models."""
_MOST_SEARCHES = 20
_SMALL = 50
"""Nodes, or engines."""
_NEED = "say whether it would take a workflow"


async def check_accepted(planner: Planner, data: Workflow) -> None:
    """Do nothing, if an engine would take a workflow, perhaps without some of its outputs; or if none can be asked.

    Raises:
        InvalidWorkflowError: those that lack the least of it would not.
        WorkflowError: it is no workflow.
        ConfigurationError: it is none that may be run here.
    """
    workflow = as_workflow(data)
    planner.check(workflow)
    with suppress(NoEngineError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            refused = await _refused(planner.knowledge, workflow)
        if refused is not None:
            raise InvalidWorkflowError(
                [str(one) for one in refused.problems if one.is_refused], node_errors_of(refused)
            )


def node_errors_of(report: Report) -> dict[str, Any]:
    """Return what ComfyUI says of each node that it refuses a workflow for."""
    told: dict[str, Any] = {}
    for one in report.problems:
        if one.node_id is not None and one.is_refused:
            node = {"errors": [], "dependent_outputs": list(report.outputs_bad), "class_type": one.class_type}
            told.setdefault(one.node_id, node)["errors"].append(one.as_error())
    return told


async def _refused(knowledge: Knowledge, workflow: Workflow) -> Report | None:
    """Return what the first of some engines says, if none of them would take a workflow.

    Raises:
        NoEngineError: none of them answers.
    """
    capabilities = await knowledge.capabilities(need=_NEED)
    is_small = len(workflow) <= _SMALL and len(capabilities) <= _SMALL
    do = _at_once if is_small else asyncio.to_thread
    first: Report | None = None
    for name in (await do(fittest, capabilities, workflow))[:MOST_ENGINES]:
        _, info = await knowledge.declared([name], need=_NEED)
        report = await do(_checked, workflow, info)
        if report.accepted:
            return None
        first = first or report
    return first


async def _at_once(work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Do what takes less time than handing it to a thread."""
    return work(*args, **more)


def _checked(workflow: Workflow, info: Mapping[str, Any]) -> Report:
    files = [str(slot.value(workflow)) for slot in find_assets(workflow)]
    with at_most(_MOST_SEARCHES):
        return check(workflow, info, known_files=files)
