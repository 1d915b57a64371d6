"""What is asked before anything is queued: would this run, and if not, why."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from comfy_gen.api.wire.requests import Text, ValuesBody
from comfy_gen.composition.tier import Tier


class ValidateBody(ValuesBody):
    """A workflow by name, perhaps with its inputs; or a whole one; or what a prompt's body says."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"workflow": "sd15", "prompt": "a lighthouse", "width": 512, "height": 512},
                {"workflow": "upscale", "inputs": {"image": "photo.png"}},
            ]
        }
    )

    prompt: Text | None = Field(default=None, description="What to see.")
    input_image: Annotated[str, Field(min_length=1, max_length=2_000)] | None = Field(
        default=None, description="A URL, or the name of a picture that the engines have."
    )
    inputs: dict[str, Any] | None = Field(
        default=None, description="Values for the named workflow's own inputs, in place of all others here."
    )
    workflow_json: dict[str, Any] | None = Field(
        default=None, description="In place of all others: a workflow, in API format or as the editor saves it."
    )
    policy_tier: Tier | None = Field(
        default=None, description="What pictures may show; the header X-Policy-Tier or `general`, if left out."
    )


class MissingModel(BaseModel):
    """A model file that the engine lacks."""

    folder: str = Field(description="ComfyUI's folder under `models`.")
    file: str
    nearest: list[str] = Field(
        description="What the engine has that may stand in for it, or else what is called alike; best first."
    )
    source: str = Field(description="Where it can be had, if known.")
    page: str = Field(description="Where its makers tell of it, if known.")
    name: str = Field(description="By which `comfygen models download` fetches it; empty where it does not know it.")
    node_ids: list[str] = Field(description="The nodes that load it.")


class MissingNode(BaseModel):
    """A node class that the engine lacks."""

    class_type: str
    node_ids: list[str] = Field(description="The nodes that are of it.")
    nearest: list[str] = Field(description="The engine's classes with the names most like it, best first.")
    source: str = Field(description="Where the pack that has it can be had, if known.")


class Validation(BaseModel):
    """Whether a workflow would run."""

    status: Literal["valid", "invalid"]
    is_valid: bool
    workflow_file: str | None = Field(description="The workflow that would be run; null where a whole one was sent.")
    engine: str | None = Field(
        description="The one that lacks the least of it, of which all this is said; null where none had to be asked."
    )
    errors: list[str] = Field(description="Everything that stands against it.")
    warnings: list[str] = Field(description="What was decided for the caller, and what may go wrong.")
    missing_models: list[MissingModel] = Field(description="Also among `errors`, as are the nodes.")
    missing_nodes: list[MissingNode]
