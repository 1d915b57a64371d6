"""Whether a port is free, and whether a ComfyUI answers there."""

from __future__ import annotations

import errno
import http.client
import json
import os
import socket
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.errors import PortInUseError

if TYPE_CHECKING:
    from comfy_gen.supervisor.instance import Instance

_PATIENCE = 2.0
_MOST = 1_000_000
"""Bytes of an answer that are read: it may be anybody's."""


def check_port(instance: Instance) -> None:
    """Make sure that an instance can listen where it is to.

    Raises:
        PortInUseError: somebody listens there, it is no address of this machine, or this user may not.
    """
    problem = refusal(instance.host, instance.port)
    if problem == errno.EADDRINUSE:
        what = "a ComfyUI that was not started here" if answers(instance) else "another program"
        raise PortInUseError(instance.host, instance.port, f"{what} listens there")
    if problem:
        raise PortInUseError(instance.host, instance.port, os.strerror(problem).lower())


def refusal(host: str, port: int) -> int:
    """Return the number of the error with which the system refuses a server its place; 0 if it does not."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):  # the latter for what cannot be a name
        return errno.EADDRNOTAVAIL
    with socket.socket(family, kind, protocol) as listener:
        # As ComfyUI's own server does, so that connections which are about to be forgotten are in nobody's way.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            return error.errno or errno.EADDRINUSE
    return 0


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there now."""
    return not refusal(host, port)


def answers(instance: Instance) -> bool:
    """Tell whether a ComfyUI answers where an instance is to."""
    # Not urllib: it would ask a proxy that the environment names, and follow wherever it is sent.
    connection = http.client.HTTPConnection(instance.reachable_host, instance.port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/system_stats")
        answer = connection.getresponse()
        return answer.status == 200 and _is_comfyui(json.loads(answer.read(_MOST)))
    except (OSError, http.client.HTTPException, ValueError, RecursionError):  # whatever a stranger sends
        return False
    finally:
        connection.close()


def _is_comfyui(said: object) -> bool:
    if not isinstance(said, dict):
        return False
    stats = cast("dict[str, Any]", said)
    return isinstance(stats.get("system"), dict) and isinstance(stats.get("devices"), list)
