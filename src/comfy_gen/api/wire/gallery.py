"""What a gallery is told: tiles, and what there is to choose of."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Tile(BaseModel):
    """A generation as a gallery shows it; `GET /library/{id}` tells the rest."""

    id: str = Field(description="The generation's.")
    created: float = Field(description="When it ended, in seconds since 1970.")
    title: str
    prompt: str = Field(description="The first 300 characters of it.")
    artifact_id: str | None = Field(
        description="Of its first picture, or of its first file where there is no picture; null if it made no file."
    )
    media_type: str | None
    width: int | None = Field(description="Of that file, as the next one; null where nobody knows.")
    height: int | None
    has_thumbnail: bool = Field(description="Whether `/artifacts/{artifact_id}/thumbnail` has something to show.")
    files: int = Field(description="How many it made.")
    rating: int | None = Field(description="Null if it is no favorite.")
    favorite_id: str | None
    tags: list[str] = Field(description="Of the favorite.")
    passed: bool | None = Field(description="Whether its pictures passed; null where nobody judged them, or could.")
    score: float | None = Field(description="How like the prompt they are; null where nothing compared them.")
    seed: int | None
    workflow: str = Field(description="By name; empty for one that somebody brought.")


class Tiles(BaseModel):
    """A part of a gallery."""

    tiles: list[Tile]
    total: int = Field(description="How many there are in all of it.")


class Facet(BaseModel):
    """A name, and how many generations it is of."""

    name: str
    count: int


class Facets(BaseModel):
    """What the generations can be told apart by: of each kind the 200 most frequent, those first."""

    total: int
    favorites: int
    categories: list[Facet]
    models: list[Facet] = Field(description="Their files.")
    tags: list[Facet] = Field(description="Of favorites.")
    workflows: list[Facet] = Field(description="By name.")
