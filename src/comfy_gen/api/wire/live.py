"""What `GET /events` streams, and where in the line a job can be moved."""

from __future__ import annotations

from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from comfy_gen.api.wire.jobs import Eta, JobSummary
from comfy_gen.api.wire.problem import ProblemFacts
from comfy_gen.api.wire.requests import Body
from comfy_gen.api.wire.results import Output


class Steps(BaseModel):
    """How far the node is that an engine runs."""

    value: int
    max: int
    node: str = Field(description="Its class; empty where that is not known.")


class LiveJob(JobSummary):
    """A job as one who watches all jobs sees it: whole each time, so that no event needs the one before it."""

    rank: int = Field(description="Jobs that wait are sorted by this, and where it is the same by the next.")
    seq: int = Field(description="Counts jobs in the order in which they were accepted.")
    steps: Steps | None = Field(description="Null unless an engine counts steps.")
    eta: Eta | None = Field(description="In how many seconds it ends; null where that is not known.")
    output: list[Output] = Field(description="What came of it, once it has ended.")
    error: ProblemFacts | None = Field(description="Why it failed, or failed last where it waits to be tried again.")
    metadata: dict[str, Any] = Field(
        description="As it was given with the request; empty where it is longer than 16 kB, and then in the request."
    )
    passed: bool | None = Field(description="Whether its pictures passed; null where nobody has judged them.")


class LiveSnapshot(BaseModel):
    """The `snapshot` event, which comes first: all that is to be seen now."""

    jobs: list[LiveJob] = Field(description="Those that have not ended, and those that ended of late.")
    is_paused: bool
    is_whole: bool = Field(description="Whether these are all; otherwise the line, or what ended of late, is longer.")


class LiveGone(BaseModel):
    """The `gone` event: a job was deleted."""

    id: str


class LiveQueue(BaseModel):
    """The `queue` event: the queue was paused or resumed."""

    is_paused: bool


class LivePreview(BaseModel):
    """The `preview` event: what a job looks like by now."""

    job_id: str
    n: int = Field(description="Grows with each picture.")
    media_type: str
    url: str = Field(description="The picture itself, as a `data:` URL.")


LiveEvent = LiveSnapshot | LiveJob | LiveGone | LiveQueue | LivePreview
"""The data of an event of any kind."""

_ONE = "give exactly one of before, after and to"


class MoveBody(Body):
    """Where in the line a job is to be: exactly one of these."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"to": "first"}, {"before": "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"}]}
    )

    before: UUID | None = Field(default=None, description="The id of a job that waits.")
    after: UUID | None = Field(default=None, description="The id of a job that waits.")
    to: Literal["first", "last"] | None = Field(
        default=None, description="Before or behind all of one's own; an administrator's: of everybody's."
    )

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if sum(place is not None for place in (self.before, self.after, self.to)) != 1:
            raise PydanticCustomError("one_place", _ONE)
        return self
