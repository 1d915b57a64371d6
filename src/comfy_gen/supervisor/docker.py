"""A ComfyUI in a Docker container that somebody made: started, stopped and looked at by its name.

It goes through the ``docker`` program, so that who may do what is decided where it always is. It makes no container.
"""

from __future__ import annotations

import json
import subprocess
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import ContainerError
from comfy_gen.supervisor.log import clean
from comfy_gen.supervisor.program import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.supervisor.program import Ended

PATIENCE = 30.0
"""Seconds in which Docker answers."""
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Container:
    """A container as Docker tells of it."""

    name: str
    id: str
    image: str
    status: str
    """created, running, paused, restarting, exited or dead."""
    is_running: bool
    pid: int | None
    """On a machine whose processes Docker shares; in another (Docker Desktop's) it says nothing here."""
    started: str
    """RFC 3339; empty: never."""
    exit_code: int | None
    """None while it runs."""
    restarts: int
    is_killed_for_memory: bool
    ports: tuple[int, ...]
    """Of this machine, that lead into it."""


class Docker:
    """What can be done with containers."""

    def __init__(self, program: str = "docker") -> None:
        self._program = program

    def start(self, container: str) -> None:
        """Start a container; one that runs goes on.

        Raises:
            ContainerError: there is none, or Docker cannot.
        """
        self._ask(container, "start")

    def stop(self, container: str, *, patience: float = 20.0) -> None:
        """Have a container end, and kill it after ``patience`` seconds; one that does not run stays so.

        Raises:
            ContainerError: there is none, or Docker cannot.
        """
        self._ask(container, "stop", f"-t={patience:.0f}", timeout=PATIENCE + patience)

    def look(self, container: str) -> Container:
        """Return how a container is.

        Raises:
            ContainerError: there is none, or Docker does not answer.
        """
        answer = self._ask(container, "inspect", "--type=container")
        try:
            return parse_container(json.loads(answer.said)[0])
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ContainerError(container, f"Docker's answer cannot be read: {error}") from error

    def logs(self, container: str, lines: int = 50) -> list[str]:
        """Return the last lines that it said.

        Raises:
            ContainerError: there is none, or Docker does not answer.
        """
        return list(deque(self._log_lines(container, f"--tail={lines}"), maxlen=lines))

    def follow(self, container: str, lines: int = 0) -> Iterator[str]:
        """Yield the last lines that it said, and then what it says until it ends.

        Raises:
            ContainerError: there is none, or Docker does not answer.
        """
        yield from self._log_lines(container, "--follow", f"--tail={lines}")

    def _ask(self, container: str, *command: str, timeout: float = PATIENCE) -> Ended:
        """Ask Docker, and have its refusal be ours."""
        try:
            answer = run([self._program, *command, "--", container], timeout=timeout)
        except OSError as error:
            raise ContainerError(container, _no_program(error)) from error
        except subprocess.TimeoutExpired as error:
            raise ContainerError(container, f"Docker did not answer within {timeout:g} s") from error
        if not answer.is_well:
            raise ContainerError(container, refusal(answer))
        return answer

    def _log_lines(self, container: str, *options: str) -> Iterator[str]:
        """Yield what it said on both of its streams, in their order; ``docker logs`` keeps them apart."""
        command = [self._program, "logs", *options, "--", container]
        try:
            asked = subprocess.Popen(  # noqa: S603  # no shell reads the name
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise ContainerError(container, _no_program(error)) from error
        last = b""
        with asked:
            try:
                for last in asked.stdout or ():
                    yield clean(last.rstrip(b"\n"))
            finally:
                asked.terminate()  # whoever reads may have had enough
        if asked.returncode > 0:
            raise ContainerError(container, _plain(clean(last)) or f"docker logs ended with {asked.returncode}")


def parse_container(told: Mapping[str, Any]) -> Container:
    """Return a container from ``docker inspect``'s answer. Pure."""
    state: Mapping[str, Any] = told["State"]
    config: Mapping[str, Any] = told.get("Config") or _NOTHING
    is_running = bool(state["Running"])
    started = str(state.get("StartedAt") or "")
    return Container(
        name=str(told["Name"]).removeprefix("/"),
        id=str(told["Id"])[:12],
        image=str(config.get("Image") or ""),
        status=str(state["Status"]),
        is_running=is_running,
        pid=state.get("Pid") or None,
        started="" if started.startswith("0001-") else started,
        exit_code=None if is_running else state.get("ExitCode"),
        restarts=int(told.get("RestartCount") or 0),
        is_killed_for_memory=bool(state.get("OOMKilled")),
        ports=_ports(told.get("NetworkSettings") or _NOTHING, "Ports")
        or _ports(told.get("HostConfig") or _NOTHING, "PortBindings"),  # where it does not run, those that it will have
    )


def _ports(told: Mapping[str, Any], key: str) -> tuple[int, ...]:
    """Return the ports of this machine that lead into a container; each may be told twice, for IPv4 and IPv6."""
    ports: Mapping[str, list[dict[str, str]] | None] = told.get(key) or _NOTHING
    found = {one.get("HostPort") or "" for many in ports.values() for one in many or ()}
    return tuple(sorted(int(port) for port in found if port.isdecimal()))


def refusal(answer: Ended) -> str:
    """Return why Docker refused, as a person would say it. Pure."""
    said = _plain(answer.errors or answer.said)
    lowered = said.lower()
    if "no such container" in lowered or "no such object" in lowered:
        return "there is none of this name"
    if "permission denied" in lowered:
        return "this user may not ask Docker (who may is in the group docker)"
    if "cannot connect to the docker daemon" in lowered:
        return "Docker's service does not run, or is not where DOCKER_HOST says"
    return said or f"docker ended with {answer.code}"


def _plain(said: str) -> str:
    return " ".join(said.removeprefix("Error response from daemon:").split())


def _no_program(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no docker program here"
    return f"the docker program cannot be run: {error.strerror or error}"
