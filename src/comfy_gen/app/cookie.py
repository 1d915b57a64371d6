"""Cookies that stand for a key, so that a browser need not keep the key itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from comfy_gen.app.signer import Signer

if TYPE_CHECKING:
    from collections.abc import Callable

LIFETIME = 30 * 86_400
"""Seconds."""


class Cookies:
    """Makes and checks cookies. All processes with the same secret accept each other's.

    A cookie is the key's id and a signature, which is also over the digest of the key's secret: nothing in it helps to
    find the key, and it is good for no other one that might come to have this id.
    """

    def __init__(self, secret: str, lifetime: float = LIFETIME, *, clock: Callable[[], float] = time.time) -> None:
        self._signer = Signer(secret, "comfygen session cookie", clock)
        self._lifetime = lifetime

    def sign(self, key_id: str, digest: str) -> str:
        """Return a cookie for the key with this id and digest."""
        return f"{key_id}.{self._signer.token(f'{key_id}.{digest}')}"

    def check(self, cookie: str, digest: str) -> bool:
        """Tell whether a cookie is one of ours, for a key with this digest, and still good."""
        key_id, _, token = cookie.partition(".")
        return self._signer.proves(token, f"{key_id}.{digest}", lifetime=self._lifetime)


def key_id_of(cookie: str) -> str:
    """Return of which key a cookie says that it is."""
    return cookie.partition(".")[0]
