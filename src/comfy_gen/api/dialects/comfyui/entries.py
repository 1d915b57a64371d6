"""Jobs as a ComfyUI shows prompts: in its queue and in its history. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.api.dialects.comfyui import endings
from comfy_gen.api.dialects.comfyui.numbers import kept_of
from comfy_gen.api.dialects.comfyui.outputs import told_outputs
from comfy_gen.jobs.extra_data import SEALED, SECRETS
from comfy_gen.jobs.history import ENDINGS
from comfy_gen.jobs.job import MADE, JobState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comfy_gen.jobs.dossier import Dossier
    from comfy_gen.workflows.graph import Workflow

_PRIVATE = frozenset({SEALED, *SECRETS})
_LAST = {JobState.FAILED: "execution_error", JobState.CANCELLED: "execution_interrupted"}

Item = tuple[float, str, dict[str, Any], dict[str, Any], list[str]]
"""Number, id, graph, extra data, the output nodes to run."""


def item_of(dossier: Dossier, number: float) -> Item:
    """Return a job as the queue shows it, and the history as its first part."""
    return number, dossier.job.job_id, graph_of(dossier), extra_data_of(dossier), _outputs_to_execute(dossier)


def entry_of(dossier: Dossier, number: float) -> dict[str, Any]:
    """Return a job that has ended as the history shows it."""
    outputs = told_outputs(dossier)
    is_good = dossier.job.state in MADE
    return {
        "prompt": item_of(dossier, number),
        "outputs": outputs,
        "status": {
            "status_str": "success" if is_good else "error",
            "completed": is_good,
            "messages": messages_of(dossier),
        },
        "meta": {node_id: _meta(node_id) for node_id in outputs},
    }


def graph_of(dossier: Dossier) -> Workflow:
    """Return the graph of a job as it was sent: with its client's names for files."""
    graph, names = dossier.request.workflow, kept_of(dossier.job.metadata).get("names", {})
    renamed = {node_id: graph[node_id] | _inputs(graph, node_id, names[node_id]) for node_id in names}
    return {node_id: renamed.get(node_id, node) for node_id, node in graph.items()}


def extra_data_of(dossier: Dossier) -> dict[str, Any]:
    """Return what was sent beside a graph, without secrets, and what a ComfyUI adds to it."""
    job = dossier.job
    extra = {name: value for name, value in dossier.request.extra_data.items() if name not in _PRIVATE}
    client_id = kept_of(job.metadata).get("client_id")
    return {**extra, **({} if client_id is None else {"client_id": client_id}), "create_time": _ms(job.created)}


def messages_of(dossier: Dossier) -> list[list[Any]]:
    """Return what was said of a job as a whole. The last word is ours where an engine's is missing, or not true."""
    job, history = dossier.job, dossier.history
    said = list(history.messages) if history else []
    kind = _LAST.get(job.state, "execution_success")
    begun = [one for one in said if one[0] not in ENDINGS]
    if not begun and job.started is not None:
        begun = [("execution_start", {"timestamp": _ms(job.started)})]
    last = next((one for one in said if one[0] == kind), (kind, _made_up(dossier)))
    return [[name, {**facts, "prompt_id": job.job_id}] for name, facts in [*begun, last]]


def _made_up(dossier: Dossier) -> dict[str, Any]:
    job, at = dossier.job, _ms(dossier.job.ended or dossier.job.created)
    if job.state is JobState.FAILED:
        return endings.failed(job.job_id, job.failure, timestamp=at)
    if job.state is JobState.CANCELLED:
        return endings.interrupted(job.job_id, timestamp=at)
    return endings.succeeded(job.job_id, timestamp=at)


def _inputs(graph: Workflow, node_id: str, names: dict[str, str]) -> dict[str, Any]:
    return {"inputs": {**graph[node_id]["inputs"], **names}}


def _outputs_to_execute(dossier: Dossier) -> list[str]:
    """Return the output nodes; of a job that somebody asked for elsewhere, those that gave something."""
    targets: Iterable[str] | None = dossier.request.targets
    return list({one.node_id: None for one in dossier.artifacts} if targets is None else targets)


def _meta(node_id: str) -> dict[str, Any]:
    return {"node_id": node_id, "display_node": node_id, "parent_node": None, "real_node_id": node_id}


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
