"""How many jobs ended in the last minutes or hours."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Bucket(BaseModel):
    """The jobs that ended within a step of time."""

    at: int = Field(description="When the step begins, in seconds since 1970.")
    completed: int
    failed: int
    mean_seconds: float | None = Field(
        description="From start to end, of the jobs that completed; null where none did."
    )


class QueueHistory(BaseModel):
    """The last minutes or hours, in steps of time."""

    step: int = Field(description="How long each step is, in seconds.")
    start: int = Field(alias="from", description="When the first step begins, in seconds since 1970.")
    buckets: list[Bucket] = Field(
        description="All steps, the oldest first, at most 120 of them. The last has yet to end."
    )
