"""What MLflow is told of a generation, within MLflow's bounds. Pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.library.generation import Favorite, Generation

GENERATION = "comfygen.generation_id"
"""The tag by which a run is found again."""
RECORDED = "comfygen.recorded"
"""The tag that tells one ending of a job from another: a job that is tried again makes other pictures."""

MAX_PARAM = 6000
"""Characters of a parameter."""
MAX_TAG = 5000
"""Characters of a tag; servers of before MLflow 3 take no more."""

FAVORITE = "favorite"
FAVORITE_TAGS = (FAVORITE, "favorite.rating", "favorite.feedback", "favorite.tags")
"""The tags of a favorite, all of which go once it is none."""
_OF_RECIPE = ("checkpoint", "loras", "steps", "cfg", "width", "height", "sampler", "scheduler", "denoise")
_NOTHING: tuple[object, ...] = (None, "", [])
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is written."""

    generation_id: str
    recorded: str
    name: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Files of text, by name: what is too long for a parameter is whole in these."""
    started: int = 0
    """In milliseconds since 1970, as is the end."""
    ended: int = 0


def run_of(generation: Generation) -> Run:
    """Return the run that a generation is."""
    return Run(
        generation_id=generation.generation_id,
        recorded=repr(generation.created),
        name=generation.title[:_LONGEST_NAME] or generation.generation_id[:8],
        params={name: _cut(_text(value), MAX_PARAM) for name, value in _settings(generation) if value not in _NOTHING},
        metrics=_metrics(generation),
        tags={name: _cut(value, MAX_TAG) for name, value in _facts(generation).items() if value},
        texts={"recipe.json": _json(generation.recipe), "generation.json": _json(_whole(generation))},
        started=round(1000 * (generation.created - _worked(generation))),
        ended=round(1000 * generation.created),
    )


def favorite_tags(favorite: Favorite | None) -> Mapping[str, str]:
    """Return the tags by which a run is known as a favorite: none, if it is none."""
    if favorite is None:
        return {}
    values = ("true", str(favorite.rating), favorite.feedback, ",".join(favorite.tags))
    return {name: _cut(value, MAX_TAG) for name, value in zip(FAVORITE_TAGS, values, strict=True) if value}


def _settings(generation: Generation) -> Iterator[tuple[str, Any]]:
    yield "prompt", generation.prompt
    yield "negative_prompt", generation.negative_prompt
    yield "seed", generation.seed
    yield "workflow", generation.workflow
    for name in _OF_RECIPE:
        yield name, generation.recipe.get(name)


def _facts(generation: Generation) -> dict[str, str]:
    return {
        "comfygen.owner": generation.owner,
        "comfygen.state": str(generation.state),
        "comfygen.tier": generation.tier,
        "comfygen.categories": ",".join(generation.categories),
        "comfygen.models": ",".join(model.file for model in generation.models),
        "comfygen.recipe_id": generation.recipe_id,
        "comfygen.workflow_digest": generation.workflow_digest,
        "comfygen.engine": generation.engine,
        "comfygen.comfyui_version": generation.comfyui_version,
        "comfygen.version": generation.version,
        "comfygen.repeats": generation.repeats or "",
        "comfygen.passed": "" if generation.passed is None else str(generation.passed).lower(),
        "mlflow.note.content": generation.prompt,  # what its pages show as the description
    }


def _metrics(generation: Generation) -> dict[str, float]:
    """Return the seconds of each stage, the similarity to the prompt, and the highest score of each check."""
    found = {f"seconds.{name}": seconds for name, seconds in _stages(generation).items()}
    if generation.score is not None:
        found |= {"clip_score": generation.score, "takes": generation.takes}
    for verdict in generation.verdicts:
        name, score = f"verdict.{verdict.get('check', 'unknown')}", verdict.get("score")
        if _is_number(score):
            found[name] = max(score, found.get(name, score))
    return found


def _stages(generation: Generation) -> dict[str, float]:
    return {name: value for name, value in generation.timings.items() if _is_number(value)}


def _worked(generation: Generation) -> float:
    """Return how many seconds its last attempt took, without the wait before."""
    return sum(seconds for name, seconds in _stages(generation).items() if name != "waited")


def _whole(generation: Generation) -> dict[str, Any]:
    """Return what no parameter has room for; it tells nothing that may change."""
    passing = {"recipe", "run_id", "tell_at", "tries", "trouble", "favorite"}
    return {name: value for name, value in generation.as_json().items() if name not in passing}


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 2]} …"
