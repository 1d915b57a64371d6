"""What is told of categories: as their files have it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.tier import Tier


class CategorySummary(BaseModel):
    """A category in a list."""

    id: str
    type: Kind
    display_name: str
    description: str
    icon: str = Field(description="A name of Material Symbols.")
    keywords: list[str] = Field(description="What it is known by, the surest first.")
    policy_tier: Tier


class Categories(BaseModel):
    """Those that were asked for."""

    categories: list[CategorySummary]
    total: int


class CategoryDetail(BaseModel):
    """A category as its file has it."""

    id: str
    type: Kind
    display_name: str
    description: str
    icon: str
    schema_version: int
    policy_tier: Tier
    keywords: dict[str, list[str]]
    prompts: dict[str, Any]
    loras: dict[str, Any]
    settings: dict[str, Any]
    workflows: dict[str, Any]
    models: dict[str, Any]
    composition: dict[str, Any]


class OneCategory(BaseModel):
    """A category."""

    category: CategoryDetail
