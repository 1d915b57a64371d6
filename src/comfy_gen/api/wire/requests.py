"""What `POST /generate` takes: the wrapper's body, or the flat one."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, SecretStr, Strict, Tag
from pydantic_core import PydanticCustomError

from comfy_gen.composition.tier import Tier
from comfy_gen.validation.quality import MOST_CANDIDATES, MOST_RETRIES


def _check_whole(value: object) -> object:
    """Refuse what Python takes for a whole number and JSON does not; 3.0 is one."""
    if isinstance(value, (bool, str)):
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value


WHOLE = BeforeValidator(_check_whole)
"""For whole numbers; it stands after their bounds, which the document would not have otherwise."""
Real = Annotated[float, Strict()]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, Field(max_length=100_000)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Side = Annotated[int, Field(ge=16, le=16_384, multiple_of=8), WHOLE]
Seed = Annotated[int, Field(ge=-1, lt=2**64), WHOLE]
Strategy = Literal["progressive", "seed_search", "prompt_enhance"]


class Body(BaseModel):
    """What all bodies have in common: a name that nobody knows is refused rather than ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class S3Body(Body):
    """A bucket of yours that gets a copy of each output. The login is used, kept sealed, and never shown again."""

    access_key_id: Name = Field(description="The key of its login.")
    secret_access_key: SecretStr = Field(min_length=1, max_length=1_000, description="The secret of it.")
    endpoint_url: Annotated[str, Field(max_length=2_000)] = Field(
        default="https://s3.amazonaws.com", description="Its server."
    )
    bucket_name: Annotated[str, Field(min_length=3, max_length=63, pattern=r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$")] = Field(
        description="Its name."
    )
    region: Annotated[str, Field(max_length=63, pattern=r"^[a-z0-9-]*$")] = Field(
        default="us-east-1", description="Where it is."
    )


class WebhookBody(Body):
    """Whom to tell when the job has ended."""

    url: Annotated[str, Field(min_length=1, max_length=2_000)] = Field(description="Where it is posted to.")
    extra_params: dict[str, Any] = Field(default_factory=dict, description="What the receiver gets back as it is.")
    progress: Flag = Field(default=False, description="Tell of each stage and of progress, too.")


class QualityBody(Body):
    """What is asked of a job's pictures: any of it has them judged, and what is not said is as it is usual."""

    wants_verdict: Flag | None = Field(
        default=None,
        alias="validate",  # pydantic's own classes have a method of this name
        description="Judge the pictures, and say with the result whether they pass.",
    )
    auto_retry: Flag | None = Field(
        default=None, description="Make them again, until they pass or `retry_limit` is reached."
    )
    retry_limit: Annotated[int, Field(ge=1, le=MOST_RETRIES), WHOLE] | None = Field(
        default=None, description="How often they are made at most, the first time included; 3, if left out."
    )
    retry_strategy: Strategy | None = Field(
        default=None,
        description="What is changed for that: more steps and a higher cfg, the seed alone, or the prompt.",
    )
    positive_threshold: Annotated[Real, Field(ge=0, le=1)] | None = Field(
        default=None,
        description="How like the prompt a picture must be; what is usual for the model that compares, if left out.",
    )
    delta_threshold: Annotated[Real, Field(ge=-1, le=1)] | None = Field(
        default=None, description="By how much it must be more like the prompt than like the negative one."
    )
    best_of: Annotated[int, Field(ge=1, le=MOST_CANDIDATES), WHOLE] | None = Field(
        default=None, description="Make so many with different seeds, and let the best be the result."
    )

    @property
    def quality_said(self) -> dict[str, Any]:
        """What is said of quality, by the names of `validation.quality.quality_of`."""
        said = self.model_dump(include=set(QualityBody.model_fields), exclude_none=True)
        return {("validate" if name == "wants_verdict" else name): value for name, value in said.items()}


class JobBody(QualityBody):
    """What can be said of any job."""

    request_id: UUID | None = Field(default=None, description="An id of your choosing; sent again, it is the same job.")
    title: Annotated[str, Field(max_length=500)] = Field(default="", description="What people are to know it by.")
    priority: Annotated[int, Field(ge=-100, le=100), WHOLE] = Field(
        default=0, description="Higher goes first: each step overtakes a hundred turns."
    )
    tags: Annotated[list[Name], Field(max_length=20)] = Field(
        default_factory=list, description="Only engines with all of these tags may run it."
    )
    metadata: dict[str, Any] = Field(default_factory=dict, description="Whatever you want to find here again.")
    webhook: WebhookBody | None = None
    s3: S3Body | None = None
    policy_tier: Tier | None = Field(
        default=None, description="What pictures may show; the header X-Policy-Tier or `general`, if left out."
    )


class GenerationInput(JobBody):
    """A modifier with its modifications, or a workflow."""

    modifier: Annotated[str, Field(max_length=255)] = Field(default="", description="The name of a modifier.")
    modifications: dict[str, Any] = Field(default_factory=dict, description="What the modifier is to change.")
    workflow_json: dict[str, Any] | None = Field(
        default=None, description="In place of a modifier: a workflow, in API format or as the editor saves it."
    )


class WrapperBody(Body):
    """A modifier or a whole workflow."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "input": {
                        "modifier": "Text2Image",
                        "modifications": {"prompt": "a lighthouse at dusk", "steps": 20},
                    }
                }
            ]
        }
    )

    input: GenerationInput


def is_unsaid(value: object) -> bool:
    """Tell whether a field says nothing: a body that was sent before there was such a field is still the same."""
    return not value


class LoraBody(Body):
    """One LoRA to add."""

    name: Name = Field(description="Its file, or the file's stem.")
    strength: Annotated[Real, Field(ge=-20, le=20)] = Field(default=1.0, description="How strongly it works.")


class ValuesBody(Body):
    """What can be said of how a picture is made; what is not said is as the workflow, or its categories, have it."""

    negative_prompt: Text | None = Field(default=None, description="What not to see.")
    workflow: Name | None = Field(default=None, description="One that fits the engines' models, if left out.")
    model: Name | None = Field(default=None, description="The model file to paint with; the workflow's, if left out.")
    steps: Annotated[int, Field(ge=1, le=10_000), WHOLE] | None = Field(default=None, description="Sampling steps.")
    cfg: Annotated[Real, Field(ge=0, le=100)] | None = Field(
        default=None, description="How closely to follow the prompt."
    )
    seed: Seed | None = Field(default=None, description="-1 is random.")
    width: Side | None = Field(default=None, description="Pixels.")
    height: Side | None = Field(default=None, description="Pixels.")
    sampler: Name | None = Field(default=None, description="Such as `euler` or `dpmpp_2m`.")
    scheduler: Name | None = Field(default=None, description="Such as `normal` or `karras`.")
    denoise: Annotated[Real, Field(ge=0, le=1)] | None = Field(
        default=None, description="How much of an input picture to paint anew: 0 nothing, 1 everything."
    )
    loras: Annotated[list[LoraBody], Field(max_length=20)] = Field(default_factory=list)
    preset: Name | None = Field(default=None, description="A preset of the workflow's, or one of yours.")


class PromptBody(ValuesBody, JobBody):
    """A prompt, for a workflow that ships or was saved; or a recipe."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"prompt": "a sunset over mountains", "workflow": "sd15", "steps": 20},
                {"prompt": "a red sports car", "validate": True, "auto_retry": True, "retry_strategy": "seed_search"},
            ]
        }
    )

    prompt: Text | None = Field(default=None, description="Needed, unless there is a recipe.")
    recipe_id: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="A recipe that was composed before; what else is said here changes it."
    )
    input_image: Annotated[str, Field(min_length=1, max_length=2_000)] | None = Field(
        default=None, description="A URL, or the name of a picture that the engines have."
    )
    inputs: dict[str, Any] = Field(
        default_factory=dict,
        exclude_if=is_unsaid,
        description="What else the workflow takes, such as a `mask`, by the names of its own schema.",
    )


def _kind(body: Any) -> str:
    return "wrapper" if isinstance(body, dict) and "input" in body else "prompt"


GenerateBody = Annotated[
    Annotated[WrapperBody, Tag("wrapper")] | Annotated[PromptBody, Tag("prompt")], Discriminator(_kind)
]
"""Told apart by the field ``input``."""
