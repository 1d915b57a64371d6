"""What is told of engines, and what can be asked of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from comfy_gen.api.wire.requests import Body


class Memory(BaseModel):
    """The memory of an engine's device, and of the computer around it; in bytes. On a processor they are the same."""

    device: str
    ram_total: int
    ram_free: int
    vram_total: int
    vram_free: int


class Engine(BaseModel):
    """One ComfyUI."""

    name: str
    address: str | None = Field(description="Without a login; told to administrators alone.")
    state: Literal["active", "draining"]
    condition: Literal["up", "down", "resting", "trying", "unknown"] = Field(
        description="`resting` after failures, then `trying` with one job; `unknown` where another process drives it."
    )
    queue: int | None = Field(description="How many prompts it has by its own account, whoever queued them.")
    running: int | None = Field(description="How many of them are this service's.")
    depth: int = Field(description="So many it gets at a time.")
    weight: float
    tags: list[str]
    latency_ms: float | None
    version: str
    loaded: list[str] = Field(description="The models that it has in memory, as far as is known.")
    failures: int = Field(description="In a row.")
    error: str | None = Field(description="The last failure that was its own; told to administrators alone.")
    memory: Memory | None = Field(description="As it was when it was asked last; null where that is not known now.")
    is_sandbox: bool = Field(description="Whether it only paints, without a model.")


class Engines(BaseModel):
    """All engines."""

    engines: list[Engine]


class EngineBody(Body):
    """An engine to add."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"url": "http://gpu-2:8188", "name": "gpu-2"}]})

    url: Annotated[str, Field(min_length=1, max_length=2_000)] = Field(description="Where it answers.")
    name: Annotated[str, Field(max_length=100)] = Field(
        default="", description="What it is called; its host and port, if left out."
    )
    tags: Annotated[list[str], Field(max_length=50)] = Field(
        default_factory=list, description="What it is good for; jobs may ask for some."
    )
    weight: float = Field(default=1.0, description="How much work it should get, compared with the others.")
    depth: int = Field(default=2, description="How many prompts it has at most, the running one included.")
