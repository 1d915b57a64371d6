"""Finds the port of a ComfyUI for which nobody named one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.cli.service.wish import FIRST_PORT
from comfy_gen.errors import PortInUseError
from comfy_gen.supervisor.docker import Docker
from comfy_gen.supervisor.port import is_free

if TYPE_CHECKING:
    from collections.abc import Collection

TRIED = 100


def free_port(host: str, taken: Collection[int]) -> int:
    """Return the first port from ComfyUI's own upwards that nobody listens on, and that no other instance has.

    Raises:
        PortInUseError: there is none near.
    """
    ports = range(FIRST_PORT, FIRST_PORT + TRIED)
    found = next((port for port in ports if port not in taken and is_free(host, port)), None)
    if found is None:
        raise PortInUseError(host, FIRST_PORT, f"nor on any of the {TRIED - 1} after it")
    return found


def published_port(container: str) -> int | None:
    """Return the port of this machine that leads into a container, ComfyUI's own if several do; None if none does.

    Raises:
        ContainerError: there is no such container, or Docker does not answer.
    """
    ports = Docker().look(container).ports
    return FIRST_PORT if FIRST_PORT in ports else next(iter(ports), None)
