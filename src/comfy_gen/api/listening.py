"""Where the service listens, and how: before a server starts, so that what is wrong is told in one line."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from comfy_gen.api.patience import PatientProtocol
from comfy_gen.errors import InvalidParameterError, PortInUseError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from comfy_gen.config import Settings

BACKLOG = 2048
FAREWELL = 10
"""Seconds that requests get to end when the service stops; streams are told at once."""
KEEP_ALIVE = 30
"""Seconds that an idle connection is kept: more than most proxies keep theirs to us would be better, but costs."""

HOW: Mapping[str, Any] = {
    "http": PatientProtocol,
    "log_config": None,  # the application sets up the log, in each process
    "access_log": False,
    "server_header": False,
    "ws": "websockets-sansio",
    "ws_max_size": 2**20,  # clients have little to say
    "timeout_keep_alive": KEEP_ALIVE,
    "timeout_graceful_shutdown": FAREWELL,
    "backlog": BACKLOG,
}
"""How uvicorn is to serve."""

_COMFYUI_PORT = "dialects.comfyui_port"
_ANOTHER = (
    "choose another one with --comfyui-port, or stop the program that has it; several processes of this service share "
    "it if API_WORKERS says how many they are."
)


@contextmanager
def listening(host: str, port: int, *, is_shared: bool = False, advice: str = "") -> Generator[socket.socket]:
    """Listen at an address.

    Args:
        host: the name or address.
        port: and the port.
        is_shared: whether other processes of this service listen there, too.
        advice: what to do where something else does.

    Raises:
        PortInUseError: something else listens there.
        InvalidParameterError: the host is none of this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise _wrong_host(host) from error
    family, _, _, _, address = found[0]
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise _wrong_host(host) from error
            raise PortInUseError(host, port, os.strerror(error.errno or 0), advice) from error
        listener.set_inheritable(True)
        yield listener


@contextmanager
def listening_as_comfyui(settings: Settings, *, is_shared: bool = False) -> Generator[socket.socket | None]:
    """Listen at the port that a ComfyUI's own API has for itself; give None if it has none.

    Raises:
        PortInUseError: something else listens there.
        InvalidParameterError: the host is none of this machine, or no two processes can listen at one port here.
    """
    port = settings.dialects.comfyui_port
    if port is None:
        yield None
        return
    if is_shared and not hasattr(socket, "SO_REUSEPORT"):
        wanted = "none where several processes serve: this system lets only one of them have it"
        raise InvalidParameterError(_COMFYUI_PORT, port, wanted)
    with listening(settings.api.host, port, is_shared=is_shared, advice=_ANOTHER) as listener:
        yield listener


def comfyui_address(settings: Settings) -> str | None:
    """Return where a ComfyUI's own API has a port for itself; None if it has none.

    Raises:
        InvalidParameterError: it has one, and is not spoken.
    """
    port = settings.dialects.comfyui_port
    if port is not None and "comfyui" not in settings.dialects.enabled:
        raise InvalidParameterError(_COMFYUI_PORT, port, "none where comfyui is not among the dialects.enabled")
    return None if port is None else replace(settings.api, port=port).address


def _wrong_host(host: str) -> InvalidParameterError:
    advice = "127.0.0.1 is for programs on this machine, 0.0.0.0 for others too."
    return InvalidParameterError("host", host, "a name or address of this machine to listen on", advice)
