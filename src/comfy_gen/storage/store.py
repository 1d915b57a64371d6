"""What every store of finished files does, wherever it keeps them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MAX_KEY = 200
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored."""

    size: int
    sha256: str


class ArtifactStore(Protocol):
    """Keeps files by key: words of ASCII letters, digits, points and dashes, with slashes between them."""

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, is_durable: bool = True) -> Stored:
        """Store a file, whole or not at all, in place of one that has the key; once this returns it is safe.

        What is not durable, for it can be made again, may be gone after a loss of power. What ``chunks`` raises is
        raised, but an OSError, which is taken for one of the store.

        Raises:
            InvalidParameterError: the key is none.
            StorageError: it cannot be stored.
        """
        ...

    def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Yield a file piece by piece, from byte ``start`` to before ``stop``.

        Raises:
            ArtifactGoneError: there is no such file (any more).
            StorageError: it cannot be read.
        """
        ...

    async def exists(self, key: str) -> bool:
        """Tell whether there is such a file."""
        ...

    async def delete(self, key: str) -> None:
        """Forget a file; one that is not there is no error.

        Raises:
            StorageError: it cannot be deleted.
        """
        ...

    async def url(self, key: str, *, seconds: float, filename: str) -> str | None:
        """Return an address where anybody gets the file for so long, under that name; None where there is none.

        Raises:
            InvalidParameterError: the key is none.
            StorageError: it cannot be made.
        """
        ...


def check_key(key: str) -> str:
    """Return a key, once it is known to lead nowhere but into the store.

    Raises:
        InvalidParameterError: it is none.
    """
    if len(key) > MAX_KEY or not _KEY.fullmatch(key):
        raise InvalidParameterError("storage key", key, "words of letters, digits, points and dashes, split by slashes")
    return key
