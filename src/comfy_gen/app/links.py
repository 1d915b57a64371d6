"""Links to artifacts that carry their own permission: who has one needs no key, until it expires."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from itsdangerous import BadSignature, TimestampSigner

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 256
"""Characters of a token that are looked at."""


class Links:
    """Makes and checks links. All processes with the same secret accept each other's."""

    def __init__(
        self, secret: str, base_url: str = "", lifetime: float = 86_400, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._signer = _Signer(secret, clock)
        self._base = base_url.rstrip("/")
        self._lifetime = lifetime

    def sign(self, artifact_id: str) -> str:
        """Return a link that is good from now on for as long as links are: with the base URL, or as a path."""
        token = self._signer.sign(artifact_id).decode()[len(artifact_id) + 1 :]
        return f"{self._base}/artifacts/{quote(artifact_id, safe='')}?token={token}"

    def check(self, artifact_id: str, token: str) -> bool:
        """Tell whether a token is one of ours, for this artifact, and still good."""
        if len(token) > _LONGEST or not token.isascii():
            return False
        try:
            self._signer.unsign(f"{artifact_id}.{token}".encode("utf-8", "replace"), max_age=int(self._lifetime))
        except BadSignature:
            return False
        return True


class _Signer(TimestampSigner):
    """Signs with SHA-256, by a clock that a test can set."""

    def __init__(self, secret: str, clock: Callable[[], float]) -> None:
        super().__init__(secret, salt="comfygen artifact link", key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        """Return the time in whole seconds."""
        return int(self._clock())
