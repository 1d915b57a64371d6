"""Lets a command end its own stdin, so that whatever waits for the next line of it goes on to its end.

A thread that reads a pipe cannot be called off: Python would wait for it, and so for somebody's next line, for ever.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 65_536


def valve(descriptor: int) -> Callable[[], None]:
    """Put a valve into what a descriptor reads, and return what closes it, once or often: its readers see the end."""
    source = os.dup(descriptor)
    inlet, outlet = socket.socketpair()
    with outlet:
        os.dup2(outlet.fileno(), descriptor)
    Thread(target=_pass_on, args=(source, inlet), name="stdin", daemon=True).start()

    def close() -> None:
        with suppress(OSError):  # it has ended
            # Not `close`: the thread may be writing, and the descriptor's number would be the next file's.
            inlet.shutdown(socket.SHUT_WR)

    return close


def _pass_on(source: int, inlet: socket.socket) -> None:
    with suppress(OSError), inlet:  # nobody reads any more
        while chunk := os.read(source, CHUNK):
            inlet.sendall(chunk)
