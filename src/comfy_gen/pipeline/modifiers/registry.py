"""All modifiers by their names: those that ship, those of installed packages, and those of a folder."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from comfy_gen.errors import ComfyGenError, ModifierError, ModifierNotFoundError
from comfy_gen.pipeline.modifiers.discovery import in_folder, installed
from comfy_gen.pipeline.modifiers.fault import FOREIGN, said
from comfy_gen.pipeline.modifiers.shipped import SHIPPED
from comfy_gen.workflows.graph import as_workflow
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from comfy_gen.pipeline.modifiers.modifier import BaseModifier
    from comfy_gen.workflows.graph import Workflow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Modifiers:
    """The modifiers that requests may name."""

    known: Mapping[str, type[BaseModifier]]
    problems: Sequence[ModifierError] = ()
    """What stands against those that were found and cannot be used."""
    allow_private: bool = False
    """Whether URLs may lead to this machine and its networks."""

    @classmethod
    def load(cls, folder: Path | None = None, *, allow_private: bool = False) -> Self:
        """Find all modifiers; where several have a name, the folder's is taken before a package's and a shipped one.

        Runs their code, and reads files.
        """
        places = [installed(), *([in_folder(folder)] if folder is not None else [])]
        known = dict(SHIPPED)
        for place in places:
            known |= place.modifiers
        problems = [problem for place in places for problem in place.problems]
        for problem in problems:
            log.warning("%s", problem)
        return cls(known, tuple(problems), allow_private)

    def names(self) -> Sequence[str]:
        """Return all names, in their order."""
        return sorted(self.known)

    def get(self, name: str) -> type[BaseModifier]:
        """Return a modifier.

        Raises:
            ModifierNotFoundError: there is none of that name.
        """
        if name not in self.known:
            raise ModifierNotFoundError(name, nearest_names(name, self.names()))
        return self.known[name]

    async def apply(self, name: str, modifications: Mapping[str, Any] | None = None) -> Workflow:
        """Return the workflow that a modifier makes of these modifications.

        Raises:
            ModifierNotFoundError: there is none of that name.
            ModifierError: its code failed.
            ComfyGenError: what it was given cannot work.
        """
        kind = self.get(name)
        try:
            modifier = kind(modifications or {})
            modifier.allow_private = self.allow_private
            await modifier.apply_modifications()
            # As it will be sent: here it shows whether it is JSON, and nothing keeps a hold on it.
            made = json.loads(json.dumps(modifier.workflow, allow_nan=False))
        except ComfyGenError:
            raise
        except FOREIGN as error:  # of the modifier, which is no code of ours
            raise ModifierError(name, said(error)) from error
        return as_workflow(made, source=f"the workflow of {name}")

    def describe(self) -> list[dict[str, Any]]:
        """Return what each is, as JSON: ``name``, ``summary``, and ``parameters``, a JSON Schema where it has one."""
        return [
            {"name": name, "summary": self.known[name].summary(), "parameters": self.known[name].schema()}
            for name in self.names()
        ]
