"""Says in what two generations differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.workflows.diff import diff_workflows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comfy_gen.library.generation import Generation
    from comfy_gen.workflows.graph import Workflow


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in both; a side that has no such thing is None."""

    field: str
    """Such as ``recipe.steps``, ``models.checkpoints``, ``timings.generate`` or, of the graph, ``nodes.3.seed``."""
    before: Any
    after: Any

    @property
    def is_of_time(self) -> bool:
        """Whether it is how long something took: no two generations take the same time."""
        return self.field.startswith("timings.")

    def as_json(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {"field": self.field, "before": self.before, "after": self.after}


def diff(a: Generation, b: Generation, graphs: tuple[Workflow, Workflow] | None = None) -> list[Difference]:
    """Return in what the second generation differs from the first, what was asked for before what came of it.

    With the two ``graphs`` it says in which nodes these differ, however they are numbered.
    """
    # Nobody judges a repetition, and that is no difference in what was made.
    leaves_out = frozenset[str]() if _is_judged(a) and _is_judged(b) else frozenset({_QUALITY})
    facts = [_facts(one, leaves_out) for one in (a, b)]
    names = dict.fromkeys([*facts[0], *facts[1]])
    found = [Difference(name, facts[0].get(name), facts[1].get(name)) for name in names]
    found = [one for one in found if one.before != one.after]
    nodes = [] if graphs is None else [*_nodes(*graphs)]
    at = next((place for place, one in enumerate(found) if one.field in _AFTER_THE_GRAPH), len(found))
    return [*found[:at], *nodes, *found[at:]]


def is_same_outcome(a: Generation, b: Generation) -> bool:
    """Tell whether both made the very same files, byte for byte. Those of a graph with metadata differ with it."""
    return bool(a.artifacts) and _hashes(a) == _hashes(b)


_QUALITY = "quality"
"""What `validation.gate` calls its verdicts; to import it would load all that looks at pictures."""
_AFTER_THE_GRAPH = ("engine", "comfyui_version", "version", "state", "passed", "score", "verdicts", "artifacts")
_SAID_APART = {"workflow_digest", "positive_prompt", "negative_prompt", "seed", "workflow", "tier", "schema"}
"""Fields of recipes that the generation says itself, as it was in the end."""


def _is_judged(one: Generation) -> bool:
    return any(verdict.get("check") == _QUALITY for verdict in one.verdicts)


def _facts(one: Generation, leaves_out: frozenset[str]) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in ("prompt", "negative_prompt", "seed", "workflow", "tier")},
        **{f"recipe.{name}": value for name, value in one.recipe.items() if name not in _SAID_APART},
        **_models(one),
        "workflow_digest": one.workflow_digest,
        **{name: getattr(one, name) for name in ("engine", "comfyui_version", "version")},
        "state": str(one.state),
        **({} if _QUALITY in leaves_out else {"passed": one.passed, "score": one.score}),
        "verdicts": [
            {name: said for name, said in it.items() if name != "artifact_id"}
            for it in one.verdicts
            if it.get("check") not in leaves_out
        ],
        "artifacts": _hashes(one),
        **{f"timings.{name}": value for name, value in one.timings.items() if not isinstance(value, Mapping)},
    }


def _models(one: Generation) -> dict[str, Any]:
    """Return the model files by folder, each with as much of its hash as people compare."""
    found: dict[str, Any] = {}
    for model in one.models:
        said = model.file if model.sha256 is None else f"{model.file} ({model.sha256[:12]})"
        cast("list[str]", found.setdefault(f"models.{model.folder}", [])).append(said)
    return found


def _hashes(one: Generation) -> list[str]:
    return [artifact.sha256 for artifact in one.artifacts]


def _nodes(before: Workflow, after: Workflow) -> Iterator[Difference]:
    found = diff_workflows(before, after)
    for node_id in found.removed:
        yield Difference(f"nodes.{node_id}", before[node_id]["class_type"], None)
    for node_id in found.added:
        yield Difference(f"nodes.{node_id}", None, after[node_id]["class_type"])
    for node in found.changed:
        for one in node.inputs:
            sides = (side[0] if side else None for side in (one.before, one.after))
            yield Difference(f"nodes.{node.after_id}.{one.name}", *sides)
