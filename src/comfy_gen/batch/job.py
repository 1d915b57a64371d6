"""One job of a batch: a workflow that shall run once, and what has become of it. Pure.

A job holds its workflow packed, for thousands wait at once; who asks for it gets a copy.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.composition.policy.checks import check_workflow
from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.comfyui.tracker import Outcome
    from comfy_gen.workflows.graph import Workflow


class JobStatus(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    """It waits: for its turn, or to be tried again."""
    RUNNING = "running"
    """An engine has it."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_end(self) -> bool:
        """Whether nothing more happens to the job."""
        return self not in _MOVES


_MOVES = {
    JobStatus.QUEUED: {JobStatus.RUNNING, JobStatus.FAILED, JobStatus.CANCELLED},
    JobStatus.RUNNING: {JobStatus.QUEUED, JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED},
}
"""What may follow on what; an end is followed by nothing, so that no job ends twice."""


@dataclass(slots=True, eq=False)
class Job:
    """A workflow to run once. Made by the queue; read it whenever you like, it is kept up to date."""

    job_id: str
    packed: bytes = field(repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Whatever the caller wants to find here again."""
    priority: int = 0
    """The highest goes first; equal ones in the order in which they came."""
    status: JobStatus = JobStatus.QUEUED
    attempts: int = 0
    """How often an engine got it."""
    error: Exception | None = None
    """Why the last attempt failed; None once it is completed."""
    outcome: Outcome | None = field(default=None, repr=False)
    """How the attempt that counts ended, and its files."""
    collected: Any = field(default=None, repr=False)
    """What the queue's ``collect`` returned."""
    prompt_id: str | None = None
    """Of the newest attempt."""
    engine: str | None = None
    """The address of the engine that has or had the newest attempt."""
    started: float | None = None
    """When an engine first got it, in seconds since 1970."""
    ended: float | None = None
    avoided: frozenset[str] = frozenset()
    """Engines at whose hands it failed: another is tried first."""

    @property
    def workflow(self) -> Workflow:
        """A copy of the workflow, as it was when the job was added."""
        return unpack(self.packed)

    @property
    def result(self) -> dict[str, Any] | None:
        """What the engine's history says of it: ``outputs`` and ``status``; None until it is completed."""
        if self.outcome is None:
            return None
        status: dict[str, Any] = {"status_str": "success", "completed": True, "messages": []}
        return {"prompt_id": self.prompt_id, "outputs": dict(self.outcome.outputs), "status": status}

    @property
    def history(self) -> dict[str, Any] | None:
        """The same as ``result``."""
        return self.result

    @property
    def problems(self) -> tuple[str, ...]:
        """What the engine said of outputs that it dropped: the result is only a part then."""
        return self.outcome.problems if self.outcome else ()

    @property
    def seconds(self) -> float | None:
        """How long it took from the first start to the end."""
        return None if self.started is None or self.ended is None else self.ended - self.started

    def move(self, status: JobStatus) -> None:
        """Change the status, if that may follow."""
        if status not in _MOVES.get(self.status, ()):
            raise AssertionError(f"job {self.job_id} cannot go from {self.status} to {status}")
        self.status = status


def make_job(job_id: str, workflow: Workflow, metadata: Mapping[str, Any] | None = None, *, priority: int = 0) -> Job:
    """Return a job with a copy of the workflow: what the caller changes afterwards changes nothing here.

    Raises:
        InvalidParameterError: the workflow is no object of nodes, or holds what JSON cannot.
        ForbiddenContentError: no tier allows what it asks for.
    """
    packed = pack(workflow, job_id)
    check_workflow(workflow)
    return Job(job_id, packed, dict(metadata or {}), priority)


def pack(workflow: Workflow, job_id: str) -> bytes:
    """Return the workflow as compressed JSON, a tenth or less of what it takes as objects.

    Raises:
        InvalidParameterError: it is no object of nodes, or holds what JSON cannot.
    """
    if not isinstance(cast("object", workflow), dict):
        raise InvalidParameterError(f"the workflow of job {job_id}", type(workflow).__name__, "an object of nodes")
    try:
        text = json.dumps(workflow, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return zlib.compress(text.encode(), level=1)
    except (TypeError, ValueError, RecursionError) as error:  # a surrogate is a ValueError too
        raise InvalidParameterError(f"the workflow of job {job_id}", str(error), "plain JSON data") from error


def unpack(packed: bytes) -> Workflow:
    """Return the workflow again."""
    return json.loads(zlib.decompress(packed))


def status_named(name: str) -> JobStatus:
    """Return the status of this name.

    Raises:
        InvalidParameterError: there is none.
    """
    names = [status.value for status in JobStatus]
    if name not in names:
        advice = f"the nearest is {nearest_names(str(name), names, limit=1)[0]}."
        raise InvalidParameterError("status", name, f"one of {', '.join(names)}", advice)
    return JobStatus(name)
