"""What is told of an upload."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Upload(BaseModel):
    """A file that workflows can use from now on."""

    name: str = Field(description="Only this content has it.")
    image: str = Field(description="What to give as `input_image`, `mask`, or any other input that takes a file.")
    media_type: str
    size: int = Field(description="Bytes.")
    sha256: str
