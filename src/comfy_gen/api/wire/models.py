"""What is told of the models that the engines have."""

from __future__ import annotations

from pydantic import BaseModel, Field


class EngineModel(BaseModel):
    """A model file."""

    folder: str = Field(description="ComfyUI's folder under `models`: `checkpoints`, `loras`, `vae` …")
    file: str = Field(description="As requests name it, with folders below that one.")
    engines: list[str] = Field(description="The names of those that have it.")


class Models(BaseModel):
    """The model files of all engines, each once."""

    models: list[EngineModel] = Field(description="By folder and name; no more than `limit`.")
    total: int = Field(description="How many there are of those that were asked for.")
    folders: dict[str, int] = Field(
        description="How many files each folder has on all engines, whatever was asked for."
    )
    engines: list[str] = Field(description="Those of which it is known what they have.")
