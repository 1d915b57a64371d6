"""Reads and writes workflow files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.atomic import replacing
from comfy_gen.errors import WorkflowFormatError, WorkflowNotFoundError, WorkflowUnreadableError
from comfy_gen.workflows.graph import parse_workflow

if TYPE_CHECKING:
    from os import PathLike

    from comfy_gen.workflows.graph import Workflow


def load_workflow(path: str | PathLike[str]) -> Workflow:
    """Read a workflow in API format from a file.

    Raises:
        WorkflowNotFoundError: there is no such file (it is also a ``FileNotFoundError``).
        WorkflowUnreadableError: it is there and cannot be read.
        WorkflowSyntaxError: it is not JSON (it is also a ``json.JSONDecodeError``, with line and column).
        WorkflowIsUiFormatError: it is what ComfyUI's editor saves.
        WorkflowFormatError: it is anything else.
    """
    return parse_workflow(read_text(Path(path)), source=str(path))


def save_workflow(workflow: Workflow, path: str | PathLike[str]) -> None:
    """Write a workflow as a person would lay it out, whole or not at all.

    Raises:
        OutputPathError: the folder is missing or read-only, or the disk is full.
    """
    text = json.dumps(workflow, indent=2, ensure_ascii=False) + "\n"
    with replacing(Path(path)) as file:
        file.write(text.encode())


def read_text(path: Path) -> str:
    """Read a file's text; the mark that Windows editors put before UTF-8 is dropped."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise WorkflowNotFoundError(str(path)) from error
    except OSError as error:
        raise WorkflowUnreadableError(str(path), error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise WorkflowFormatError(str(path), f"it is not UTF-8 text (byte {error.start})") from error
