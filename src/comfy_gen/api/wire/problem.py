"""The body of every error."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ProblemFacts(BaseModel):
    """What is wrong, and what to do about it."""

    code: str = Field(description="A word that stays the same, for programs.")
    message: str = Field(description="What is wrong, for people.")
    hint: str = Field(description="What to do about it; may be empty.")
    details: dict[str, Any] = Field(
        description="The facts; `problems` lists them, up to a hundred, where there are several."
    )


class Problem(BaseModel):
    """What every route answers when something is wrong."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "error": {
                    "code": "job_not_found",
                    "message": "no job has the id '6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10'",
                    "hint": "list them: comfygen jobs list",
                    "details": {"status": 404},
                }
            }
        }
    )

    error: ProblemFacts
