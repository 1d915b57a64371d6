"""Signs webhooks as Standard Webhooks has it, so that a receiver knows who sent them, and when. Pure."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from standardwebhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import Sequence


class Signer:
    """Signs with one secret, or with several: while receivers change over from an old one, both are good."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._webhooks = [Webhook(secret) for secret in secrets]

    def sign(self, delivery_id: str, body: bytes, *, now: float) -> str:
        """Return the header ``webhook-signature``: a signature by each secret, separated by blanks."""
        at, text = dt.datetime.fromtimestamp(int(now), dt.UTC), body.decode()
        return " ".join(one.sign(delivery_id, at, text) for one in self._webhooks)
