"""What the library knows of a generation, and of the favorite that it may be. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import JobState
    from comfy_gen.pipeline.artifact import Artifact
    from comfy_gen.pipeline.record import ModelFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Favorite:
    """A generation that somebody likes."""

    favorite_id: str
    generation_id: JobId
    owner: str
    """The generation's."""
    rating: int
    """From 1 to 5."""
    feedback: str = ""
    tags: tuple[str, ...] = ()
    created: float = 0.0
    updated: float = 0.0
    recipe_id: str = ""
    categories: tuple[str, ...] = ()
    artifact: Artifact | None = None
    """The first of its pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A job that ended well: what was asked, what it was made with, and what came of it."""

    generation_id: JobId
    """The job's."""
    created: float
    """When the job ended."""
    owner: str
    title: str
    state: JobState
    recipe: Mapping[str, Any]
    recipe_id: str
    workflow: str
    workflow_digest: str
    prompt: str
    negative_prompt: str
    seed: int | None
    tier: str
    models: tuple[ModelFile, ...]
    engine: str
    comfyui_version: str
    version: str
    """Of this program."""
    verdicts: tuple[Mapping[str, Any], ...] = ()
    passed: bool | None = None
    """Whether its pictures passed the quality gate; None where nobody judged them, or could."""
    score: float | None = None
    """Of the picture that is least like the prompt, from 0 to 1; None where nothing compared them."""
    take: int = 1
    """The number of the take that it is: its pictures may have been made several times."""
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What that take changed of the workflow that its job asked for."""
    takes: int = 1
    """How many there were to choose of."""
    notes: tuple[str, ...] = ()
    timings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    repeats: JobId | None = None
    """The generation that it is a repetition of."""
    run_id: str | None = None
    """What MLflow calls it."""
    tell_at: float | None = None
    """When MLflow is to be told; None where it knows all."""
    tries: int = 0
    trouble: str = ""
    """Why it could not be told yet."""
    artifacts: tuple[Artifact, ...] = ()
    favorite: Favorite | None = None

    @property
    def categories(self) -> tuple[str, ...]:
        """What its recipe was composed of."""
        return tuple(self.recipe.get("categories", ()))

    def as_json(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        plain = asdict(self) | {"state": str(self.state), "categories": list(self.categories)}
        return {**plain, "favorite": None if self.favorite is None else favorite_json(self.favorite)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which generations to find; all that is said must hold."""

    text: str = ""
    """Words that are in the prompt or the title, or the beginning of the id."""
    category: str = ""
    model: str = ""
    """A part of the name of one of its model files."""
    recipe: str = ""
    """The id of its recipe, or the beginning of that."""
    workflow: str = ""
    """By name."""
    min_rating: int | None = None
    tag: str = ""
    """Of its favorite."""
    since: float | None = None
    until: float | None = None
    """It ended before that moment."""
    owner: str | None = None
    is_favorite: bool = False
    min_score: float | None = None
    passed: bool | None = None
    """True for those that passed the quality gate, false for those that did not; None for any."""


@dataclass(frozen=True, slots=True)
class GenerationPage:
    """A part of a list."""

    generations: Sequence[Generation]
    next: str | None = None
    """What to give to get the next page; None on the last."""


def favorite_json(favorite: Favorite) -> dict[str, Any]:
    """Return a favorite as ``--json`` prints it."""
    return asdict(favorite)
