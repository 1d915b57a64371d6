"""The progress bar of one generation: what runs, steps, speed, time left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from comfy_gen.cli.batch_table import clock
from comfy_gen.comfyui.tracker import Unheard, Waiting

if TYPE_CHECKING:
    from rich.console import Console

    from comfy_gen.pipeline.generate import Told
    from comfy_gen.pipeline.progress import Update


class ProgressBar:
    """Shows updates as one line that vanishes at the end, and what was found of each take on a line that stays.

    Where the console is no terminal there is no such first line.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[steps]}"),
            TextColumn("[dim]{task.fields[speed]}[/]"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None
        self._number = 0

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task("Checking", total=None, steps="", speed="")
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, update: Told) -> None:
        """Show one update."""
        if isinstance(update, Unheard):
            self._show("The connection broke; asking the engine", total=None)
            return
        if isinstance(update, Waiting):
            self._show(f"Waiting, {update.ahead} ahead" if update.ahead else "Waiting, next in line", total=None)
            return
        match update.type:
            case "connected":
                self._number += 1
                self._show(f"Queued (prompt {self._number})" if self._number > 1 else "Queued", total=None)
            case "progress":
                self._show(
                    "Sampling", update.step or 0, total=update.max_steps, steps=_steps(update), speed=_speed(update)
                )
            case "node" | "start" | "cached" | "judging":
                self._show(update.message, total=None)
            case "take":
                self._console.print(update.message, style="dim", markup=False, highlight=False, soft_wrap=True)
            case _:
                pass

    def _show(
        self, description: str, completed: int = 0, *, total: int | None, steps: str = "", speed: str = ""
    ) -> None:
        if self._task is not None:
            self._progress.update(
                self._task, description=description, completed=completed, total=total, steps=steps, speed=speed
            )


def _steps(update: Update) -> str:
    return f"{update.step}/{update.max_steps}"


def _speed(update: Update) -> str:
    """Return the speed as samplers are compared, in steps a second or, for slow ones, seconds a step."""
    if not update.steps_per_second:
        return ""
    pace = update.steps_per_second
    speed = f"{pace:.1f} it/s" if pace >= 1 else f"{1 / pace:.1f} s/it"
    return f"{speed}, {clock(update.eta_seconds or 0)} left"
