"""What is asked and told of one picture: how well it fits a prompt."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from comfy_gen.api.wire.requests import Body, Real, Text
from comfy_gen.api.wire.takes import Verdict

_UPLOAD = r"^(comfygen://uploads/)?[A-Za-z0-9][A-Za-z0-9._-]{0,150}$"


class ScoreBody(Body):
    """A picture that a job made or that was uploaded, and what it is to show."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"artifact_id": "b3f3fac1-32e0-5976-b8e3-cde1fee1843f", "prompt": "a red sports car"},
                {
                    "image": "comfygen://uploads/comfygen-c0e4ccc7071bafd9f01f.png",
                    "prompt": "a lighthouse",
                    "negative_prompt": "people",
                    "positive_threshold": 0.28,
                },
            ]
        }
    )

    artifact_id: UUID | None = Field(default=None, description="Of a job's output.")
    image: Annotated[str, Field(max_length=200, pattern=_UPLOAD)] | None = Field(
        default=None, description="In its place: the `image` or the `name` of an upload."
    )
    prompt: Annotated[Text, Field(min_length=1)] = Field(description="What the picture is to show.")
    negative_prompt: Text = Field(default="", description="What it is not to show.")
    positive_threshold: Annotated[Real, Field(ge=0, le=1)] | None = Field(
        default=None, description="How like the prompt it must be; what is usual for the model, if left out."
    )
    delta_threshold: Annotated[Real, Field(ge=-1, le=1)] | None = Field(
        default=None, description="By how much it must be more like the prompt than like the negative one."
    )


class Score(Verdict):
    """What the quality gate says of the picture."""

    artifact_id: str = Field(default="", description="Empty for an upload.")
    image: str = Field(default="", description="Of an upload; empty for a job's output.")
