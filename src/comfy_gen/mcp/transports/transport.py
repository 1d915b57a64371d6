"""What all ways to a service have in common: a request goes in, and a reply comes out piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from contextlib import AbstractAsyncContextManager


class Reply(Protocol):
    """An answer whose body is still on its way. Good as long as it is open."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, found by their names in any case."""
        ...

    def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it comes; raises ServiceUnreachableError where it breaks off."""
        ...

    async def read(self) -> bytes:
        """Return the whole body; raises ServiceUnreachableError where it breaks off."""
        ...


class Transport(Protocol):
    """A way to one service."""

    @property
    def url(self) -> str:
        """Where the service is, for people."""
        ...

    def open(
        self, method: str, target: str, *, headers: Mapping[str, str], content: bytes = b""
    ) -> AbstractAsyncContextManager[Reply]:
        """Send a request, and give the reply once it has begun.

        Args:
            method: ``GET``, ``POST`` …
            target: The path from the service's root on, quoted, with its query.
            headers: What else is said.
            content: The body.

        Raises:
            ServiceUnreachableError: nobody answers.
        """
        ...

    async def close(self) -> None:
        """Let go of the way; requests that are open end."""
        ...
