"""The bars of models that are fetched: one for the file at hand, and one for all of them where there are several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import TransferSpeedColumn as SpeedColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from comfy_gen.models.progress import Phase
    from comfy_gen.models.progress import Progress as Told

WIDEST = 32
"""Letters of a file's name that are shown."""
_PHASES: Mapping[Phase, str] = {
    "waiting": "waiting for another download of it",
    "fetching": "",
    "retrying": "trying again",
    "checking": "checking",
    "done": "",
}


class ModelBars:
    """Shows how far downloads are as long as the block lasts; where there is no terminal, a line for each file."""

    def __init__(self, console: Console, sizes: Mapping[str, int | None], *, is_silent: bool = False) -> None:
        """``sizes`` has the bytes of each file that is to come; None where nobody knows."""
        self._console = console
        self._is_silent = is_silent
        self._sizes = dict(sizes)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            DownloadColumn(),
            SpeedColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("[dim]{task.fields[phase]}[/]"),
            console=console,
            transient=True,
            disable=is_silent or not console.is_terminal,
        )
        self._files: dict[str, TaskID] = {}
        self._done: dict[str, int] = {}
        self._phases: dict[str, Phase] = {}
        self._all: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        if len(self._sizes) > 1:
            self._all = self._progress.add_task("all", total=total_of(self._sizes), phase="")
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, told: Told) -> None:
        """Show one update."""
        if self._is_silent:
            return
        before, self._phases[told.file] = self._phases.get(told.file), told.phase
        if told.phase != before and not self._console.is_terminal:
            self._say(told)
        if told.phase == "retrying" and told.phase != before and self._console.is_terminal:
            self._console.print(f"{told.file}: {told.note}; trying again", style="yellow", markup=False, soft_wrap=True)
        self._move(told)

    def _move(self, told: Told) -> None:
        task = self._files.get(told.file)
        if task is None:
            task = self._progress.add_task(short(told.file), total=told.total, phase="", completed=told.resumed)
            self._files[told.file] = task
        self._progress.update(task, completed=told.done, total=told.total, phase=_PHASES[told.phase])
        if told.phase == "done":
            self._progress.remove_task(self._files.pop(told.file))
        if told.phase != "checking":  # which reads the whole file once more
            self._done[told.file] = told.done
        if self._all is not None:
            self._progress.update(self._all, completed=sum(self._done.values()))

    def _say(self, told: Told) -> None:
        said = {
            "waiting": f"{told.file}: another process fetches it; waiting",
            "fetching": f"Fetching {told.file}",
            "retrying": f"{told.file}: {told.note}; trying again",
        }.get(told.phase)
        if said:
            self._console.print(said, style="dim", markup=False, highlight=False, soft_wrap=True)


def total_of(sizes: Mapping[str, int | None]) -> int | None:
    """Return the bytes of all files; None where one is not known."""
    known = [size for size in sizes.values() if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def short(file: str) -> str:
    """Return a file's name in the letters that there is room for: its end tells more than its beginning."""
    name = file.rsplit("/", 1)[-1]
    return name if len(name) <= WIDEST else f"…{name[-WIDEST + 1 :]}"
