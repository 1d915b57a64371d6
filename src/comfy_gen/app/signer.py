"""Signs what this installation hands out and takes back: links to artifacts, cookies of browsers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from itsdangerous import BadSignature, TimestampSigner

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 256
"""Characters of a token that are looked at."""


class Signer(TimestampSigner):
    """Signs with SHA-256, by a clock that a test can set. What is signed is not part of the token."""

    def __init__(self, secret: str, salt: str, clock: Callable[[], float]) -> None:
        """Sign for one purpose, which the salt names: a token for another one is none."""
        super().__init__(secret, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        """Return the time in whole seconds."""
        return int(self._clock())

    def token(self, said: str) -> str:
        """Return what proves later that we said this now."""
        return self.sign(said).decode()[len(said) + 1 :]

    def proves(self, token: str, said: str, *, lifetime: float) -> bool:
        """Tell whether a token is one of ours, for this, and no older than it may be."""
        if len(token) > LONGEST or not token.isascii():
            return False
        try:
            self.unsign(f"{said}.{token}".encode("utf-8", "replace"), max_age=int(lifetime))
        except BadSignature:
            return False
        return True
