"""The ComfyUIs of this machine: started, looked at and stopped by their names. Synchronous."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.errors import (
    AlreadyRunningError,
    InstanceNotFoundError,
    NotRunningError,
    OutputPathError,
    PortInUseError,
    StillRunningError,
)
from comfy_gen.supervisor import lock, log
from comfy_gen.supervisor.contained import Contained
from comfy_gen.supervisor.docker import Docker
from comfy_gen.supervisor.instance import check_instance
from comfy_gen.supervisor.keeper import LOCK
from comfy_gen.supervisor.kept import Kept, turn
from comfy_gen.supervisor.layout import absolute, find_comfyui
from comfy_gen.supervisor.port import check_port
from comfy_gen.supervisor.state import Look, read_instance, write_instance

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from comfy_gen.supervisor.instance import Instance

__all__ = ["Look", "Supervisor"]

PATIENCE = 180.0


class Supervisor:
    """All that were ever started here, each with a folder of its own in ``root``."""

    def __init__(self, root: Path, *, docker: Docker | None = None, secrets: Collection[str] = ()) -> None:
        """``secrets`` are the environment variables that no ComfyUI gets to see."""
        self._root = absolute(root)
        self._docker = docker or Docker()
        self._secrets = frozenset(secrets)

    def names(self) -> list[str]:
        """Return the names of all that were ever started, sorted."""
        folders = self._root.glob("[!.]*") if self._root.is_dir() else ()
        return sorted(folder.name for folder in folders if read_instance(folder) is not None)

    def instance(self, name: str) -> Instance:
        """Return how it was started last.

        Raises:
            InstanceNotFoundError: it never was.
        """
        known = self.names()
        instance = read_instance(self._root / name) if name in known else None
        if instance is None:
            raise InstanceNotFoundError(name, known)
        return instance

    def start(
        self, instance: Instance, *, patience: float = PATIENCE, on_line: Callable[[str], None] | None = None
    ) -> Look:
        """Start an instance and wait until it answers; one that runs already as it is wanted is left alone.

        Args:
            instance: how it is to run.
            patience: so many seconds it may take until it answers.
            on_line: gets each line that it says meanwhile.

        Raises:
            InvalidParameterError: it cannot be meant; InvalidRequestError for several reasons.
            ComfyUIFolderError: there is no ComfyUI in its folder.
            PortInUseError: somebody else listens there.
            AlreadyRunningError: it runs, and not as it is wanted.
            StartFailedError: it ended, or does not answer; nothing is left running.
            ContainerError: Docker refused.
        """
        check_instance(instance)
        self._check_others(instance)
        self._check_kind(instance)
        carrier = self._carrier(_settled(instance))
        carrier.start(patience=patience, on_line=on_line or _ignore)
        return carrier.look()

    def restart(
        self, instance: Instance, *, patience: float = PATIENCE, on_line: Callable[[str], None] | None = None
    ) -> Look:
        """Stop it if it runs, and start it as ``instance`` says; raises what ``start`` and ``stop`` do.

        What is wrong with the new one is told before the old one is stopped.
        """
        check_instance(instance)
        self._check_others(instance)
        if instance.container:
            self._docker.look(instance.container)
        else:
            find_comfyui(instance.directory, instance.python)
        with suppress(InstanceNotFoundError, NotRunningError):
            if self.instance(instance.name).may_share(instance):
                check_port(instance)  # else it is its own port, and free when it has ended
            self.stop(instance.name)
        return self.start(instance, patience=patience, on_line=on_line)

    def stop(self, name: str, *, patience: float = 20.0) -> None:
        """End it, with all that it started; after ``patience`` seconds it is killed.

        Raises:
            InstanceNotFoundError: it was never started.
            NotRunningError: it does not run; says so too where its number is another process's now.
            StopFailedError: it may not be ended.
            ContainerError: Docker refused.
        """
        self._carrier(self.instance(name)).stop(patience)

    def reserve(self, choose: Callable[[], Instance]) -> Instance:
        """Return the instance that ``choose`` does, while nobody else chooses; a new one has its port from then on.

        Raises:
            InvalidParameterError: it cannot be meant; InvalidRequestError for several reasons.
            ComfyUIFolderError: there is no ComfyUI in its folder.
            PortInUseError: somebody listens at its port.
        """
        with lock.turn(self._root / ".choosing.lock"):
            instance = choose()
            if instance.container or instance.name in self.names():
                return instance
            check_instance(instance)
            self._check_others(instance)
            find_comfyui(instance.directory, instance.python)
            check_port(instance)
            write_instance(self._root / instance.name, _settled(instance))
            return instance

    def forget(self, name: str) -> None:
        """Delete what is kept of an instance: how it was started, its log, and its own files.

        Raises:
            InstanceNotFoundError: it was never started.
            StillRunningError: it runs.
            OutputPathError: its folder cannot be deleted.
        """
        folder = self._root / self.instance(name).name
        gone = folder.with_name(f".{name}.gone")
        with turn(folder):
            self.check_stopped(name)
            try:
                shutil.rmtree(gone, ignore_errors=True)  # of an earlier time, which was broken off
                folder.rename(gone)  # so that nobody takes it for one that is whole
                shutil.rmtree(gone)
            except OSError as error:
                raise OutputPathError(folder, error.strerror or str(error)) from error

    def check_stopped(self, name: str) -> None:
        """Make sure that an instance does not run; raises InstanceNotFoundError, or StillRunningError."""
        look = self.look(name)
        handle = lock.take(self._root / name / LOCK)
        if look.is_running or handle is None:
            raise StillRunningError(name, look.instance.url)
        os.close(handle)

    def own_files(self, name: str) -> list[Path]:
        """Return the pictures and the saved workflows that lie in an instance's own folder.

        Raises:
            InstanceNotFoundError: it was never started.
        """
        folder = self._root / self.instance(name).name
        found = [*folder.glob("output/**/*"), *folder.glob("user/*/workflows/**/*")]
        return [file for file in found if file.is_file()]

    def look(self, name: str) -> Look:
        """Return how it is; raises InstanceNotFoundError."""
        return self._carrier(self.instance(name)).look()

    def log_files(self, name: str) -> list[Path]:
        """Return the files of its log, the newest first; none for a container. Raises InstanceNotFoundError."""
        return log.log_files(self._root / self.instance(name).name)

    def tail(self, name: str, lines: int) -> list[str]:
        """Return the last lines that it said; raises InstanceNotFoundError, or ContainerError."""
        return self._carrier(self.instance(name)).tail(lines)

    def follow(self, name: str, lines: int = 0) -> Iterator[str]:
        """Return the last lines that it said, and then what it says, for ever; raises what ``tail`` does."""
        return self._carrier(self.instance(name)).follow(lines)

    def _check_others(self, instance: Instance) -> None:
        """Make sure that none of the others has its port, nor will when it is started again.

        Raises:
            PortInUseError: one has.
        """
        others = (self.instance(name) for name in self.names() if name != instance.name)
        for other in others:
            if not other.may_share(instance) and self.look(other.name).is_running:
                advice = (
                    f"give it another: comfygen service restart --instance {other.name} --port N; or end it: comfygen"
                    f" service stop --instance {other.name}; or start this one elsewhere with --port."
                )
                raise PortInUseError(instance.host, instance.port, f"the instance {other.name!r} has it", advice)

    def _check_kind(self, instance: Instance) -> None:
        """Make sure that it is no other container, or none at all, that runs under its name: nobody would end it.

        Raises:
            AlreadyRunningError: it is.
        """
        last = read_instance(self._root / instance.name)
        if last and last.container != instance.container and self.look(last.name).is_running:
            raise AlreadyRunningError(last.name, last.url, last.differences(instance))

    def _carrier(self, instance: Instance) -> Kept | Contained:
        folder = self._root / instance.name
        if instance.container:
            return Contained(folder, instance, self._docker)
        return Kept(folder, instance, self._secrets)


def _settled(instance: Instance) -> Instance:
    """Return an instance whose paths mean the same wherever it is read."""
    python = None if instance.python is None else absolute(instance.python)
    return replace(instance, directory=absolute(instance.directory), python=python)


def _ignore(_: str) -> None:
    """Hear what nobody wants to hear."""
