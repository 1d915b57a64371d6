"""What is told of jobs beyond their results, and what can be asked of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from comfy_gen.api.wire.problem import ProblemFacts
from comfy_gen.api.wire.requests import Body
from comfy_gen.api.wire.results import Links, Result, State, Status
from comfy_gen.api.wire.takes import QualityAsked, Take


class JobSummary(BaseModel):
    """A job in a list."""

    id: str
    status: Status
    state: State
    message: str
    progress: int = Field(description="From 0 to 100.")
    title: str
    priority: int
    is_held: bool
    owner: str | None = Field(description="Told to administrators alone.")
    engine: str | None
    attempt: int
    created: float = Field(description="Seconds since 1970, as are the next two.")
    started: float | None
    ended: float | None
    links: Links


class JobPage(BaseModel):
    """Some of the jobs, newest first."""

    jobs: list[JobSummary]
    next: str | None = Field(description="Give this as `cursor` for the next page; null on the last.")


class Attempt(BaseModel):
    """One try at a job."""

    number: int
    engine: str | None
    prompt_id: str | None = Field(description="The engine's own id of it.")
    started: float
    ended: float | None
    ending: str | None = Field(
        description="`succeeded`, `rejected` (its pictures did not pass), `failed`, `cancelled` or `superseded`;"
        " null while it goes on."
    )
    failure: ProblemFacts | None
    timings: dict[str, Any]


class Eta(BaseModel):
    """In how many seconds a job will have ended, going by those like it."""

    median: float
    p90: float
    samples: int = Field(description="How many like jobs this is drawn from.")


class JobDetail(Result):
    """A job with all that is known of how it goes."""

    priority: int
    is_held: bool
    is_cancelling: bool
    owner: str | None = Field(description="Told to administrators alone.")
    position: int | None = Field(description="Its place in the line, 1 for the next; null unless it waits.")
    eta: Eta | None
    attempts: list[Attempt]
    takes: list[Take] = Field(description="Each making of its pictures, where they are judged.")


class WebhookFacts(BaseModel):
    """Whom a job tells of its end."""

    url: str = Field(description="Without what is secret in it.")
    extra_params: dict[str, Any]
    wants_progress: bool


class DestinationFacts(BaseModel):
    """The bucket that gets copies."""

    endpoint_url: str
    bucket: str
    region: str


class JobAsked(BaseModel):
    """What a job was asked to do."""

    workflow: dict[str, Any] = Field(description="The graph that is run.")
    title: str
    priority: int
    tags: list[str]
    metadata: dict[str, Any]
    webhook: WebhookFacts | None
    destination: DestinationFacts | None
    quality: QualityAsked | None = Field(default=None, description="What was asked of its pictures.")


class PriorityBody(Body):
    """Another place in the line."""

    priority: Annotated[int, Field(ge=-100, le=100, description="Higher goes first.")]
