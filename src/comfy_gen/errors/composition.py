"""What cannot be composed, found again, or allowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from comfy_gen.errors.base import ComfyGenError, ConfigurationError, listing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_LONGEST = 60
"""Characters of what somebody sent that an error repeats."""


class CompositionError(ConfigurationError):
    """No recipe can be made of this."""

    code = "composition"


@dataclass(eq=False)
class NoCategoryError(CompositionError):
    """Nothing in the text is, or looks enough like, a category."""

    input: str
    min_confidence: float
    nearest: Sequence[str] = ()
    """Categories that were thought of, the likeliest first."""
    code: ClassVar[str] = "no_category"

    @property
    def message(self) -> str:
        return f"no category matches {_shown(self.input)} with a confidence of {self.min_confidence:g} or more"

    @property
    def hint(self) -> str:
        thought = f"perhaps {listing([f'@{name}' for name in self.nearest])}? " if self.nearest else ""
        ways = "Words are read in English: write it so, name a category with @, or lower min_confidence"
        return f"{thought}{ways}; all are listed with: comfygen categories list"


@dataclass(eq=False)
class UnknownTagError(CompositionError):
    """Some @tags are no category's id."""

    tags: Mapping[str, Sequence[str]]
    """Each with the ids nearest to it, best first."""
    code: ClassVar[str] = "unknown_tag"

    @property
    def message(self) -> str:
        said = listing([f"@{tag}" for tag in self.tags])
        return f"there is no category {said}" if len(self.tags) == 1 else f"there are no categories {said}"

    @property
    def hint(self) -> str:
        meant = [f"@{nearest[0]} for @{tag}" for tag, nearest in self.tags.items() if nearest]
        return f"did you mean {listing(meant)}? " * bool(meant) + "All are listed with: comfygen categories list"


@dataclass(eq=False)
class CategoryNotFoundError(CompositionError):
    """No category has this id."""

    category_id: str
    nearest: Sequence[str] = ()
    code: ClassVar[str] = "category_not_found"

    @property
    def message(self) -> str:
        return f"there is no category {self.category_id!r}"

    @property
    def hint(self) -> str:
        meant = f"did you mean {listing(self.nearest, limit=3)}? " if self.nearest else ""
        return f"{meant}All are listed with: comfygen categories list"


@dataclass(eq=False)
class CategoryFileError(CompositionError):
    """Files of categories have mistakes."""

    problems: Sequence[str]
    """Each with its file and line."""
    code: ClassVar[str] = "category_file"

    @property
    def message(self) -> str:
        return "; ".join(self.problems[:5]) + (f"; and {len(self.problems) - 5} more" * (len(self.problems) > 5))

    @property
    def hint(self) -> str:
        return "the fields of a category are told in docs/categories.md; check files with: comfygen categories validate"


@dataclass(eq=False)
class PromptSyntaxError(CompositionError):
    """A prompt's variants or wildcards cannot be read."""

    reason: str
    position: int
    """Of the character where it shows, from 0."""
    code: ClassVar[str] = "prompt_syntax"

    @property
    def message(self) -> str:
        return f"{self.reason}, at character {self.position + 1} of the prompt"

    @property
    def hint(self) -> str:
        return r"variants are {a|b|c}, wildcards __name__; a brace that is meant as such is \{ or \}."


@dataclass(eq=False)
class PolicyTierError(ComfyGenError):
    """What was asked for needs a higher tier than the caller asked for, or may have."""

    needed: str
    allowed: str
    by: Sequence[str]
    """What needs it: tags such as ``@horror``, or words."""
    may: str
    """The highest tier that the caller may ask for."""
    code: ClassVar[str] = "policy_tier"

    @property
    def message(self) -> str:
        return f"{listing(self.by)} needs the tier {self.needed}, and this request is {self.allowed}"

    @property
    def hint(self) -> str:
        if self.may in (self.needed, "explicit"):
            return f'ask for it with "policy_tier": "{self.needed}", or the header X-Policy-Tier.'
        return f"this caller may ask for {self.may} at most; a key for more is made with: comfygen keys create"


@dataclass(eq=False)
class ForbiddenContentError(ComfyGenError):
    """What no tier allows."""

    code: ClassVar[str] = "forbidden_content"

    @property
    def message(self) -> str:
        return "sexual content that involves minors is refused in every tier"

    @property
    def hint(self) -> str:
        return "there is no setting that allows it; the refusal was logged."


@dataclass(eq=False)
class PictureWithheldError(ComfyGenError):
    """All pictures of a job of the general tier look like none."""

    withheld: int
    score: float
    """Of the one most certainly unsafe, from 0 to 1."""
    reason: str = ""
    """Why that one was, if it is not the score."""
    code: ClassVar[str] = "picture_withheld"

    @property
    def message(self) -> str:
        pictures = "the picture was" if self.withheld == 1 else f"all {self.withheld} pictures were"
        why = self.reason or f"a score of {self.score:.2f} for content that is not safe"
        return f"{pictures} withheld from the general tier: {why}"

    @property
    def hint(self) -> str:
        return "try another seed or prompt, or ask for the tier that fits."


@dataclass(eq=False)
class RecipeNotFoundError(ComfyGenError):
    """No recipe has this id."""

    recipe_id: str
    code: ClassVar[str] = "recipe_not_found"

    @property
    def message(self) -> str:
        return f"there is no recipe {_shown(self.recipe_id)}"

    @property
    def hint(self) -> str:
        return "recipes are made by POST /compose, and are called sha256:… there."


@dataclass(eq=False)
class GenerationNotFoundError(ComfyGenError):
    """No generation has this id, or it is somebody else's."""

    generation_id: str
    matches: int = 0
    """How many begin so, if several do."""
    others: Sequence[str] = ()
    """More that are not there, where several were asked for."""
    code: ClassVar[str] = "generation_not_found"

    @property
    def message(self) -> str:
        if self.others:
            return f"there are no generations {', '.join(map(_shown, (self.generation_id, *self.others)))}"
        if self.matches > 1:
            return f"{self.matches} generations have ids that begin with {_shown(self.generation_id)}"
        return f"there is no generation {_shown(self.generation_id)}"

    @property
    def hint(self) -> str:
        return "a job is recorded once it has ended well; generations are listed with: comfygen library list"


@dataclass(eq=False)
class FavoriteNotFoundError(ComfyGenError):
    """No favorite has this id, or it is somebody else's."""

    favorite_id: str
    code: ClassVar[str] = "favorite_not_found"

    @property
    def message(self) -> str:
        return f"there is no favorite {_shown(self.favorite_id)}"

    @property
    def hint(self) -> str:
        return "favorites are listed with: comfygen favorites list"


@dataclass(eq=False)
class FavoriteKeptError(ComfyGenError):
    """A job is not deleted while it is somebody's favorite."""

    job_id: str
    code: ClassVar[str] = "favorite_kept"

    @property
    def message(self) -> str:
        return f"job {self.job_id} is a favorite, and is kept"

    @property
    def hint(self) -> str:
        return "remove the favorite first, with: comfygen favorites remove"


@dataclass(eq=False)
class PresetNotFoundError(ConfigurationError):
    """No preset has this name."""

    name: str
    nearest: Sequence[str] = field(default_factory=tuple[str, ...])
    code: ClassVar[str] = "preset_not_found"

    @property
    def message(self) -> str:
        return f"there is no preset {_shown(self.name)}"

    @property
    def hint(self) -> str:
        meant = f"did you mean {listing(self.nearest, limit=3)}? " if self.nearest else ""
        return f"{meant}They are listed with: comfygen presets list"


@dataclass(eq=False)
class TrackingUnavailableError(ComfyGenError):
    """The MLflow server that is set does not do its part."""

    address: str
    """Without its login."""
    reason: str
    kept: str = ""
    """What is kept here until it can be told, if anything is."""
    code: ClassVar[str] = "tracking_unavailable"

    @property
    def message(self) -> str:
        kept = f"; {self.kept} is kept here, and told once it answers" if self.kept else ""
        return f"MLflow at {self.address} does not answer: {self.reason}{kept}"

    @property
    def hint(self) -> str:
        return "see that it runs, or unset MLFLOW_TRACKING_URI."


def _shown(text: str) -> str:
    """Return what somebody sent, in any script, short enough to be read; only what does not print is escaped."""
    return repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r} …"
