"""Does what the commands for workflows that are kept by a name were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console

from comfy_gen.cli.failures import print_json
from comfy_gen.cli.workflow.table import workflow_table
from comfy_gen.jobs.saved import SavedWorkflows

if TYPE_CHECKING:
    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.saved import Saved

STDERR = Console(stderr=True)


async def list_workflows(queue: JobQueue, *, as_json: bool) -> None:
    """Print each workflow that is kept."""
    found = await saved_in(queue).list()
    if as_json:
        print_json({"workflows": [workflow_json(one) for one in found]})
    elif found:
        Console().print(workflow_table(found))
    else:
        STDERR.print("No workflow is kept. Keep one: comfygen workflow import FILE", highlight=False)


async def remove(queue: JobQueue, name: str, *, as_json: bool) -> None:
    """Forget a workflow.

    Raises:
        WorkflowNotFoundError: none that is kept has the name.
    """
    await saved_in(queue).delete(name)
    if as_json:
        print_json({"removed": name})
    else:
        Console().print(f"The workflow {name} is forgotten.", markup=False, highlight=False, soft_wrap=True)


def workflow_json(saved: Saved) -> dict[str, Any]:
    """Return what a program is told of a workflow."""
    template = saved.template
    return {
        "name": saved.name,
        "title": template.title,
        "summary": template.summary,
        "owner": saved.owner,
        "output": template.output,
        "parameters": [one.name for one in template.parameters],
        "models": [{"folder": one.folder, "file": one.file} for one in template.models],
        "created": saved.created,
        "updated": saved.updated,
    }


def saved_in(queue: JobQueue) -> SavedWorkflows:
    """Return the workflows that a queue's database keeps."""
    return SavedWorkflows(queue.store.transactions)
