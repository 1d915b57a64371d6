"""One instance whose ComfyUI is a process of this machine, with a keeper."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.errors import (
    AlreadyRunningError,
    NotRunningError,
    OutputPathError,
    StartFailedError,
    StopFailedError,
)
from comfy_gen.supervisor import lock, log
from comfy_gen.supervisor.keeper import TAKEN
from comfy_gen.supervisor.layout import find_comfyui
from comfy_gen.supervisor.port import check_port
from comfy_gen.supervisor.process import Identity, identity_of, is_alive, send, terminate, usage_of, wait_gone
from comfy_gen.supervisor.state import (
    Look,
    State,
    is_wanted,
    mark_wanted,
    read_instance,
    read_state,
    unmark_wanted,
    write_instance,
    write_state,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from comfy_gen.supervisor.instance import Instance
    from comfy_gen.supervisor.state import Phase

_LOOK = 0.1
_LAST_GRACE = 5.0
"""Seconds in which a keeper without a ComfyUI writes that down and ends."""
_SHORT_PATIENCE = 2.0
"""For what did not even start."""
_SHOWN = 20
"""So many of its last lines are told where it did not start."""


class Kept:
    """An instance and its folder."""

    def __init__(self, folder: Path, instance: Instance, secrets: Collection[str] = ()) -> None:
        self._folder = folder
        self._instance = instance
        self._secrets = secrets

    def start(self, *, patience: float, on_line: Callable[[str], None]) -> None:
        """Start it and wait until it answers; if it runs as it is wanted, only wait."""
        find_comfyui(self._instance.directory, self._instance.python)
        with self._turn():
            since = log.size_of(self._log)
            keeper = None if self._runs_as_wanted() else self._begin()
        try:
            self._wait(patience, on_line, since=since, is_ours=keeper is not None)
        except BaseException:  # also Ctrl-C: what was begun here and not brought to its end is not left running
            if keeper is not None:
                self._abandon(keeper)
            raise
        with self._turn():
            state = read_state(self._folder)
            if state is not None and _runs(state):  # else somebody has stopped it again
                mark_wanted(self._folder)

    def stop(self, patience: float) -> None:
        """End it."""
        try:
            with self._turn():
                unmark_wanted(self._folder)
                state = read_state(self._folder)
                if state is None or not _runs(state):
                    raise NotRunningError(self._instance.name, self._clean(state))
                self._end(state, patience)
        except OutputPathError as error:  # another user has started it
            raise StopFailedError(self._instance.name, error.message) from error

    def look(self) -> Look:
        """Return how it is."""
        state = read_state(self._folder)
        if state is None:
            return Look(self._instance, "ended", reason="it was never begun", is_wanted=is_wanted(self._folder))
        phase = _phase(state)
        comfyui = _if_alive(state.comfyui)
        usage = usage_of(comfyui) if comfyui else None
        return Look(
            self._instance,
            phase,
            pid=comfyui.pid if comfyui else None,
            keeper_pid=state.keeper.pid if phase != "ended" and is_alive(state.keeper) else None,
            since=state.since if comfyui else None,
            restarts=state.restarts,
            last_end=state.ends[-1] if state.ends else None,
            reason=_reason(state),
            cpu=usage.cpu if usage else None,
            memory=usage.memory if usage else None,
            is_wanted=is_wanted(self._folder),
        )

    def tail(self, lines: int) -> list[str]:
        """Return the last lines that it said."""
        return log.tail(log.log_files(self._folder), lines)

    def follow(self, lines: int) -> Iterator[str]:
        """Yield the last lines that it said, and what comes."""
        return log.follow(self._folder, lines)

    @property
    def _log(self) -> Path:
        return self._folder / log.NAME

    def _turn(self) -> AbstractContextManager[None]:
        return turn(self._folder)

    def _runs_as_wanted(self) -> bool:
        """Tell whether it runs and need not be begun.

        Raises:
            AlreadyRunningError: it runs, and not as it is wanted.
        """
        state = read_state(self._folder)
        if state is None or not _runs(state):
            return False
        running = read_instance(self._folder) or self._instance
        unlike = running.differences(self._instance)
        if not unlike and running.is_supervised and not is_alive(state.keeper):
            unlike = "its keeper was killed, so that nothing would start it again"
        if unlike:
            raise AlreadyRunningError(running.name, running.url, unlike)
        return True

    def _begin(self) -> Identity:
        """Have a keeper begin it, and return which."""
        before = read_state(self._folder)
        if before is not None:  # it has ended, and its keeper may be about to
            wait_gone([before.keeper], _LAST_GRACE)
        check_port(self._instance)
        unmark_wanted(self._folder)
        write_instance(self._folder, self._instance)
        try:
            status = _run_keeper(self._folder, _environment(self._secrets))
        except KeyboardInterrupt:
            begun = read_state(self._folder)
            if begun is not None and _runs(begun):
                self._end(begun, patience=_SHORT_PATIENCE)
            raise
        state = read_state(self._folder)
        if status == TAKEN:
            raise AlreadyRunningError(self._instance.name, self._instance.url, "another keeper has its folder")
        if status or state is None:
            raise self._failure(f"its keeper ended with status {status}")
        return state.keeper

    def _wait(self, patience: float, on_line: Callable[[str], None], *, since: int, is_ours: bool) -> None:
        """Wait until it answers, and hand on what it says.

        Raises:
            StartFailedError: it ended, or takes too long.
        """
        said = log.Reader(self._log, position=since)
        deadline = time.monotonic() + patience
        while True:
            state = read_state(self._folder)
            for line in said.lines():
                on_line(line)
            phase = _phase(state) if state else "ended"
            if phase == "running":
                return
            if state is None or phase == "ended" or (is_ours and state.phase == "waiting"):
                raise self._failure(_outcome(state), since=since)
            if time.monotonic() > deadline:
                raise self._failure(f"it did not answer within {patience:g} s", since=since)
            time.sleep(_LOOK)

    def _failure(self, reason: str, *, since: int = 0) -> StartFailedError:
        said = log.tail(log.log_files(self._folder)[:1], _SHOWN, since=since)
        return StartFailedError(self._instance.name, reason, self._log, said)

    def _abandon(self, keeper: Identity) -> None:
        """End what was begun here, unless somebody else has begun it anew meanwhile."""
        with self._turn():
            state = read_state(self._folder)
            if state is not None and state.keeper == keeper and _runs(state):
                self._end(state, patience=_SHORT_PATIENCE)

    def _end(self, state: State, patience: float) -> None:
        """End the keeper, which ends its ComfyUI, or else both.

        Raises:
            StopFailedError: they are not this user's, or do not go.
        """
        try:
            was_kept = is_alive(state.keeper)
            send([state.keeper], signal.SIGINT)  # which has it leave the killing, and its hour, to us
            wait_gone([state.keeper], patience)
            state = read_state(self._folder) or state  # it may just have begun another
            is_gone = state.comfyui is None or terminate(state.comfyui, 0.0 if was_kept else patience)
            # A keeper ends when its ComfyUI has.
            is_gone = (wait_gone([state.keeper], _LAST_GRACE) or terminate(state.keeper, 0.0)) and is_gone
        except PermissionError as error:
            raise StopFailedError(self._instance.name, "its processes are another user's") from error
        if not is_gone:
            raise StopFailedError(self._instance.name, "it was killed and has not gone: a driver may hold it")
        self._clean(read_state(self._folder))

    def _clean(self, state: State | None) -> str:
        """Write down that nothing runs, where what is written says otherwise, and return why nothing does."""
        if state is None:
            return "it was never begun"
        reason = _reason(state) or "it was stopped"
        if state.phase != "ended":
            with suppress(OutputPathError):
                write_state(self._folder, replace(state, phase="ended", comfyui=None, reason="it was stopped"))
        return reason


def turn(folder: Path) -> AbstractContextManager[None]:
    """Wait until nobody else starts or stops the instance of a folder; beside it, for it begins with a first start."""
    return lock.turn(folder.with_name(f".{folder.name}.lock"))


def _environment(secrets: Collection[str]) -> dict[str, str]:
    """Return what a keeper gets of the environment, which ComfyUI's custom nodes can read from there as well."""
    kept = os.environ.items()
    return {name: value for name, value in kept if name not in secrets and not name.startswith("COMFYGEN_")}


def _run_keeper(folder: Path, environment: Mapping[str, str]) -> int:
    """Run a keeper, which returns when its ComfyUI is begun, and return its status.

    Ctrl-C is heeded when it has returned: only then is written down what it has begun.
    """
    with log.opened(folder) as said:
        # -P: no file that lies in the folder is taken for a module.
        begun = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-P", "-m", "comfy_gen.supervisor.keeper", str(folder)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return begun.wait()
    except KeyboardInterrupt:
        begun.wait()
        raise


def _if_alive(identity: Identity | None) -> Identity | None:
    return identity if identity is not None and is_alive(identity) else None


def _runs(state: State) -> bool:
    """Tell whether there is something to be stopped: a ComfyUI, or a keeper that would start one."""
    return _phase(state) != "ended"


def _phase(state: State) -> Phase:
    """Return how it is: as its keeper has written it, unless one of the two was killed since."""
    is_there = _if_alive(state.comfyui) is not None
    if not is_alive(state.keeper):
        return "running" if is_there else "ended"
    return state.phase if is_there or state.phase == "ended" else "waiting"


def _reason(state: State) -> str:
    """Return why it does not run, as a person would say it; empty where it does."""
    if state.phase == "ended":
        return state.reason
    if _runs(state):
        return ""
    gone = state.comfyui or state.keeper
    if identity_of(gone.pid) is None:
        return (
            f"its process {gone.pid} is gone, and so is its keeper: they were killed, or the machine was started anew"
        )
    return f"its process {gone.pid} is gone; the number is another process's now, which was left alone"


def _outcome(state: State | None) -> str:
    """Return what became of a ComfyUI that did not get ready."""
    if state is None:
        return "its keeper wrote nothing down"
    if state.phase == "waiting" and state.ends:
        return f"it {state.ends[-1].manner}"
    return _reason(state)
