"""The help texts of commands, for terminals of any width."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def join_lines(app: typer.Typer) -> None:
    """Have each paragraph of what an app's commands say of themselves be one line, which the terminal breaks.

    Typer does so with the first paragraph alone; the others it would break where the source does, and once more.
    """
    infos = [*app.registered_commands, *filter(None, [app.registered_callback])]
    for info in infos:
        info.help = _joined(inspect.getdoc(info.callback) or "")
    for group in app.registered_groups:
        if group.typer_instance is not None:
            join_lines(group.typer_instance)


def _joined(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
