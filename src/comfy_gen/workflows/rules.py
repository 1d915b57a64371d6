"""Which node classes may be run. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.workflows.graph import Workflow


@dataclass(frozen=True, slots=True)
class NodeRules:
    """Patterns of names: ``*`` stands for any part of one, and capitals count as they do in ComfyUI."""

    allowed: Sequence[str] = ()
    """Empty: all."""
    denied: Sequence[str] = ()
    """Goes before what is allowed."""

    def refused(self, workflow: Workflow) -> tuple[str, ...]:
        """Return the classes that may not be run, each once; what the editor calls a subgraph is nodes like all."""
        classes = {str(node.get("class_type")) for node in workflow.values()}
        return tuple(sorted(name for name in classes if not self._is_allowed(name)))

    def _is_allowed(self, name: str) -> bool:
        return (not self.allowed or _fits(name, self.allowed)) and not _fits(name, self.denied)


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
