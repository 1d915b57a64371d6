"""Ports for servers that are told theirs. Of the standard library only."""

from __future__ import annotations

import contextlib
import random
import socket


def free_port() -> int:
    """Return a port that nobody listens at: none that the system gives to whoever connects while a server starts."""
    for port in random.SystemRandom().sample(range(10_000, 30_000), 100):
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("a hundred ports were taken")
