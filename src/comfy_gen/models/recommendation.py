"""Recommends what to fetch for a task and a machine, each with its reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.families import PAINTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.models.manifest import Manifest
    from comfy_gen.models.model import Model
    from comfy_gen.workflows.template import ModelNeed, Template

TASKS = ("text-to-image", "image-to-image", "inpaint", "upscale", "text-to-video", "image-to-video")
WORKING_ROOM = 1.2
"""What a model takes on a GPU beside its weights, as a part of them: the picture on its way through."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A template, and what it takes to run it here."""

    name: str
    """The template's."""
    task: str
    models: tuple[Model, ...]
    """Those that are not here."""
    reason: str
    bytes_to_fetch: int | None
    """None: the manifest does not know all sizes."""
    fits: bool
    """Whether nothing that is known of this machine speaks against it."""

    def as_json(self) -> dict[str, Any]:
        """Return what a program is told of it."""
        return {
            "name": self.name,
            "task": self.task,
            "models": [model.as_json() for model in self.models],
            "reason": self.reason,
            "bytes_to_fetch": self.bytes_to_fetch,
            "fits": self.fits,
        }


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What is known of a template."""

    template: Template
    missing: tuple[ModelNeed, ...]
    models: tuple[Model, ...]
    to_fetch: int | None
    vram: int | None
    """What its largest painter takes; the others wait their turn in the machine's memory."""


def task_of(template: Template) -> str:
    """Return the task that a template is for, by what it takes and gives."""
    roles = {parameter.role for parameter in template.parameters}
    takes_picture = bool(roles & {"image", "images"})
    if template.output == "video":
        return "image-to-video" if takes_picture else "text-to-video"
    if roles & {"mask", "masks"}:
        return "inpaint"
    if takes_picture:
        return "image-to-image" if "positive" in roles else "upscale"
    return "text-to-image"


def recommend(
    *,
    task: str = "",
    vram: int | None = None,
    disk: int | None = None,
    have: Mapping[str, Sequence[str]],
    manifest: Manifest,
    templates: Sequence[Template],
) -> list[Recommendation]:
    """Return the templates for a task, best first: those that fit, then those with all their models, then the ablest.

    Args:
        task: one of `TASKS`; empty: all of them.
        vram: bytes of the GPU's memory; None: not known.
        disk: bytes of room for models; None: not known.
        have: the files that are here, by folder.
        manifest: says which models there are to fetch, and their sizes.
        templates: what there is to choose from.
    """
    weighed = [_weigh(template, have, manifest) for template in templates if task in ("", task_of(template))]
    found = [(_recommendation(one, vram, disk), one) for one in weighed]
    return [recommendation for recommendation, _ in sorted(found, key=lambda pair: _rank(*pair))]


def _rank(recommendation: Recommendation, weighed: _Weighed) -> tuple[bool, bool, int, str]:
    """Return by what templates are ordered: of those that do not fit, the least demanding comes nearest to it."""
    demand = weighed.vram or 0
    ability = -demand if recommendation.fits else demand
    return not recommendation.fits, bool(weighed.missing), ability, recommendation.name


def _weigh(template: Template, have: Mapping[str, Sequence[str]], manifest: Manifest) -> _Weighed:
    missing = tuple(need for need in template.models if need.file not in have.get(need.folder, ()))
    models = tuple(model for need in missing if (model := manifest.model_of(need.folder, need.file)))
    sizes = [model.size for model in models]
    is_known = len(models) == len(missing) and None not in sizes
    return _Weighed(
        template, missing, models, sum(size or 0 for size in sizes) if is_known else None, _vram(template, manifest)
    )


def _vram(template: Template, manifest: Manifest) -> int | None:
    painters = [need for need in template.models if need.folder in PAINTERS] or template.models
    sizes = [model.size if (model := manifest.model_of(need.folder, need.file)) else None for need in painters]
    known = [size for size in sizes if size is not None]
    return int(max(known) * WORKING_ROOM) if known and len(known) == len(sizes) else None


def _recommendation(weighed: _Weighed, vram: int | None, disk: int | None) -> Recommendation:
    against = _against(weighed, vram, disk)
    return Recommendation(
        name=weighed.template.name,
        task=task_of(weighed.template),
        models=weighed.models,
        reason="; ".join(against or _for(weighed, vram)),
        bytes_to_fetch=weighed.to_fetch,
        fits=not against,
    )


def _against(weighed: _Weighed, vram: int | None, disk: int | None) -> list[str]:
    """Return what speaks against it here, if anything."""
    reasons = list[str]()
    if vram is not None and weighed.vram is not None and weighed.vram > vram:
        reasons.append(
            f"wants about {_gigabytes(weighed.vram)} of GPU memory and there are {_gigabytes(vram)}:"
            " ComfyUI would move parts of it in and out, slowly"
        )
    if disk is not None and weighed.to_fetch is not None and weighed.to_fetch > disk:
        reasons.append(f"{_gigabytes(weighed.to_fetch)} are to be fetched and there is room for {_gigabytes(disk)}")
    if unknown := len(weighed.missing) - len(weighed.models):
        reasons.append(f"the manifest does not know where {unknown} of its models come from")
    return reasons


def _for(weighed: _Weighed, vram: int | None) -> list[str]:
    reasons = ["all its models are here" if not weighed.missing else _to_fetch(weighed)]
    if weighed.vram is not None:
        has = "" if vram is None else f", and there are {_gigabytes(vram)}"
        reasons.append(f"wants about {_gigabytes(weighed.vram)} of GPU memory{has}")
    return [*reasons, *_terms(weighed.models)]


def _to_fetch(weighed: _Weighed) -> str:
    count = f"{len(weighed.missing)} of {len(weighed.template.models)} models are to be fetched"
    return count if weighed.to_fetch is None else f"{count}, {_gigabytes(weighed.to_fetch)}"


def _terms(models: Sequence[Model]) -> list[str]:
    limited = sorted({model.licence for model in models if "non-commercial" in model.licence.lower()})
    return [f"licence: {licence}" for licence in limited]


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
