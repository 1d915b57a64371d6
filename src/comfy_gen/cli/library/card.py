"""How everything that is known of one generation is laid out for a terminal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from comfy_gen.cli.jobs.card import moment, rows
from comfy_gen.cli.jobs.table import STYLES, seconds, size_of
from comfy_gen.cli.library.table import stars
from comfy_gen.jobs.job import JobState
from comfy_gen.pipeline.judgement import finding
from comfy_gen.validation.gate import CHECK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from rich.console import RenderableType

    from comfy_gen.library.generation import Favorite, Generation
    from comfy_gen.pipeline.artifact import Artifact

_SETTINGS = ("steps", "cfg", "sampler", "scheduler", "denoise")


def card(one: Generation, paths: Mapping[str, Path | None]) -> Iterator[RenderableType]:
    """Yield the parts, from what matters most on; ``paths`` are the files of its artifacts by their ids."""
    yield Text.assemble((one.generation_id, "bold"), f"  {one.title}")
    yield rows((name, value) for name, value in _facts(one) if value.plain)
    if one.artifacts:
        yield Text("\nfiles", style="bold")
        yield from (_file(artifact, paths.get(artifact.artifact_id)) for artifact in one.artifacts)
    if one.favorite is not None:
        yield Text("\nfavorite", style="bold")
        yield rows((name, value) for name, value in _liked(one.favorite) if value.plain)


def _facts(one: Generation) -> Iterator[tuple[str, Text]]:
    if one.state is not JobState.COMPLETED:
        yield "state", Text(str(one.state), style=STYLES.get(one.state, ""))
    asked = str(one.recipe.get("input", ""))
    plain = {
        "asked for": asked if asked != one.prompt else "",
        "prompt": one.prompt,
        "negative": one.negative_prompt,
        "categories": ", ".join(one.categories),
        "tier": one.tier,
        "seed": "" if one.seed is None else str(one.seed),
        "settings": _settings(one),
        "workflow": one.workflow,
        "quality": _quality(one),
    }
    yield from ((name, Text(value)) for name, value in plain.items())
    for model in one.models:
        yield model.folder, Text.assemble(model.file, (f"  {model.sha256 or ''}", "dim"))
    yield from ((name, Text(value)) for name, value in _circumstances(one).items())
    yield from (("note", Text(note, style="yellow")) for note in one.notes)
    yield from (("check", Text(_check(verdict))) for verdict in one.verdicts)


def _circumstances(one: Generation) -> dict[str, str]:
    return {
        "recipe": one.recipe_id,
        "graph": f"sha256:{one.workflow_digest}",
        "made": moment(one.created),
        "owner": one.owner,
        "engine": one.engine,
        "comfyui": one.comfyui_version,
        "comfygen": one.version,
        "took": " · ".join(f"{name} {seconds(took)}" for name, took in one.timings.items() if _is_number(took)),
        "repeats": one.repeats or "",
        "mlflow run": one.run_id or "",
        "not in mlflow": one.trouble,
    }


def _settings(one: Generation) -> str:
    size = [f"{one.recipe[name]}" for name in ("width", "height") if one.recipe.get(name)]
    said = [f"{name} {one.recipe[name]}" for name in _SETTINGS if one.recipe.get(name) is not None]
    return " · ".join([*(["x".join(size)] if size else []), *said])


def _quality(one: Generation) -> str:
    """Return what was found of its pictures, and of how many takes it is the best."""
    standing = {True: "passed", False: "did not pass", None: ""}[one.passed]
    score = "" if one.score is None else f"score {one.score:.3f}"
    takes = f"take {one.take} of {one.takes}" if one.takes > 1 else ""
    return " · ".join(filter(None, [standing, score, takes]))


def _check(verdict: Mapping[str, Any]) -> str:
    """Return what a check says of one picture; ``--json`` has what it measured."""
    name = verdict.get("check", "")
    score = verdict.get("score") if name == CHECK else None  # others measure something else
    return f"{name}: {finding(verdict.get('passed'), score, verdict.get('reason', ''))}"


def _liked(favorite: Favorite) -> Iterator[tuple[str, Text]]:
    yield "id", Text(favorite.favorite_id)
    yield "rating", stars(favorite)
    yield "feedback", Text(favorite.feedback)
    yield "tags", Text(", ".join(favorite.tags))
    yield "since", Text(moment(favorite.created))


def _file(artifact: Artifact, path: Path | None) -> Text:
    """Return a line with the path as its last word, to be copied: no table may fold it."""
    sides = f"{artifact.width}x{artifact.height}" if artifact.width and artifact.height else ""
    facts = filter(None, [artifact.kind, sides, size_of(artifact.size)])
    return Text.assemble((" · ".join(facts), "dim"), f"  {path or artifact.url or artifact.key}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
