"""What is told of workflows, and how they are run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from comfy_gen.api.wire.requests import Body, JobBody, Name


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
    is_changeable: bool = Field(description="Whether whoever asks may change and delete it.")
    output: str = Field(description="`image` or `video`.")
    links: WorkflowLinks


class Workflows(BaseModel):
    """All workflows: those that ship, and those that were saved."""

    workflows: list[WorkflowSummary]


class WorkflowModel(BaseModel):
    """A model that a workflow loads unless another is chosen."""

    folder: str = Field(description="ComfyUI's folder under `models`.")
    file: str
    page: str = Field(description="Where it can be had, if known.")


class WorkflowDetail(WorkflowSummary):
    """A workflow, and what can be said of a run of it."""

    aliases: list[str]
    models: list[WorkflowModel]
    presets: dict[str, dict[str, Any]] = Field(description="Sets of values, by name.")
    input_schema: dict[str, Any] = Field(description="A JSON Schema (2020-12) of `inputs`.")
    created: float | None = Field(description="When it was saved, in seconds since 1970.")
    updated: float | None


class WorkflowInput(BaseModel):
    """An input of a node that has a value of its own."""

    node_id: str
    node_title: str = Field(description="What the node is called in the editor; its class, if it has no title.")
    class_type: str
    input: str = Field(description="The input's name in the node.")
    value: str | int | float | bool
    type: Literal["string", "integer", "number", "boolean", "choice", "image"]
    choices: list[Any] | None = Field(description="What it may be, as an engine says; 500 at most.")
    name: str | None = Field(description="The workflow's own input that writes there; null where none does.")
    title: str = Field(description="What that is called; empty where there is none, as is the description.")
    description: str


class WorkflowInputs(BaseModel):
    """Every input of every node that has a value of its own, in the graph's order."""

    inputs: list[WorkflowInput]


class NamedInput(Body):
    """An input of a node, and what it is to be called."""

    node_id: Name = Field(description="The node's id.")
    input: Name = Field(description="The input's name there.")
    name: Name = Field(description="Of a-z, 0-9 and `_`, beginning with a letter; each once.")
    title: Annotated[str, Field(max_length=200)] | None = Field(default=None, description="As it was, if left out.")
    description: Annotated[str, Field(max_length=2_000)] | None = Field(
        default=None, description="As it was, if left out."
    )


class NamedInputsBody(Body):
    """The inputs that a workflow is to have from now on, and no others."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "inputs": [
                        {"node_id": "6", "input": "text", "name": "prompt", "title": "What it shows"},
                        {"node_id": "3", "input": "steps", "name": "steps"},
                    ]
                }
            ]
        }
    )

    inputs: Annotated[list[NamedInput], Field(max_length=500)]


class RunBody(JobBody):
    """Values for a workflow's inputs; what is not said stays as the workflow has it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"inputs": {"prompt": "a lighthouse", "steps": 20}}]})

    inputs: dict[str, Any] = Field(default_factory=dict, description="As the workflow's own schema says.")
    preset: Name | None = Field(default=None, description="The name of one of its presets.")
