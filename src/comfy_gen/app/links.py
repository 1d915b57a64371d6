"""Links to artifacts that carry their own permission: who has one needs no key, until it expires."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from comfy_gen.app.signer import Signer

if TYPE_CHECKING:
    from collections.abc import Callable


class Links:
    """Makes and checks links. All processes with the same secret accept each other's."""

    def __init__(
        self, secret: str, base_url: str = "", lifetime: float = 86_400, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._signer = Signer(secret, "comfygen artifact link", clock)
        self._base = base_url.rstrip("/")
        self._lifetime = lifetime

    def sign(self, artifact_id: str) -> str:
        """Return a link that is good from now on for as long as links are: with the base URL, or as a path."""
        return f"{self._base}/artifacts/{quote(artifact_id, safe='')}?token={self.token(artifact_id)}"

    def token(self, artifact_id: str) -> str:
        """Return what makes a link of an address, for as long as links are good."""
        return self._signer.token(artifact_id)

    def check(self, artifact_id: str, token: str) -> bool:
        """Tell whether a token is one of ours, for this artifact, and still good."""
        return self._signer.proves(token, artifact_id, lifetime=self._lifetime)
