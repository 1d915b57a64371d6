"""What every cache can do."""

from __future__ import annotations

from typing import Protocol


class Cache(Protocol):
    """Keeps bytes for a while, or does not: nobody may rely on finding them again. Its methods raise nothing."""

    async def get(self, key: str) -> bytes | None:
        """Return what was put there; None if it is gone, has expired or never was."""
        ...

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep something for at most so long, in the place of what was there."""
        ...

    async def drop(self, key: str) -> None:
        """Forget it."""
        ...

    async def close(self) -> None:
        """Let go of whatever this holds."""
        ...
