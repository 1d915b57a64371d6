"""How the dialect writes the hash of a content: ``blake3:`` and 64 hexadecimal digits. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comfy_gen.pipeline.artifact import Artifact

_HASH = re.compile(r"blake3:([0-9a-f]{64})")


def hash_of(digest: str) -> str:
    """Return a BLAKE3 as it is told."""
    return f"blake3:{digest}"


def hash_of_output(artifact: Artifact) -> str | None:
    """Return the hash of an output; None of one that an older version of the service has stored."""
    return hash_of(artifact.blake3) if artifact.blake3 else None


def digest_in(text: str) -> str | None:
    """Return the BLAKE3 that a hash is of; None for what is no hash."""
    found = _HASH.fullmatch(text.strip().lower())
    return None if found is None else found[1]
