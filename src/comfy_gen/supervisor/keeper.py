"""Keeps one ComfyUI: the small process that outlives the shell, writes down how it is, and starts it again.

It is run as ``python -m comfy_gen.supervisor.keeper FOLDER``, with the folder of an instance, and returns as soon as
its ComfyUI is begun. What runs on has no terminal, and a lock for as long as it lives: an instance cannot have two.
ComfyUI writes to its log itself, so that it goes on if its keeper is killed.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import ComfyUIFolderError, OutputPathError
from comfy_gen.supervisor import lock, log
from comfy_gen.supervisor.instance import command_of, folders_of
from comfy_gen.supervisor.layout import find_comfyui
from comfy_gen.supervisor.plan import End, GiveUp, Restart, after_exit
from comfy_gen.supervisor.port import answers
from comfy_gen.supervisor.process import Identity, identity_of, is_listening, send, tree_of
from comfy_gen.supervisor.program import without_ours
from comfy_gen.supervisor.state import KEPT_ENDS, State, read_instance, write_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from comfy_gen.supervisor.instance import Instance

TAKEN = 75
"""The status with which it ends where another keeper has the folder."""
LOCK = "keeper.lock"
GRACE = 30.0
"""Seconds that a ComfyUI has to end when the machine goes down; `comfygen service stop` has its own."""
_STOPPED = GiveUp("it was stopped")
_SOON = 0.25
_LATER = 10.0
"""Seconds between two looks: at one that is about to be ready or gone, and at one that runs."""


class Bell:
    """Wakes the keeper when its child ends, or when it is told to stop."""

    def __init__(self) -> None:
        self.is_stopping = False
        self.is_hurried = False
        """Whether it was told so by somebody who does not see to it: then what does not heed is killed in the end."""
        self._reader, writer = os.pipe()
        for end in (self._reader, writer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        # The end of a terminal is heard and not heeded: what is ignored here would be ignored by ComfyUI too.
        for number in (signal.SIGCHLD, signal.SIGHUP):
            signal.signal(number, self._hear)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def wait(self, seconds: float) -> None:
        """Return when there is something to look at, after so many seconds at the latest."""
        if select.select([self._reader], [], [], seconds)[0]:
            with suppress(BlockingIOError):
                os.read(self._reader, 4096)

    def pause(self, seconds: float) -> None:
        """Let so much time pass, unless it is told to stop."""
        until = time.monotonic() + seconds
        while not self.is_stopping and (left := until - time.monotonic()) > 0:
            self.wait(left)

    def _hear(self, *_: object) -> None:
        """Be woken, and no more."""

    def _stop(self, number: int, _: object) -> None:
        self.is_stopping = True
        self.is_hurried = self.is_hurried or number == signal.SIGTERM


class Keeper:
    """One instance from its start to its end for good."""

    def __init__(self, folder: Path, instance: Instance, me: Identity, bell: Bell) -> None:
        self._folder = folder
        self._instance = instance
        self._bell = bell
        self._state = State(me, "starting", began=time.time())
        self._is_written = False

    def keep(self, on_begun: Callable[[], None]) -> None:
        """Run ComfyUI until it ends for good; ``on_begun`` is called when it is begun, or could not be.

        Raises:
            OutputPathError: it cannot be written down how it is; nothing was begun.
        """
        write_state(self._folder, self._state)
        while (process := self._launch()) is not None:
            on_begun()
            if not self._is_begun_again(self._watch(process)):
                break
        on_begun()

    def _launch(self) -> subprocess.Popen[bytes] | None:
        """Begin a ComfyUI and write down which it is; None where that cannot be done."""
        try:
            process = _launch(self._instance, self._folder)
        except (ComfyUIFolderError, OSError) as error:
            self._say(f"it cannot be run: {error}")
            self._write(phase="ended", comfyui=None, reason=f"it cannot be run: {error}")
            return None
        self._write(phase="starting", comfyui=identity_of(process.pid), since=time.time())
        return process

    def _watch(self, process: subprocess.Popen[bytes]) -> End:
        """Wait for the end of a ComfyUI."""
        began = time.monotonic()
        told = float("inf")
        started: list[Identity] = []
        while (code := process.poll()) is None:
            if self._bell.is_stopping and told == float("inf"):
                started = tree_of(self._comfyui)
                process.terminate()
                told = time.monotonic()
            if self._bell.is_hurried and time.monotonic() >= told + GRACE:
                send(tree_of(self._comfyui), signal.SIGKILL)
            self._attend()
            self._bell.wait(_LATER if self._state.phase == "running" and told == float("inf") else _SOON)
        # It led a group of its own. Whoever is left of it may hold its port, or the GPU's memory.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(PermissionError):
            send(started, signal.SIGKILL)  # and whoever has left the group
        return End(time.time(), code, round(time.monotonic() - began, 1), has_answered=self._state.phase == "running")

    def _attend(self) -> None:
        """Do what is to be done now and then while it runs."""
        with suppress(OSError):  # somebody has put it away, or the disk is ill: no reason to leave ComfyUI alone
            log.rotate(self._folder / log.NAME)
        if self._state.phase == "starting" and self._is_ready():
            self._write(phase="running")
        elif not self._is_written:
            self._write()

    def _is_ready(self) -> bool:
        # Both: another ComfyUI may have taken the port, and this one may listen before it can answer.
        return is_listening(self._comfyui, self._instance.port) and answers(self._instance)

    def _is_begun_again(self, end: End) -> bool:
        """Do what the plan says after an end: wait for the next beginning, or write down why there is none."""
        ends = (*self._state.ends, end)[-KEPT_ENDS:]
        plan = _STOPPED if self._bell.is_stopping else self._plan(ends)
        if isinstance(plan, Restart):
            self._say(f"it {end.manner} after {end.lasted:.1f} s, and is started again in {plan.after_seconds:.0f} s")
            self._write(phase="waiting", comfyui=None, ends=ends)
            self._bell.pause(plan.after_seconds)
            plan = _STOPPED if self._bell.is_stopping else plan
        if isinstance(plan, GiveUp):
            self._say(plan.reason)
            self._write(phase="ended", comfyui=None, ends=ends, reason=plan.reason)
            return False
        self._write(restarts=self._state.restarts + 1)
        return True

    def _plan(self, ends: Sequence[End]) -> Restart | GiveUp:
        return after_exit(ends, now=time.time(), is_supervised=self._instance.is_supervised)

    @property
    def _comfyui(self) -> Identity:
        return self._state.comfyui or Identity(0, "")

    def _write(self, **changes: Any) -> None:
        """Write down how it is now. A disk that is full is no reason to end a ComfyUI: it is written later."""
        self._state = replace(self._state, **changes)
        try:
            write_state(self._folder, self._state)
            self._is_written = True
        except OutputPathError:
            self._is_written = False

    def _say(self, what: str) -> None:
        """Tell it to whoever reads ComfyUI's log."""
        with suppress(OSError), (self._folder / log.NAME).open("ab") as said:
            said.write(f"[comfygen] {what}\n".encode())


def _launch(instance: Instance, folder: Path) -> subprocess.Popen[bytes]:
    """Begin a ComfyUI that writes to its log itself."""
    layout = find_comfyui(instance.directory, instance.python)
    for wanted in folders_of(instance, layout, folder):
        wanted.mkdir(parents=True, exist_ok=True)
    with (folder / log.NAME).open("ab") as said:
        return subprocess.Popen(  # noqa: S603  # somebody's own program, and no shell reads the arguments
            command_of(instance, layout, folder),
            cwd=layout.tree,
            env=environment_of(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def environment_of(ours: Mapping[str, str]) -> dict[str, str]:
    """Return what ComfyUI gets of the environment of its keeper, which was given no secrets.

    It writes each line as it comes, so that the last one before a crash is in the log.
    """
    return {**without_ours(ours), "PYTHONUNBUFFERED": "1"}


def main(folder: Path) -> int:
    """Begin to keep the instance of a folder in a process of its own, and return when its ComfyUI is begun."""
    instance = read_instance(folder)
    if instance is None:
        return 2
    if lock.take(folder / LOCK) is None:
        return TAKEN
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        return 0 if os.read(reader, 1) else 1
    os.close(reader)
    me = identity_of(os.getpid())
    if me is None:
        return 1
    Keeper(folder, instance, me, Bell()).keep(lambda: _tell(writer))
    return 0


def _tell(writer: int) -> None:
    """Say once that ComfyUI is begun; later nobody listens any more."""
    with suppress(OSError):
        os.write(writer, b".")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
