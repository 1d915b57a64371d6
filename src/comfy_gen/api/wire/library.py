"""What is told of generations, favorites and presets, and how they are made."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from comfy_gen.api.wire.compose import Composed
from comfy_gen.api.wire.requests import WHOLE, Body, Flag, JobBody, LoraBody, Name, Real, Seed, Side, Text
from comfy_gen.api.wire.results import Output

Rating = Annotated[int, Field(ge=1, le=5), WHOLE]
Feedback = Annotated[str, Field(max_length=10_000)]
TagWord = Annotated[str, Field(min_length=1, max_length=64)]


class GenerationModel(BaseModel):
    """A model file that a generation was made with."""

    folder: str
    file: str
    sha256: str | None = Field(description="Where its file says so.")


class Favorite(BaseModel):
    """A generation that somebody likes."""

    id: str
    generation_id: str
    recipe_hash: str = Field(description="The id of its recipe.")
    rating: int
    feedback: str
    tags: list[str]
    image_url: str | None
    categories: list[str]
    created_at: str = Field(description="ISO 8601, in UTC.")
    updated_at: str


class FavoriteBody(Body):
    """A generation to keep, and what you think of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "generation_id": "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10",
                    "rating": 5,
                    "feedback": "Perfect lighting and composition",
                    "tags": ["best", "portfolio"],
                }
            ]
        }
    )

    generation_id: Annotated[
        str, Field(min_length=1, max_length=100, description="Of the job, or of its run in MLflow.")
    ]
    rating: Rating = Field(default=5, description="From 1 to 5.")
    feedback: Feedback = Field(default="", description="What you like of it.")
    tags: Annotated[list[TagWord], Field(max_length=50)] = Field(default_factory=list, description="To find it by.")


class RatingBody(Body):
    """What you think of it now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rating": 4, "feedback": "Updated feedback"}]})

    rating: Rating = Field(description="From 1 to 5.")
    feedback: Feedback | None = Field(default=None, description="What was said before, if left out.")


class FavoriteChange(Body):
    """What is to be different about a favorite; what is not said stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rating": 4, "tags": ["best", "print"]}]})

    rating: Rating | None = Field(default=None, description="From 1 to 5.")
    feedback: Feedback | None = Field(default=None, description="What you like of it.")
    tags: Annotated[list[TagWord], Field(max_length=50)] | None = Field(default=None, description="To find it by.")


class Favorites(BaseModel):
    """Some of the favorites, the newest first."""

    favorites: list[Favorite]
    total: int
    limit: int
    offset: int


class Removed(BaseModel):
    """It is no favorite any more."""

    message: str
    id: str


class ExtractBody(Body):
    """What the recipe of a favorite is to be for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"target_categories": ["car"], "preserve_loras": True, "preserve_settings": True}]
        }
    )

    target_categories: Annotated[list[Name], Field(min_length=1, max_length=10)] = Field(description="Their ids.")
    preserve_loras: Flag = Field(default=True, description="Keep those that suit the new categories.")
    preserve_settings: Flag = Field(default=True, description="Keep those that suit the new categories.")


class Extracted(Composed):
    """A recipe for other categories, and what had to change for them."""

    source_favorite: str
    adaptations: list[str]


class RerunBody(JobBody):
    """What is to be different this time; what is not said stays as it was."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"seed": -1}, {"prompt": "a lighthouse in snow"}]})

    prompt: Text | None = Field(default=None, description="What to see.")
    negative_prompt: Text | None = Field(default=None, description="What not to see.")
    model: Name | None = Field(default=None, description="The model file to paint with.")
    steps: Annotated[int, Field(ge=1, le=10_000), WHOLE] | None = Field(default=None, description="Sampling steps.")
    cfg: Annotated[Real, Field(ge=0, le=100)] | None = Field(
        default=None, description="How closely to follow the prompt."
    )
    seed: Seed | None = Field(default=None, description="-1 is random; the same as before, if left out.")
    width: Side | None = Field(default=None, description="Pixels.")
    height: Side | None = Field(default=None, description="Pixels.")
    sampler: Name | None = Field(default=None, description="Such as `euler` or `dpmpp_2m`.")
    scheduler: Name | None = Field(default=None, description="Such as `normal` or `karras`.")
    denoise: Annotated[Real, Field(ge=0, le=1)] | None = Field(
        default=None, description="How much of an input picture to paint anew: 0 nothing, 1 everything."
    )
    loras: Annotated[list[LoraBody], Field(max_length=20)] = Field(
        default_factory=list, description="Added to those that it has."
    )


class Generation(BaseModel):
    """A job that ended well: what was asked, what it was made with, and what came of it."""

    generation_id: str
    created: float = Field(description="When it ended, in seconds since 1970.")
    title: str
    state: str
    recipe: dict[str, Any]
    recipe_id: str
    workflow: str
    workflow_digest: str
    prompt: str
    negative_prompt: str
    seed: int | None
    tier: str
    categories: list[str]
    models: list[GenerationModel]
    engine: str
    comfyui_version: str
    version: str = Field(description="Of this program.")
    verdicts: list[dict[str, Any]] = Field(description="What was found by looking at its pictures.")
    passed: bool | None = Field(description="Whether they passed; null where nobody judged them, or could.")
    score: float | None = Field(description="How like the prompt they are; null where nothing compared them.")
    take: int = Field(description="Which take it is.")
    takes: int = Field(description="How often its pictures were made.")
    notes: list[str]
    timings: dict[str, Any]
    repeats: str | None = Field(description="The generation that it is a repetition of.")
    run_id: str | None = Field(description="What MLflow calls it.")
    output: list[Output]
    favorite: Favorite | None


class Generations(BaseModel):
    """Some of the generations, the newest first."""

    generations: list[Generation]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class Change(BaseModel):
    """One thing that is not the same in two generations."""

    field: str
    before: Any
    after: Any


class Differences(BaseModel):
    """All that is not the same in two generations."""

    a: str
    b: str
    is_same_outcome: bool = Field(description="Both made the very same files, byte for byte.")
    differences: list[Change]


class PresetBody(Body):
    """Values to keep, by the names that `POST /generate` has for them; `categories` are for `POST /compose`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"values": {"steps": 30, "cfg": 6.5, "width": 832, "height": 1216}}]}
    )

    values: dict[str, Any] = Field(description="What it sets.")
    description: Annotated[str, Field(max_length=1_000)] = Field(default="", description="What it is for.")


class Preset(BaseModel):
    """Values that somebody keeps under a name."""

    name: str
    values: dict[str, Any]
    description: str
    created: float
    updated: float


class Presets(BaseModel):
    """All of the caller's."""

    presets: list[Preset]
