"""The SHA-256 of files that may be larger than memory."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BLOCK = 16 * 2**20
"""Read and hashed at a time: between two blocks the caller is told, or has cancelled."""


async def sha256_of(path: Path, on_bytes: Callable[[int], None] = lambda _: None) -> str:
    """Return a file's SHA-256 in lower case, read in a thread; raises OSError.

    ``on_bytes`` is told how many bytes are done.
    """
    digest = hashlib.sha256()
    with await asyncio.to_thread(path.open, "rb") as file:
        while block := await asyncio.to_thread(file.read, _BLOCK):
            await asyncio.to_thread(digest.update, block)
            on_bytes(file.tell())
    return digest.hexdigest()
