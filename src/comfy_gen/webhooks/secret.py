"""Reads the secrets that sign webhooks. Pure, and apart: whoever only reads settings need not load what signs."""

from __future__ import annotations

import base64
import binascii

PREFIX = "whsec_"
SIZES = range(24, 65)
"""Bytes that a secret has, by the standard."""
EXPECTED = f"{PREFIX} and {SIZES[0]} to {SIZES[-1]} random bytes in base64, or several of these separated by blanks"
"""What a secret must be, to follow "must be"."""


def read_secrets(said: str) -> list[bytes]:
    """Return the secrets in a text.

    Raises:
        ValueError: one of them is none; the error does not repeat it.
    """
    return [_read(one) for one in said.split()]


def _read(said: str) -> bytes:
    bare = said.removeprefix(PREFIX)
    try:
        secret = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(EXPECTED) from None
    if bare == said or len(secret) not in SIZES:
        raise ValueError(EXPECTED)
    return secret
