"""What `POST /compose` takes and tells, and what is told of recipes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from comfy_gen.api.wire.requests import WHOLE, Body, Flag, JobBody, Name, Real, ValuesBody, is_unsaid
from comfy_gen.api.wire.results import Links, State, Status
from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.tier import Tier

Input = Annotated[str, Field(min_length=1, max_length=10_000)]


class PreviewBody(Body):
    """What a person types."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"input": "portrait in city at sunset", "policy_tier": "general"}]}
    )

    input: Input = Field(description="What is to be seen, with `@` before the ids of categories.")
    max_categories: Annotated[int, Field(ge=1, le=10, description="So many are used at most."), WHOLE] = 3
    min_confidence: Annotated[Real, Field(ge=0, le=1, description="Of those that the text does not name with @.")] = 0.3
    policy_tier: Tier | None = Field(
        default=None, description="What the picture may show; the header X-Policy-Tier or `general`, if left out."
    )
    without: Annotated[list[Name], Field(max_length=100)] = Field(
        default_factory=list,
        exclude_if=is_unsaid,
        description="Ids of categories that are not to be used, although the text seems to mean them.",
    )


class ComposeBody(ValuesBody, JobBody, PreviewBody):
    """What a person types, and what they want beside what its categories say. What is said here wins."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "input": "@portrait @outdoor professional headshot natural lighting",
                    "dry_run": True,
                    "max_categories": 3,
                    "min_confidence": 0.3,
                    "policy_tier": "general",
                }
            ]
        }
    )

    preset: Name | None = Field(
        default=None, description="One of your presets; a workflow's own are for `POST /generate`."
    )
    dry_run: Flag = Field(default=False, description="Make the recipe, and no picture.")


class RecipeLora(BaseModel):
    """A LoRA of a recipe."""

    filename: str
    strength: float


class Recipe(BaseModel):
    """A complete description of a picture to be made: whoever has the models can make it again."""

    model_config = ConfigDict(extra="allow")

    checkpoint: str | None
    workflow: str
    positive_prompt: str
    negative_prompt: str | None
    loras: list[RecipeLora]
    steps: int | None
    cfg: float | None
    width: int | None
    height: int | None
    sampler: str | None
    scheduler: str | None
    denoise: float | None
    seed: int | None = Field(description="None: a new one for each picture.")
    input: str = Field(description="What it was composed of.")
    categories: list[str]
    tier: Tier


class ExplanationStep(BaseModel):
    """One thing that was done."""

    phase: str
    action: str
    detail: str
    source: str


class Rejection(BaseModel):
    """One thing that was not done, and why."""

    what: str
    kind: str
    reason: str
    source: str


class Explanation(BaseModel):
    """How a recipe came to be."""

    summary: str
    steps: list[ExplanationStep]
    rejected: list[Rejection]


class Conflict(BaseModel):
    """Two wishes that cannot both be met."""

    kept: str = Field(description="The category, or `you`, whose wish is met.")
    dropped: str = Field(description="The category, or `you`, whose wish is not.")
    about: str = Field(description="`category`, or the name of a setting or a fragment.")
    reason: str


class Composed(BaseModel):
    """A recipe with its explanation; and the job that was started of it, unless it was a dry run."""

    recipe: Recipe
    recipe_id: str = Field(description="For `POST /generate`: a hash of the recipe.")
    categories_used: list[str]
    explanation: Explanation
    conflicts: list[Conflict]
    dry_run: bool
    generation_id: str | None = Field(description="The job; null for a dry run, as are the next three.")
    status: Status | None
    state: State | None
    links: Links | None
    notes: list[str]


Span = Annotated[list[int], Field(min_length=2, max_length=2)]


class Inferred(BaseModel):
    """A category that the text seems to mean."""

    id: str
    confidence: float
    type: Kind
    display_name: str
    icon: str = Field(description="A name of Material Symbols.")
    spans: list[Span] = Field(
        description="Where the words stand that speak for it: each from one place up to another, in code points."
    )


class Used(Inferred):
    """A category that a recipe would be made with."""

    source: Literal["tag", "inferred", "required"] = Field(
        description="Named with @, inferred from the words, or required by one that is used."
    )


class Violation(BaseModel):
    """What the tier does not allow."""

    id: str = Field(description="A category, or a word.")
    kind: Literal["category", "word"]
    needs: Tier


class Preview(BaseModel):
    """What a text means, without a recipe."""

    tags_found: list[str]
    categories_inferred: list[Inferred]
    categories: list[Used] = Field(description="Those that a recipe would be made with, in the order of use.")
    conflicts: list[Conflict]
    policy_violations: list[Violation]
    unknown_tags: dict[str, list[str]] = Field(description="Each with the ids nearest to it.")
    negated: list[str] = Field(description="What is not to be shown, in the text's own words.")


class Wildcard(BaseModel):
    """Lines of which a text takes one at random."""

    name: str = Field(description="A text names it between two underscores on each side.")
    total: int = Field(description="How many lines there are.")
    samples: list[str] = Field(description="The first of them.")


class Wildcards(BaseModel):
    """All wildcards, by their names."""

    wildcards: list[Wildcard]


class StoredRecipe(BaseModel):
    """A recipe that was composed before."""

    recipe_id: str
    recipe: dict[str, Any]
