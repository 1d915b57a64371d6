"""Tells which workflows have all their models on an engine. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.models.coverage import Coverage, coverage, needs_of_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comfy_gen.cli.models.engines import EngineModels
    from comfy_gen.models.manifest import Manifest
    from comfy_gen.workflows.template import Template


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a workflow needs, on the engine that has the most of it."""

    name: str
    engine: str
    coverage: Coverage

    def as_json(self) -> dict[str, Any]:
        """Return what a program is told of it."""
        return {
            "workflow": self.name,
            "engine": self.engine,
            "complete": self.coverage.is_complete,
            "needs": [one.as_json() for one in self.coverage.needs],
        }


def readiness_of(templates: Iterable[Template], engines: Sequence[EngineModels], manifest: Manifest) -> list[Readiness]:
    """Return for each workflow what it needs, on the engine that lacks the least; there must be an engine."""
    return [min(_on_each(template, engines, manifest), key=_lacking) for template in templates]


def _on_each(template: Template, engines: Sequence[EngineModels], manifest: Manifest) -> list[Readiness]:
    needs = needs_of_template(template)
    return [Readiness(template.name, one.name, coverage(needs, one.models, manifest)) for one in engines]


def _lacking(readiness: Readiness) -> int:
    return len(readiness.coverage.missing)
