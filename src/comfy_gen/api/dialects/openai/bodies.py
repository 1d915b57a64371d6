"""What OpenAI's clients send of pictures: its own parameters, those that it takes and has no use for here, and ours."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Background = Literal["transparent", "opaque", "auto"]
Format = Literal["png", "jpeg", "webp"]
Quality = Literal["low", "medium", "high", "xhigh", "max", "auto", "standard", "hd"]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Size = Annotated[str, Field(pattern=r"^(auto|[1-9][0-9]{1,4}x[1-9][0-9]{1,4})$")]

MOST = 10
"""Pictures of one request."""
MOST_IMAGES = 16
"""Pictures to work on, of one request."""
MODERN = frozenset({"background", "moderation", "output_compression", "output_format", "partial_images", "stream"})
"""What only models have that answer with the pictures themselves."""


class Own(BaseModel):
    """What ComfyGen has besides: an SDK sends it as ``extra_body``."""

    model_config = ConfigDict(extra="forbid")

    seed: Annotated[int, Field(ge=-1, lt=2**64)] | None = None
    negative_prompt: Annotated[str, Field(max_length=32_000)] | None = None
    steps: Annotated[int, Field(ge=1)] | None = None
    cfg: Annotated[float, Field(allow_inf_nan=False)] | None = None
    sampler: Name | None = None
    scheduler: Name | None = None
    denoise: Annotated[float, Field(ge=0, le=1)] | None = None
    inputs: dict[str, Any] = Field(default_factory=dict)


class Asked(Own):
    """What is asked for on each of the routes."""

    model: Name | None = None
    n: Annotated[int, Field(ge=1, le=MOST)] | None = None
    size: Size | None = None
    response_format: Literal["url", "b64_json"] | None = None
    user: Annotated[str, Field(max_length=1_000)] | None = None

    @property
    def count(self) -> int:
        """How many pictures."""
        return self.n or 1


class GenerationBody(Asked):
    """What makes pictures of a text."""

    prompt: Annotated[str, Field(min_length=1, max_length=32_000)]
    background: Background | None = None
    output_format: Format | None = None
    output_compression: Annotated[int, Field(ge=0, le=100)] | None = None
    partial_images: Annotated[int, Field(ge=0, le=3)] | None = None
    quality: Quality | None = None
    stream: bool | None = None

    # What nothing here depends on.
    complexity: Literal["low", "medium", "high"] | None = None
    moderation: Literal["low", "auto"] | None = None
    safety_identifier: Annotated[str, Field(max_length=1_000)] | None = None
    style: Literal["vivid", "natural"] | None = None


class EditBody(GenerationBody):
    """What makes pictures of others."""

    prompt: Annotated[str, Field(max_length=32_000)]
    input_fidelity: Literal["high", "low"] | None = None


class VariationBody(Asked):
    """What makes pictures like another."""
