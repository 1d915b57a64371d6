"""One instance whose ComfyUI is a Docker container, which starts it again as it was made to."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from comfy_gen.errors import ContainerError, NotRunningError, StartFailedError
from comfy_gen.supervisor.port import answers, check_port
from comfy_gen.supervisor.state import Look, is_wanted, mark_wanted, unmark_wanted, write_instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from comfy_gen.supervisor.docker import Container, Docker
    from comfy_gen.supervisor.instance import Instance
    from comfy_gen.supervisor.state import Phase

_LOOK = 0.5
_SHOWN = 20


class Contained:
    """An instance, and the container that it is."""

    def __init__(self, folder: Path, instance: Instance, docker: Docker) -> None:
        self._folder = folder
        self._instance = instance
        self._docker = docker

    def start(self, *, patience: float, on_line: Callable[[str], None]) -> None:
        """Start it and wait until it answers; if it runs, only wait."""
        was_running = self._container().is_running
        if not was_running:
            check_port(self._instance)
            unmark_wanted(self._folder)
        write_instance(self._folder, self._instance)
        if not was_running:
            self._docker.start(self._instance.container)
        on_line(f"the container {self._instance.container} is started")
        try:
            self._wait(patience)
        except BaseException:  # also Ctrl-C: what was begun here and not brought to its end is not left running
            if not was_running:
                self._docker.stop(self._instance.container)
            raise
        mark_wanted(self._folder)

    def stop(self, patience: float) -> None:
        """End it."""
        container = self._container()
        unmark_wanted(self._folder)
        if not container.is_running:
            raise NotRunningError(self._instance.name, _reason(container))
        self._docker.stop(self._instance.container, patience=patience)

    def look(self) -> Look:
        """Return how it is. One that Docker tells nothing of does not run, as far as anybody knows."""
        try:
            container = self._container()
        except ContainerError as error:
            return Look(self._instance, "ended", reason=error.message, is_wanted=is_wanted(self._folder))
        return Look(
            self._instance,
            _phase(container),
            pid=container.pid,
            since=_seconds(container.started) if container.is_running else None,
            restarts=container.restarts,
            reason="" if container.is_running else _reason(container),
            is_wanted=is_wanted(self._folder),
        )

    def tail(self, lines: int) -> list[str]:
        """Return the last lines that it said."""
        return self._docker.logs(self._instance.container, lines)

    def follow(self, lines: int) -> Iterator[str]:
        """Yield the last lines that it said, and what comes until it ends."""
        return self._docker.follow(self._instance.container, lines)

    def _container(self) -> Container:
        return self._docker.look(self._instance.container)

    def _wait(self, patience: float) -> None:
        """Wait until it answers.

        Raises:
            StartFailedError: it ended, or takes too long.
        """
        deadline = time.monotonic() + patience
        while not answers(self._instance):
            container = self._container()
            if not container.is_running:
                raise self._failure(_reason(container))
            if time.monotonic() > deadline:
                raise self._failure(_silence(container, self._instance, patience))
            time.sleep(_LOOK)

    def _failure(self, reason: str) -> StartFailedError:
        name = self._instance.container
        return StartFailedError(self._instance.name, reason, f"docker logs {name}", self._docker.logs(name, _SHOWN))


def _phase(container: Container) -> Phase:
    if container.status == "restarting":
        return "waiting"
    return "running" if container.is_running else "ended"


def _reason(container: Container) -> str:
    if container.is_killed_for_memory:
        return "it was killed, for it took more memory than it may"
    return f"the container is {container.status}, with status {container.exit_code}"


def _silence(container: Container, instance: Instance, patience: float) -> str:
    """Return why a container that runs may not answer."""
    if container.status == "paused":
        return f"it is paused; this has it go on: docker unpause {container.name}"
    if container.ports and instance.port not in container.ports:
        ports = ", ".join(map(str, container.ports))
        return f"it does not answer at {instance.url}; of this machine's ports, {ports} lead into it"
    return f"it did not answer at {instance.url} within {patience:g} s"


def _seconds(moment: str) -> float | None:
    """Return a moment of Docker's by the clock of the wall, in seconds."""
    return datetime.fromisoformat(moment).timestamp() if moment else None
