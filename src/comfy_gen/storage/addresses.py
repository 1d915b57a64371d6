"""Has a client of boto3 connect to public addresses only: to the very ones that were looked at."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from comfy_gen.guard import is_public

MOST_ADDRESSES = 3
"""Of one name: each is waited for in vain for seconds."""


def keep_public(client: Any) -> None:
    """Have a client's connections refuse addresses of this machine and its networks."""
    from botocore.awsrequest import (  # noqa: PLC0415  # an extra
        AWSHTTPConnection,
        AWSHTTPConnectionPool,
        AWSHTTPSConnection,
        AWSHTTPSConnectionPool,
    )

    plain = type("GuardedPool", (AWSHTTPConnectionPool,), {"ConnectionCls": _guarded(AWSHTTPConnection)})
    secure = type("GuardedSecurePool", (AWSHTTPSConnectionPool,), {"ConnectionCls": _guarded(AWSHTTPSConnection)})
    # boto3 has no door for this. Where a later one keeps its pools elsewhere this raises, and nothing is sent.
    client._endpoint.http_session._manager.pool_classes_by_scheme = {"http": plain, "https": secure}  # noqa: SLF001


def public_addresses(host: str, port: int) -> list[str]:
    """Return the public addresses that a name stands for; blocks, and raises OSError where there is none."""
    found = [str(place[4][0]) for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    allowed = [address for address in dict.fromkeys(found) if is_public(address)]
    if not allowed:
        raise OSError(f"{host} has no public address")
    return allowed


def _guarded(connection: Any) -> type[Any]:
    """Return a kind of urllib3's connections that resolves names itself."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415  # an extra

    def connect(self: Any) -> socket.socket:
        name = self.host
        try:
            *others, last = public_addresses(name, self.port)[:MOST_ADDRESSES]
            for address in others:
                self.host = address
                with suppress(OSError, HTTPError):
                    return connection._new_conn(self)  # noqa: SLF001  # what a subclass overrides
            self.host = last
            return connection._new_conn(self)  # noqa: SLF001
        finally:
            self.host = name  # the certificate and the headers go by it

    return type(f"Guarded{connection.__name__}", (connection,), {"_new_conn": connect})
