"""What tools take, in the words that a model reads: types with descriptions and bounds.

Nothing here is ``str | None``: the SDK takes such a text for JSON where it looks like it, and a prompt may.
"""

from __future__ import annotations

from typing import Annotated, Literal

from mcp_types import CallToolResult
from pydantic import BaseModel, Field

from comfy_gen.mcp.answers import Composed, Job
from comfy_gen.mcp.options import LONGEST

WAIT = 40.0
"""Seconds that a call waits for a job unless it says how long."""

Answer = Annotated[CallToolResult, Job]
"""Of whatever makes something: the job, and its pictures along with it."""
ComposedAnswer = Annotated[CallToolResult, Composed]

Prompt = Annotated[
    str,
    Field(
        max_length=100_000,
        description="What the picture shows: subject, setting, light, style. {red|blue} is one of them, by the seed.",
    ),
]
Negative = Annotated[
    str, Field(max_length=100_000, description="What to keep out of the picture. Empty: as the workflow has it.")
]
Workflow = Annotated[
    str, Field(max_length=255, description="A name from list_workflows. Empty: one that fits the engines' models.")
]
Model = Annotated[
    str, Field(max_length=255, description="A model file from list_models, or sd15, sdxl, flux. Empty: the workflow's.")
]
Side = Annotated[
    int | None,
    Field(ge=16, le=16_384, multiple_of=8, description="In pixels, a multiple of 8. Left out: as the model likes it."),
]
Steps = Annotated[int | None, Field(ge=1, le=10_000, description="More take longer. Left out: as the workflow has it.")]
Cfg = Annotated[float | None, Field(ge=0, le=100, description="How closely to follow the prompt; left out: as usual.")]
Sampler = Annotated[str, Field(max_length=255, description="Such as euler or dpmpp_2m. Empty: the workflow's.")]
Scheduler = Annotated[str, Field(max_length=255, description="Such as normal or karras. Empty: the workflow's.")]
Seed = Annotated[
    int | None,
    Field(ge=-1, lt=2**64, description="The same seed and values give the same picture. Left out or -1: a random one."),
]
Strength = Annotated[
    float | None,
    Field(ge=0, le=1, description="How much to repaint: 0 keeps the picture, 1 forgets it; 0.75 if left out."),
]
Preset = Annotated[
    str, Field(max_length=255, description="A preset of the workflow (describe_workflow), or one that was saved.")
]
Tier = Literal["general", "mature", "explicit"]
TierAsked = Annotated[
    Tier | None,
    Field(description="What the picture may show; the service may allow less. Left out: as the service has it."),
]
Title = Annotated[str, Field(max_length=500, description="To find the job by in list_jobs.")]
BestOf = Annotated[
    int | None,
    Field(ge=1, le=16, description="Make so many with different seeds, and keep the one most like the prompt."),
]
Timeout = Annotated[
    float,
    Field(
        ge=0,
        le=LONGEST,
        description="Seconds to wait for the end. The job goes on after them; 0 answers at once with its id.",
    ),
]
OutputPath = Annotated[
    str,
    Field(
        max_length=4_096,
        description="Where to save the picture as well, with the file's extension: within the folders that the server"
        " was given, relative to the first. A file that is there is not replaced.",
    ),
]
JsonProgress = Annotated[bool, Field(description="Give back every progress event as progress_updates.")]
JobId = Annotated[str, Field(min_length=1, max_length=64, description="The prompt_id that a call answered.")]
Image = Annotated[
    str,
    Field(
        min_length=1,
        max_length=4_096,
        description="The picture: a job's or an artifact's id, what upload_image answered as image, a URL, or a file"
        " within the server's folders.",
    ),
]
Mask = Annotated[
    str,
    Field(
        max_length=4_096,
        description="A picture of the same size, named like image: white is painted anew, black stays. Empty: all.",
    ),
]
Limit = Annotated[int, Field(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[str, Field(max_length=100, description="The `cursor` of the answer before.")]
Validate = Annotated[bool, Field(description="Have the picture compared with its prompt, and say whether it passes.")]
AutoRetry = Annotated[bool, Field(description="Have it made again, up to three times, until it passes.")]


class LoraChoice(BaseModel):
    """One LoRA to add."""

    name: str = Field(description="A file from list_models with the folder `loras`; its stem is enough.")
    strength: float = Field(default=1.0, ge=-20, le=20)


Loras = Annotated[list[LoraChoice] | None, Field(max_length=20, description="LoRAs to add to the model.")]
