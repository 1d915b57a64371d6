"""What is told of workflows, and how they are run."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from comfy_gen.api.wire.requests import JobBody, Name


class WorkflowLinks(BaseModel):
    """Where to go on from a workflow."""

    self: str
    input_schema: str
    graph: str
    run: str


class WorkflowSummary(BaseModel):
    """A workflow in a list."""

    name: str
    title: str
    summary: str
    source: Literal["shipped", "saved"]
    owner: str | None = Field(description="Of one that was saved; told to administrators alone.")
    output: str = Field(description="`image` or `video`.")
    links: WorkflowLinks


class Workflows(BaseModel):
    """All workflows: those that ship, and those that were saved."""

    workflows: list[WorkflowSummary]


class ModelFile(BaseModel):
    """A model that a workflow loads unless another is chosen."""

    folder: str = Field(description="ComfyUI's folder under `models`.")
    file: str
    page: str = Field(description="Where it can be had, if known.")


class WorkflowDetail(WorkflowSummary):
    """A workflow, and what can be said of a run of it."""

    aliases: list[str]
    models: list[ModelFile]
    presets: dict[str, dict[str, Any]] = Field(description="Sets of values, by name.")
    input_schema: dict[str, Any] = Field(description="A JSON Schema (2020-12) of `inputs`.")
    created: float | None = Field(description="When it was saved, in seconds since 1970.")
    updated: float | None


class RunBody(JobBody):
    """Values for a workflow's inputs; what is not said stays as the workflow has it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"inputs": {"prompt": "a lighthouse", "steps": 20}}]})

    inputs: dict[str, Any] = Field(default_factory=dict, description="As the workflow's own schema says.")
    preset: Name | None = Field(default=None, description="The name of one of its presets.")
