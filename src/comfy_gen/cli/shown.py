"""What of a command is shown, and to whom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person or a program wants to see."""

    quiet: bool = False
    as_json: bool = False
    json_progress: bool = False

    @property
    def for_people(self) -> bool:
        """Whether words, bars and tables are wanted."""
        return not (self.quiet or self.as_json or self.json_progress)
