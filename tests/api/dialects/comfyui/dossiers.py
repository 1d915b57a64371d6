"""Jobs with all that might be kept of them, made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.dossier import Dossier
from comfy_gen.jobs.history import History
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import Job, JobState
from comfy_gen.jobs.request import JobRequest
from comfy_gen.pipeline.artifact import Artifact

if TYPE_CHECKING:
    from collections.abc import Mapping

JOB = JobId("6f1f0f6e-55a4-4c9b-8a3e-0d3b0a1c2d3e")
GRAPH = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "comfygen://uploads/abc.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}
PLACE = f"{JOB}/2"


def file(name: str = "x_00001_.png", **facts: Any) -> dict[str, Any]:
    """A file as an engine tells of it."""
    return {"filename": name, "subfolder": "", "type": "output", **facts}


def artifact(name: str = "x_00001_.png", node_id: str = "2", kind: str = "image") -> Artifact:
    """The same as it is kept."""
    return Artifact(f"{node_id}-{name}", JOB, node_id, kind, name, "image/png", 1, "", 8, 8, "key", None)


def history(outputs: Mapping[str, Any] | None = None, *messages: tuple[str, dict[str, Any]], take: int = 1) -> History:
    """What an engine said."""
    usual = [("execution_start", {"timestamp": 1}), ("execution_success", {"timestamp": 2})]
    return History(messages or usual, outputs, take)


def dossier(state: JobState = JobState.COMPLETED, *, said: History | None = None, **facts: Any) -> Dossier:
    """A job; ``facts`` are the job's own, but for those of its request and its artifacts."""
    request = {name: facts.pop(name) for name in ("targets", "extra_data", "workflow") if name in facts}
    artifacts = facts.pop("artifacts", ())
    usual = {"created": 1.0, "started": 2.0, "ended": 3.0 if state.is_end else None}
    job = Job(JOB, state, **{**usual, **facts})
    return Dossier(job, 7, JobRequest(**{"workflow": GRAPH, **request}), said, artifacts)
