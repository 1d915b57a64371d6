"""What is told of the service itself."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    """Whether the service is well."""

    status: Literal["healthy", "degraded", "unhealthy"] = Field(
        description="`degraded`: jobs are accepted, and wait for an engine."
    )
    version: str
    comfyui_available: bool = Field(description="Whether any engine answers.")
    mlflow_available: bool = Field(description="Whether the MLflow server answers; false where none is set.")
    database_available: bool
    engines_available: int
    works: bool = Field(description="Whether this process drives the engines; another one may.")


class Readiness(BaseModel):
    """Whether jobs are accepted."""

    ready: bool


class QueueInfo(BaseModel):
    """How much there is to do."""

    preprocess_queue_size: int
    generation_queue_size: int = Field(description="Waiting for an engine, or on one.")
    postprocess_queue_size: int
    queue_size: int = Field(description="All that have not ended.")
    waiting: int
    running: int
    max_queue_size: int = Field(description="So many may wait.")
    is_paused: bool
    by_state: dict[str, int]
