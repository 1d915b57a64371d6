"""One thing that is wrong with a workflow: in ComfyUI's own words for programs, in a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from comfy_gen.errors import listing


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where.

    ``type``, ``message``, ``details`` and ``extra_info`` are ComfyUI's, letter for letter where it has them.
    """

    type: str
    message: str
    details: str
    claim: str
    """The problem in words, without its place: ``steps is 0, below the smallest allowed, 1``."""
    extra_info: dict[str, Any] = field(default_factory=dict[str, Any])
    node_id: str | None = None
    """None when it is about the whole graph."""
    class_type: str | None = None
    input_name: str | None = None
    """The input to change, which is not always the one in ``extra_info``."""
    nearest: tuple[str, ...] = ()
    """The names most like the one that is wrong, best first."""
    is_refused: bool = True
    """False for what ComfyUI 0.3.75 does not look at before it runs the node, though newer ones may; and for what
    a custom node may judge by rules of its own."""

    def as_error(self) -> dict[str, Any]:
        """Return the problem as ComfyUI writes it into ``error`` and ``node_errors``."""
        return {
            "type": self.type,
            "message": self.message,
            "details": self.details,
            "extra_info": self.extra_info,
        }

    def __str__(self) -> str:
        place = "" if self.node_id is None else f"node {self.node_id}"
        if place and self.class_type:
            place += f" ({self.class_type})"
        nearest = f"; nearest: {listing(self.nearest)}" if self.nearest else ""
        return f"{place}{': ' if place else ''}{self.claim}{nearest}"
