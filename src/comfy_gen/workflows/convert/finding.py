"""What a conversion has to say beside the graph: a problem that someone must mend, or a note of a choice made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from comfy_gen.errors import listing


class Kind(StrEnum):
    """What is told of a node."""

    MISSING_CLASS = "missing_class"
    """The engine has no node class of its type."""
    UNNAMED_VALUES = "unnamed_values"
    """It has values, and neither the file nor the engine says which inputs they are for."""
    UNUSED_VALUES = "unused_values"
    """It has values for which the engine's class has no input: the file is of another version."""
    BROKEN_LINK = "broken_link"
    """An input's link leads to nothing, or in a circle."""
    MISSING_SETTER = "missing_setter"
    """A Get node asks for a name that no Set node gives."""
    INACTIVE_SOURCE = "inactive_source"
    """An input's link leads to a muted node."""
    MADE_IN_BROWSER = "made_in_browser"
    """An input takes what only a browser makes: a camera's picture, a view of a 3D model."""
    NOTHING_TO_RUN = "nothing_to_run"
    """No node is left: all are notes, muted or bypassed."""
    RANDOM_TEXT = "random_text"
    """A text has alternatives ``{a|b}``, of which the editor takes one by chance, and this conversion the first."""
    FIXED_DATE = "fixed_date"
    """A text has a date in a form that the engine cannot write; it is left as it was."""
    LEFT_OUT = "left_out"
    """A muted or bypassed node is not in the graph."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is told of a node."""

    kind: Kind
    claim: str
    """What it is, without its place."""
    node_id: str | None = None
    class_type: str | None = None
    input_name: str | None = None
    nearest: tuple[str, ...] = ()
    """The names most like the one that is missing, best first."""

    def __str__(self) -> str:
        place = "" if self.node_id is None else f"node {self.node_id} ({self.class_type}): "
        nearest = f"; nearest: {listing(self.nearest)}" if self.nearest else ""
        return f"{place}{self.claim}{nearest}"
