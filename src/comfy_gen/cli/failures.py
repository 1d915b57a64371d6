"""Errors for people at a terminal: one paragraph and an exit code."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from comfy_gen.cli.visible import visible
from comfy_gen.errors import (
    ComfyGenError,
    ConfigurationError,
    DatabaseError,
    EngineError,
    ForbiddenContentError,
    InvalidRequestError,
    NoEngineError,
    PolicyTierError,
)

if TYPE_CHECKING:
    from collections.abc import Generator

EXIT_FAILURE = 1
EXIT_CONFIG_ERROR = 2
EXIT_NOT_PASSED = 3
"""All is made, but pictures that somebody had judged did not pass, or nobody could tell whether they do."""
_REFUSALS = (
    ConfigurationError,
    DatabaseError,
    EngineError,
    ForbiddenContentError,
    NoEngineError,
    PolicyTierError,
)


def exit_code(error: ComfyGenError) -> int:
    """Return 2 for what the caller or the server's state must change, 1 for a generation that failed."""
    if isinstance(error, InvalidRequestError):
        return max(map(exit_code, error.errors))
    return EXIT_CONFIG_ERROR if isinstance(error, _REFUSALS) else EXIT_FAILURE


def report(error: ComfyGenError) -> None:
    """Write what is wrong and what to do to stderr."""
    from rich.console import Console  # noqa: PLC0415  # errors are rare, and every command would pay for it
    from rich.text import Text  # noqa: PLC0415

    console = Console(stderr=True)
    said = Text.assemble(
        (f"error[{error.code}]", "bold red"), ": ", visible(error.message), "" if error.message.endswith(".") else "."
    )
    if error.hint:
        said.append(visible(f" {error.hint[0].upper()}{error.hint[1:]}"))
    console.print(said, soft_wrap=True)


@contextmanager
def answering(*, as_json: bool = False, as_update: bool = False) -> Generator[None]:
    """Print an error of the block as JSON and leave with its exit code, where JSON was asked for.

    ``as_update`` makes it one more line of ``--json-progress``.
    """
    try:
        yield
    except ComfyGenError as error:
        if not (as_json or as_update):
            raise
        told = {"type": "error", **error.as_json()} if as_update else error_json(error)
        print_json(told, indent=not as_update)
        raise typer.Exit(exit_code(error)) from error


def error_json(error: ComfyGenError) -> dict[str, Any]:
    """Return an error as ``--json`` prints it."""
    return {"error": error.as_json()}


def print_json(data: object, *, indent: bool = True) -> None:
    """Write one JSON document on one line, or indented for a person's terminal."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2 if indent and sys.stdout.isatty() else None) + "\n")
    sys.stdout.flush()
