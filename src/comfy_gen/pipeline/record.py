"""What is kept of how a picture was made, so that it can be found, compared and made again. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from comfy_gen import __version__
from comfy_gen.composition.recipe import Recipe, recipe_of
from comfy_gen.composition.tier import Tier
from comfy_gen.validation.takes import Origin
from comfy_gen.workflows.models import models_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.workflows.graph import Workflow


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One model file that took part."""

    folder: str
    file: str
    sha256: str | None = None
    """As its maker wrote it into the file; None where nobody did."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {"folder": self.folder, "file": self.file, "sha256": self.sha256}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ModelFile:
        """Return what `as_json` made this of."""
        return cls(data["folder"], data["file"], data.get("sha256"))


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRecord:
    """How a job's pictures were made: written when it ends well, and never changed."""

    recipe: Mapping[str, Any]
    digest: str
    """Of the recipe: the 64 digits of its id."""
    workflow: str = ""
    """By name; empty for one that somebody brought."""
    workflow_digest: str = ""
    """Of the graph that ran."""
    prompt: str = ""
    negative_prompt: str = ""
    seed: int | None = None
    """None where nothing in the workflow is random."""
    tier: str = ""
    categories: Sequence[str] = ()
    models: Sequence[ModelFile] = ()
    engine: str = ""
    comfyui_version: str = ""
    version: str = __version__
    """Of this program."""
    repeats: str | None = None
    """The job that it is a repetition of."""
    is_tracked: bool = False
    """Whether MLflow is to be told of it."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return plain | {
            "recipe": dict(self.recipe),
            "categories": list(self.categories),
            "models": [model.as_json() for model in self.models],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GenerationRecord:
        """Return what `as_json` made this of."""
        known: dict[str, Any] = {**data, "models": tuple(ModelFile.from_json(one) for one in data["models"])}
        return cls(**known)


def record_of(
    workflow: Workflow,
    *,
    name: str = "",
    recipe: Mapping[str, Any] | None = None,
    tier: str = "",
    repeats: str | None = None,
    is_changed: bool = False,
) -> GenerationRecord:
    """Return what a graph and the recipe it was composed of tell; without a recipe, the graph's roles stand for one.

    ``name`` is that of the workflow that was filled in; ``is_changed`` says that something else was written into it
    than its recipe has, as another take does. Who ran it knows the rest: the engine, the hashes of the models, the
    verdicts.

    Raises:
        ConfigurationError: the recipe is none.
    """
    seen = recipe_of(workflow, tier=Tier(tier or Tier.GENERAL))
    read = Recipe.from_json(recipe) if recipe is not None else seen
    if is_changed:
        read = replace(read, **{name: getattr(seen, name) for name in _TAKEN})
    return GenerationRecord(
        recipe=read.as_json(),
        digest=read.digest,
        workflow=read.workflow or name,
        workflow_digest=seen.workflow_digest,
        prompt=seen.positive_prompt,
        negative_prompt=seen.negative_prompt,
        seed=seen.seed,
        tier=tier,
        categories=read.categories,
        models=models_in(workflow),
        repeats=repeats,
    )


def models_in(workflow: Workflow) -> tuple[ModelFile, ...]:
    """Return the model files that a graph names, each once."""
    return tuple(ModelFile(*use) for use in dict.fromkeys((use.folder, use.name) for use in models_of(workflow)))


def hash_in(metadata: Mapping[str, Any]) -> str | None:
    """Return the SHA-256 that a safetensors file's ``__metadata__`` gives; None if it gives none.

    It is of the tensors, without the file's header: the same for files that differ in what they say of themselves.
    """
    for name in _HASHES:
        value = metadata.get(name)
        if isinstance(value, str) and _SHA256.fullmatch(digits := value.lower().removeprefix("0x")):
            return digits
    return None


_TAKEN = tuple(one.name for one in fields(Origin))
"""What a take may change; a recipe calls it the same."""
_HASHES = ("modelspec.hash_sha256", "sshs_model_hash")
"""Where makers of models write it: by the Stable Diffusion model specification, and by kohya's trainer of LoRAs."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
