"""What the streams of one job tell, and what webhooks are sent: the data of each kind of event."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from comfy_gen.api.wire.live import LivePreview
from comfy_gen.api.wire.problem import ProblemFacts
from comfy_gen.api.wire.results import QualityFound, Result, ResultFacts, State, Status


class JobEvent(BaseModel):
    """Something that happened to a job."""

    job_id: str = Field(description="Whose event it is.")
    number: int = Field(description="Grows from one event of a job to the next; the event's id.")
    at: float = Field(description="Seconds since 1970.")
    attempt: int = Field(description="Which attempt it is of; 0 before the first.")


class JobStateEvent(JobEvent):
    """The `state` event: a job is in another state."""

    state: State = Field(description="The one that it is in now.")
    worker: str | None = Field(default=None, description="Who took it.")
    engine: str | None = Field(default=None, description="Where it goes.")
    failure: ProblemFacts | None = Field(default=None, description="Why the attempt failed.")
    not_before: float | None = Field(default=None, description="When it is tried again; seconds since 1970.")
    notes: list[str] = Field(default=[], description="What the engine has to say about the end.")
    take: dict[str, Any] | None = Field(
        default=None, description="What was found of the last take, where it is judged."
    )
    quality: QualityFound | None = Field(default=None, description="What was found of the pictures, at the end.")


class JobProgressEvent(JobEvent):
    """The `progress` event: how far a job is; one takes the place of that before it."""

    progress: float | None = Field(description="From 0 to 1.")
    nodes_done: int | None = Field(default=None, description="Nodes of the workflow that are done.")
    nodes_total: int | None = Field(default=None, description="Nodes that are to run.")
    node_id: str | None = Field(default=None, description="The node that runs.")
    class_type: str | None = Field(default=None, description="Its class.")
    step: int | None = Field(default=None, description="The sampler's step.")
    steps: int | None = Field(default=None, description="How many steps there are.")
    ahead: int | None = Field(default=None, description="Prompts before it in the engine's own queue.")


class JobNoteEvent(JobEvent):
    """The `note` event: something that somebody did to a job, or a worker."""

    state: State = Field(description="The one that it is in.")
    text: str = Field(description="What happened, for people.")
    worker: str | None = Field(default=None, description="Who goes on with it.")


JobEventData = JobStateEvent | JobProgressEvent | JobNoteEvent | LivePreview | Result
"""The data of an event of any kind; the last of a stream is `end`, with the result."""


class StreamUpdate(BaseModel):
    """How a job goes, as `POST /generate/stream` tells it."""

    request_id: str = Field(description="The job's id.")
    status: Status = Field(description="Where it is.")
    message: str = Field(description="The same, for people.")
    progress: int = Field(description="From 0 to 100.")
    elapsed_time: float = Field(description="Seconds since it was accepted.")
    queue_position: dict[str, Any] = Field(
        description="`current_queue`, `position`, `queue_size` and `estimated_wait_time` in seconds."
    )
    queue_info: dict[str, int] = Field(description="How long each of the documented queues is.")


class StreamEnd(BaseModel):
    """The last event there."""

    request_id: str = Field(description="The job's id.")
    status: Literal["final_result"] = Field(description="Tells it from the updates.")
    message: str = Field(description="How the job ended, for people.")
    result: Result = Field(description="What came of it.")


class WebhookMessage(ResultFacts):
    """What a webhook is sent: the result, with what happened. What the request gave as `extra_params` is beside it."""

    type: Literal["job.completed", "job.partial", "job.failed", "job.cancelled", "job.progress"] = Field(
        description="What happened."
    )
    timestamp: str = Field(description="When that was, in UTC.")
    job_id: str = Field(description="The job, by one more name.")
    failure: ProblemFacts | None = Field(default=None, description="Why it failed; of ends alone.")
    artifacts: list[dict[str, Any]] = Field(default=[], description="The outputs as they are kept; of ends alone.")
