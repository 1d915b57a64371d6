"""What can be set of the MCP server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 45.0
"""Seconds that no call outlasts: clients give up after 60."""


@dataclass(frozen=True, slots=True, kw_only=True)
class McpOptions:
    """How the MCP server behaves."""

    patience: float = 40.0
    """Seconds that a call waits for a job; at most `LONGEST`."""
    folders: tuple[Path, ...] = ()
    """Where ``output_path`` may lead, and files to be uploaded may lie; nowhere, if empty."""
    image_budget: int = 400_000
    """Bytes of a picture that is sent along with an answer; 0 sends none."""
    has_workflow_tools: bool = False
    """Whether each saved workflow is a tool of its own, too."""
