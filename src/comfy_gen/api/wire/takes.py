"""What is told of a job's pictures: whether they are good enough, and how often they were made for it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from comfy_gen.api.wire.requests import Strategy
from comfy_gen.api.wire.results import Output


class QualityAsked(BaseModel):
    """What was asked of the pictures."""

    auto_retry: bool
    retry_limit: int
    retry_strategy: Strategy
    positive_threshold: float | None = Field(description="Null: what is usual for the model.")
    delta_threshold: float | None
    best_of: int


class Finding(BaseModel):
    """What a check says that needs no model."""

    check: str
    passed: bool
    figure: float = Field(description="What was measured.")
    limit: float = Field(description="What it was held against.")
    reason: str


class Verdict(BaseModel):
    """What is said of one picture."""

    model_config = ConfigDict(extra="allow")

    check: str = Field(default="quality", description="Who says it.")
    artifact_id: str = Field(default="", description="The picture's, in `output`.")
    passed: bool | None = Field(description="Null: it could not be judged.")
    score: float | None = Field(
        default=None, description="How like the prompt it is; null where nothing compared them."
    )
    negative_score: float | None = Field(default=None, description="How like the negative prompt it is.")
    score_delta: float | None = Field(default=None, description="The difference.")
    reason: str = ""
    threshold: float | None = Field(default=None, description="From which score on it passes.")
    threshold_source: str = Field(default="", description="`given`, `calibrated` or `default`.")
    delta_threshold: float | None = None
    model: str = Field(default="", description="That compared them.")
    findings: list[Finding] = Field(default_factory=list, description="Of the checks that need no model.")


class Take(BaseModel):
    """One making of a job's pictures."""

    number: int
    is_result: bool = Field(description="Whether its pictures are the job's result.")
    passed: bool | None = Field(description="Null: they could not be judged.")
    score: float | None = Field(description="Of the picture that is least like the prompt.")
    flaws: int = Field(description="How many of the checks that need no model found something.")
    reason: str = Field(description="Why it did not pass, or could not be judged.")
    changes: dict[str, Any] = Field(
        description="What was set for it: of `seed`, `steps`, `cfg`, `positive_prompt`, `negative_prompt`."
    )
    verdicts: list[Verdict] = Field(description="Of each picture.")
    attempt: int = Field(description="The number of the attempt that made it.")
    engine: str
    at: float = Field(description="When it was made, in seconds since 1970.")
    output: list[Output]
