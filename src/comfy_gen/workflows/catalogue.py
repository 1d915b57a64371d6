"""The templates that ComfyGen ships, and the way from a name or a path to a workflow."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import WorkflowNotFoundError
from comfy_gen.workflows.files import load_workflow, read_text
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.template import Template

if TYPE_CHECKING:
    from os import PathLike

    from comfy_gen.workflows.graph import Workflow

_LIBRARY = Path(__file__).with_name("library")
_CARD = ".card.json"
# Where a checkout has a link to the library; the mission's examples name its files so.
_FOLDERS = (PurePath(), PurePath("workflows"))


def template_names() -> tuple[str, ...]:
    """Return the names of all shipped templates."""
    return tuple(sorted(path.name.removesuffix(_CARD) for path in _LIBRARY.glob(f"*{_CARD}")))


def load_template(name: str) -> Template:
    """Read a shipped template by its name or an alias, in any case of letters.

    Raises:
        WorkflowNotFoundError: there is none; with the nearest names.
    """
    names = _names()
    if name.lower() not in names:
        raise WorkflowNotFoundError(name, nearest_names(name, names))
    stem = names[name.lower()]
    return Template.from_card(_card(stem), load_workflow(_LIBRARY / f"{stem}.json"))


def all_templates() -> list[Template]:
    """Read all shipped templates."""
    return [load_template(name) for name in template_names()]


def find_workflow(name_or_path: str | PathLike[str]) -> Workflow:
    """Read a workflow: a file, or a shipped template by its name, its alias or its file's name.

    ``workflows/flux-dev.json`` is found in any folder, also where there is no such file; a file goes before a
    shipped template's file name, a template's plain name before a file.

    Raises:
        WorkflowError: there is none of that name (with the nearest), or the file cannot be used.
    """
    template = find_template(name_or_path)
    return template.workflow if template else load_workflow(name_or_path)


def find_template(name_or_path: str | PathLike[str]) -> Template | None:
    """Return the shipped template that is meant; None when it is a file of the caller's.

    Raises:
        WorkflowNotFoundError: there is neither; with the nearest names.
    """
    text, names = os.fspath(name_or_path), _names()
    if text.lower() in names:
        return load_template(text)
    path = Path(text)
    if path.is_file():
        return None
    if path.suffix == ".json" and path.parent in _FOLDERS and path.stem.lower() in names:
        return load_template(path.stem)
    if text and path.is_dir():  # pathlib takes no name at all for the folder here
        return None
    raise WorkflowNotFoundError(text, nearest_names(path.name.removesuffix(".json"), names) if text else ())


def _names() -> dict[str, str]:
    """Return the templates by name and by alias, in lower case."""
    stems = template_names()
    aliases = {alias.lower(): stem for stem in stems for alias in _card(stem).get("aliases", ())}
    return {stem.lower(): stem for stem in stems} | aliases


def _card(stem: str) -> dict[str, Any]:
    return json.loads(read_text(_LIBRARY / f"{stem}{_CARD}"))
