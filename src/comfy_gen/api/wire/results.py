"""What is told of a job: one object that has the fields of both documented answers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from comfy_gen.api.wire.problem import ProblemFacts

Status = Literal["queued", "processing", "generating", "completed", "failed"]
State = Literal[
    "queued", "preprocessing", "generating", "postprocessing", "completed", "partial", "failed", "cancelled"
]


class Output(BaseModel):
    """One output file."""

    id: str
    filename: str = Field(description="As the engine called it.")
    local_path: str | None = Field(description="Where it lies on the server; told on the server's own machine alone.")
    url: str = Field(description="Where it can be fetched for a while, by whoever has this.")
    type: str
    node_id: str
    output_type: str
    media_type: str
    size: int = Field(description="Bytes.")
    width: int | None
    height: int | None
    sha256: str


class QualityFound(BaseModel):
    """What was found of a job's pictures, of which the best are the result."""

    passed: bool | None = Field(description="Null as long as nobody has judged them, or where nobody could.")
    score: float | None = Field(description="How like the prompt they are; null where nothing compared them.")
    reason: str = Field(description="Why they did not pass, or could not be judged.")
    take: int | None = Field(description="Which take is the result; null before the first.")
    takes: int = Field(description="How often they were made.")


class Links(BaseModel):
    """Where to go on from here."""

    self: str
    events: str
    stream: str
    cancel: str


class ResultFacts(BaseModel):
    """A job, to those who are told of it wherever they are."""

    id: str
    request_id: str = Field(description="The same.")
    generation_id: str = Field(description="The same.")
    status: Status = Field(description="The documented words; `state` is more exact.")
    state: State
    message: str
    progress: int = Field(description="From 0 to 100.")
    output: list[Output]
    output_url: str | None = Field(description="Of the first output.")
    error: ProblemFacts | None = Field(description="Why it failed.")
    quality: QualityFound | None = Field(default=None, description="Null where nobody asked for a judgement.")
    notes: list[str] = Field(description="What the engine, or the service, has to say about it.")
    title: str
    metadata: dict[str, Any]
    engine: str | None
    attempt: int
    created: float = Field(description="Seconds since 1970, as are the next two.")
    started: float | None
    ended: float | None
    timings: dict[str, Any] = Field(description="Seconds by stage; `nodes` has those of each node.")


class Result(ResultFacts):
    """A job: how it is, and what came of it."""

    links: Links
