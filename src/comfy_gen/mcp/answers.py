"""What each tool answers: the documented fields, and for whatever takes long, what to call next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from collections.abc import Mapping

Status = Literal["pending", "running", "completed", "failed", "cancelled", "unknown", "composed"]
"""How a job is. ``unknown``: the service could not be asked just now; the job may well go on. ``composed``: there is a
recipe, and no job."""
UpdateType = Literal["connected", "start", "progress", "node", "cached", "complete", "error"]

_STATUSES: Mapping[str, Status] = {
    "queued": "pending",
    "preprocessing": "running",
    "generating": "running",
    "postprocessing": "running",
    "completed": "completed",
    "partial": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}


def status_of(job: Mapping[str, Any]) -> Status:
    """Return how a job is, in the documented words; ``job`` is as ``GET /jobs/{id}`` tells it."""
    return _STATUSES.get(str(job.get("state")), "unknown")


class NextCall(BaseModel):
    """A tool to call next, and with what."""

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    reason: str = Field(default="", description="What it is good for.")


class ProgressUpdate(BaseModel):
    """Something that happened to a job."""

    type: UpdateType
    prompt_id: str
    message: str
    step: int | None = None
    max_steps: int | None = None
    percent: int | None = None
    eta_seconds: float | None = None


class Failure(BaseModel):
    """Why a job failed."""

    code: str
    message: str
    hint: str = ""


class Output(BaseModel):
    """One file that a job made."""

    id: str
    resource: str = Field(description="A resource of this server that stays valid: comfygen://artifacts/{id}.")
    url: str = Field(description="Where anybody who has it can fetch the file, for a day.")
    filename: str = ""
    media_type: str = ""
    size: int | None = Field(default=None, description="Bytes.")
    width: int | None = None
    height: int | None = None


class Quality(BaseModel):
    """What was found of a job's pictures."""

    passed: bool | None = Field(default=None, description="Null as long as nobody has judged them, or could.")
    score: float | None = Field(default=None, description="How like the prompt they are, from 0 to 1.")
    reason: str = ""
    take: int | None = Field(default=None, description="Which take is the result.")
    takes: int | None = Field(default=None, description="How often they were made.")


class Job(BaseModel):
    """A job: how it is, and what came of it."""

    status: Status
    prompt_id: str
    job_id: str = Field(description="The same.")
    message: str = Field(default="", description="How it is, as a sentence.")
    percent: int | None = Field(default=None, description="How much is done, from 0 to 100.")
    position: Literal["current"] | int | None = Field(
        default=None, description="`current` while it runs, else its place in the line, 1 for the next."
    )
    eta_seconds: float | None = Field(default=None, description="In so many seconds it should have ended.")
    url: str | None = Field(default=None, description="Of the first file.")
    local_path: str | None = Field(default=None, description="Where `output_path` had it saved.")
    outputs: list[Output] = Field(default_factory=list[Output])
    progress_updates: list[ProgressUpdate] | None = Field(
        default=None, description="What happened while this call waited; with `json_progress` alone."
    )
    error: Failure | None = Field(default=None, description="Why it failed.")
    quality: Quality | None = Field(default=None, description="Null where nobody asked for a judgement.")
    notes: list[str] = Field(default_factory=list, description="What was decided for you, or is worth knowing.")
    next: NextCall | None = Field(default=None, description="What to call next; null where nothing is left to do.")


class Composed(Job):
    """A recipe made of words and categories; and the job that makes its picture, unless it was a dry run."""

    prompt_id: str = Field(default="", description="Empty for a dry run.")
    job_id: str = Field(default="", description="The same.")
    recipe_id: str
    recipe: dict[str, Any]
    categories_used: list[str] = Field(default_factory=list)
    explanation: str = Field(default="", description="Why the recipe is as it is.")
    conflicts: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])


class MissingModel(BaseModel):
    """A model that a workflow needs and no engine has."""

    name: str
    folder: str = ""
    nearest: list[str] = Field(default_factory=list, description="Those that the engines have with like names.")


class Validation(BaseModel):
    """Whether a workflow would run. Nothing was queued."""

    status: Literal["valid", "invalid"]
    workflow_file: str | None = None
    is_valid: bool
    errors: list[str] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
    missing_models: list[MissingModel] = Field(default_factory=list[MissingModel])
    next: NextCall | None = None


class Progress(BaseModel):
    """How a job goes, or the whole queue where no job was named."""

    status: Literal[
        "running", "pending", "completed", "failed", "cancelled", "not_found", "unknown", "idle", "paused"
    ] = Field(description="Of the job; of the queue where none was named: `running`, `pending`, `idle` or `paused`.")
    prompt_id: str | None = None
    job_id: str | None = Field(default=None, description="The same.")
    position: Literal["current"] | int | None = Field(
        default=None, description="`current` while it runs, else its place in the line, 1 for the next."
    )
    queue_length: int | None = Field(default=None, description="How many jobs have not ended.")
    percent: int | None = None
    eta_seconds: float | None = None
    message: str = ""
    next: NextCall | None = None


class Cancellation(BaseModel):
    """What really became of a job that was to be cancelled."""

    status: Literal[
        "cancelled", "already_completed", "already_failed", "already_cancelled", "still_running", "not_found", "unknown"
    ] = Field(description="`still_running`: the engine has not let go of it yet. `unknown`: nobody could be asked.")
    prompt_id: str
    job_id: str = Field(description="The same.")
    message: str
    next: NextCall | None = None


class JobLine(BaseModel):
    """A job in a list."""

    job_id: str
    prompt_id: str = Field(description="The same.")
    status: Status
    title: str = ""
    message: str = ""
    percent: int | None = None
    created: float | None = Field(default=None, description="Seconds since 1970.")
    ended: float | None = None


class Jobs(BaseModel):
    """Some of the jobs, newest first."""

    jobs: list[JobLine]
    queue_length: int | None = Field(default=None, description="How many jobs have not ended.")
    cursor: str | None = Field(default=None, description="Give it for the next page; null on the last.")
    next: NextCall | None = None


class ModelFile(BaseModel):
    """A model file."""

    name: str = Field(description="What to give as `model`, or as the name of a LoRA.")
    folder: str = Field(description="What it is: `checkpoints`, `loras`, `vae` …")
    engines: list[str] = Field(default_factory=list, description="Which engines have it.")


class Models(BaseModel):
    """The models that the engines have."""

    models: list[ModelFile]
    total: int
    next: NextCall | None = None


class WorkflowLine(BaseModel):
    """A workflow in a list."""

    name: str
    title: str = ""
    summary: str = ""
    source: str = Field(default="", description="`shipped` or `saved`.")
    output: str = Field(default="", description="`image` or `video`.")
    resource: str = Field(description="comfygen://workflows/{name}")


class Workflows(BaseModel):
    """The workflows that can be run by their names."""

    workflows: list[WorkflowLine]
    total: int
    next: NextCall | None = None


class WorkflowDescription(WorkflowLine):
    """A workflow, and what can be said of a run of it."""

    parameters: dict[str, Any] = Field(description="A JSON Schema of its parameters.")
    presets: dict[str, dict[str, Any]] = Field(default_factory=dict)
    models: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]], description="What it loads.")
    next: NextCall | None = None


class CategoryLine(BaseModel):
    """A category in a list."""

    id: str
    type: str
    display_name: str = ""
    description: str = ""
    keywords: list[str] = Field(default_factory=list)
    policy_tier: str = ""


class Categories(BaseModel):
    """What recipes are composed of."""

    categories: list[CategoryLine]
    total: int
    next: NextCall | None = None


class GenerationLine(BaseModel):
    """A picture that was made before, and what it was made with."""

    generation_id: str = Field(description="The id of the job that made it.")
    prompt: str = ""
    negative_prompt: str = ""
    workflow: str = ""
    seed: int | None = None
    categories: list[str] = Field(default_factory=list)
    created: float | None = Field(default=None, description="Seconds since 1970.")
    score: float | None = None
    passed: bool | None = None
    is_favorite: bool = False
    outputs: list[Output] = Field(default_factory=list[Output])


class Generations(BaseModel):
    """Pictures that were made before, the newest first."""

    generations: list[GenerationLine]
    cursor: str | None = Field(default=None, description="Give it for the next page; null on the last.")
    next: NextCall | None = None


class Favorite(BaseModel):
    """A picture that is marked as a good one."""

    id: str
    generation_id: str
    rating: int
    feedback: str = ""
    tags: list[str] = Field(default_factory=list)
    next: NextCall | None = None


class Score(BaseModel):
    """How good a picture is, and how like a prompt."""

    passed: bool | None = Field(default=None, description="Null where nobody could judge it.")
    score: float | None = Field(default=None, description="How like the prompt it is, from 0 to 1.")
    reason: str = ""
    details: dict[str, Any] = Field(default_factory=dict, description="What else was found.")
    next: NextCall | None = None


class Upload(BaseModel):
    """A file that workflows can use from now on."""

    image: str = Field(description="What to give as an input image or mask.")
    media_type: str = ""
    size: int | None = Field(default=None, description="Bytes.")
    next: NextCall | None = None


class EngineLine(BaseModel):
    """One ComfyUI."""

    name: str
    condition: str = Field(description="`up`, `down`, `resting` after failures, `trying` anew, or `unknown`.")
    queue: int | None = None
    version: str = ""


class ServiceStatus(BaseModel):
    """Whether the service is well, and how much it has to do."""

    status: Literal["healthy", "degraded", "unhealthy", "unreachable"] = Field(
        description="`degraded`: jobs are accepted, and wait for an engine."
    )
    url: str = ""
    version: str = ""
    message: str = ""
    engines: list[EngineLine] = Field(default_factory=list[EngineLine])
    queue_length: int | None = None
    waiting: int | None = None
    running: int | None = None
    is_paused: bool | None = None
    next: NextCall | None = None
