"""Takes foreign JSON apart: fields by name and kind, and an error that says where one is not as it must be. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self, cast

from comfy_gen.errors import NotUiWorkflowError


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object of the file. What it lacks reads as empty; what has the wrong kind is an error."""

    source: str
    place: str
    """What it is, for errors: ``node 3``."""
    data: dict[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, data: object, source: str, place: str) -> Self:
        """Return JSON data as an object.

        Raises:
            NotUiWorkflowError: it is none.
        """
        if not isinstance(data, dict):
            raise NotUiWorkflowError(source, f"{place} is no JSON object")
        return cls(source, place, cast("dict[str, Any]", data))

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def fault(self, reason: str) -> NotUiWorkflowError:
        """Return the error that says what is wrong here."""
        return NotUiWorkflowError(self.source, f"{self.place}: {reason}")

    def get(self, key: str) -> Any:
        """Return a field as it is, None where it is not."""
        return self.data.get(key)

    def text(self, key: str) -> str:
        """Return a field that is a text, and an empty one for anything else."""
        value = self.data.get(key)
        return value if isinstance(value, str) else ""

    def label(self, key: str) -> str:
        """Return a field that is a text or a whole number, as a text; 0 and -1, which the editor uses too, count."""
        value = self.data.get(key)
        return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""

    def number(self, key: str) -> int:
        """Return a field that is a whole number, and 0 for anything else."""
        value = self.data.get(key)
        return value if isinstance(value, int) else 0

    def items(self, key: str) -> list[Any]:
        """Return a field that is a list.

        Raises:
            NotUiWorkflowError: it is something else.
        """
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.fault(f"`{key}` is no list")
        return cast("list[Any]", value)

    def child(self, key: str) -> Fields:
        """Return a field that is an object, and an empty one for anything else."""
        value = self.data.get(key)
        found = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        return Fields(self.source, f"{key} of {self.place}", found)

    def children(self, key: str) -> list[Fields]:
        """Return a field that is a list of objects.

        Raises:
            NotUiWorkflowError: it is something else, or has anything else in it.
        """
        found: list[Fields] = []
        for number, value in enumerate(self.items(key)):
            part = Fields.of(value, self.source, f"{key}[{number}]")
            found.append(part)
        return found


def identifier(fields: Fields, key: str) -> str:
    """Return a field that names something.

    Raises:
        NotUiWorkflowError: it is not there, or neither a text nor a whole number.
    """
    name = fields.label(key)
    if not name:
        raise fields.fault(f"it has no `{key}`")
    return name
