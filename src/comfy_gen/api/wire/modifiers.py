"""What is told of modifiers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Modifier(BaseModel):
    """What makes a workflow of some modifications."""

    name: str
    summary: str
    parameters: dict[str, Any] | None = Field(description="A JSON Schema of the modifications; null where it has none.")


class Modifiers(BaseModel):
    """All modifiers, by their names."""

    modifiers: list[Modifier]
    problems: list[str] = Field(description="What stands against those that cannot be used; for administrators.")
