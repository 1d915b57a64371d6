"""What a key of the HTTP service looks like, and how it is recognised. Pure but for the chance it is made of.

Its text is ``cg_<id>_<secret>``. The secret has 256 random bits, so that a plain SHA-256 of it is safe to keep: nobody
can try them all, and a hash made to be slow would only make every request slow.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from comfy_gen.composition.tier import Tier

PREFIX = "cg"
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without letters that people take for others."""
_TEXT = re.compile(rf"{PREFIX}_([{_ALPHABET}]{{8}})_([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without the secret."""

    key_id: str
    name: str
    owner: str
    """Whose jobs it sees."""
    scopes: frozenset[str]
    created: float
    digest: str = field(repr=False)
    """The SHA-256 of its secret."""
    rate: str = ""
    """Such as ``600/minute``; empty: as the settings say."""
    max_waiting: int | None = None
    revoked: float | None = None
    """When it was; None while it is good."""
    tier: Tier = Tier.GENERAL
    """The highest that it may ask for."""

    def matches(self, secret: str) -> bool:
        """Tell whether this is the key's secret, in a time that tells nothing."""
        return hmac.compare_digest(self.digest, digest_of(secret))


def new_id() -> str:
    """Return an id, which is shown and says nothing of the secret."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(8))


def new_secret() -> str:
    """Return a secret that nobody can guess."""
    return secrets.token_urlsafe(32)


def text_of(key_id: str, secret: str) -> str:
    """Return a key as it is handed out."""
    return f"{PREFIX}_{key_id}_{secret}"


def parse(text: str) -> tuple[str, str] | None:
    """Return the id and the secret; None if this cannot be a key."""
    found = _TEXT.fullmatch(text)
    return found and (found[1], found[2])


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
