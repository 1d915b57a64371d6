"""An HTTP server of one file that does wrong on purpose: as it is told, one fault a request, and then it is good.

It writes its answers byte by byte, for a proper server would not let itself be made to lie.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_REASON = "As told"


@dataclass(frozen=True)
class BreakOff:
    """The connection ends after so many bytes of the body."""

    after: int = 0


@dataclass(frozen=True)
class Hang:
    """Nothing more comes after so many bytes of the body."""

    after: int = 0


@dataclass(frozen=True)
class Cancel:
    """Whoever fetches is told to stop, after so many bytes of the body."""

    after: int = 0


@dataclass(frozen=True)
class Status:
    """Another answer than the file."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Change:
    """The file is another from now on."""

    content: bytes


@dataclass(frozen=True)
class IgnoreRange:
    """All of it, though a part was asked for."""


@dataclass(frozen=True)
class WrongRange:
    """Another part than the one that was asked for."""


@dataclass(frozen=True)
class Longer:
    """A few bytes more than the file has, announced as if they were of it."""


@dataclass(frozen=True)
class Shorter:
    """A few bytes fewer, announced as if that were all."""


@dataclass(frozen=True)
class WrongBytes:
    """As many bytes as there are, and not the right ones."""


@dataclass(frozen=True)
class Garbage:
    """Something that is no HTTP."""


@dataclass(frozen=True)
class Packed:
    """Said to be packed, though it was asked for as it is."""


Fault = (
    BreakOff
    | Hang
    | Cancel
    | Status
    | Change
    | IgnoreRange
    | WrongRange
    | Longer
    | Shorter
    | WrongBytes
    | Garbage
    | Packed
)


@dataclass
class BadServer:
    """What it serves, what it does wrong, and what it was asked."""

    content: bytes = b""
    faults: list[Fault] = field(default_factory=list)
    has_ranges: bool = True
    heeds_if_range: bool = True
    has_etag: bool = True
    has_modified: bool = False
    has_length: bool = True
    is_chunked: bool = False
    content_type: str = "application/octet-stream"
    routes: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Redirects, by path: the status, and where to."""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Paths and headers, their names in lower case."""
    versions: list[bytes] = field(default_factory=list)
    """All that was ever the file."""
    on_cancel: Callable[[], object] = lambda: None
    before_answer: Callable[[], Awaitable[object]] | None = None
    url: str = ""

    @property
    def ranges(self) -> list[str]:
        """Which parts were asked for; the byte that is asked for to learn what there is left out."""
        asked = [headers.get("range", "all") for _, headers in self.requests]
        return [one for one in asked if one != "bytes=0-0"]

    async def answer(self, path: str, headers: dict[str, str]) -> tuple[bytes, bytes, Fault | None]:
        """Return the head and the body of an answer, and how its sending goes wrong."""
        self.requests.append((path, headers))
        if self.before_answer:
            await self.before_answer()
        if path in self.routes:
            status, location = self.routes[path]
            return _head(status, [("Location", location), ("Content-Length", "0")]), b"", None
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Change):
            self.content = fault.content
        if self.content not in self.versions:
            self.versions.append(self.content)
        if isinstance(fault, Status):
            return _head(fault.status, [*fault.headers, ("Date", _date(0)), ("Content-Length", "0")]), b"", None
        if isinstance(fault, Garbage):
            return b"what?\r\n\r\n", b"", fault
        head, body = self._file(headers, fault)
        return head, body, fault

    def _file(self, headers: dict[str, str], fault: Fault | None) -> tuple[bytes, bytes]:
        asked = headers.get("range", "") if self.has_ranges and not isinstance(fault, IgnoreRange) else ""
        if self.heeds_if_range and headers.get("if-range", self._validator()) != self._validator():
            asked = ""
        start, end = 0, len(self.content)
        if asked:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last) + 1, end)
            if start >= end:
                return _head(416, [("Content-Range", f"bytes */{len(self.content)}"), ("Content-Length", "0")]), b""
        body = _spoilt(self.content[start:end], fault)
        said = [("Content-Type", self.content_type), ("Date", _date(0)), *self._versions()]
        if asked:
            start += isinstance(fault, WrongRange)
            said.append(("Content-Range", f"bytes {start}-{end - 1}/{len(self.content)}"))
        if isinstance(fault, Packed):
            said.append(("Content-Encoding", "gzip"))
        if self.is_chunked:
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
            said.append(("Transfer-Encoding", "chunked"))
        elif self.has_length:
            said.append(("Content-Length", str(len(body))))
        return _head(206 if asked else 200, said), body

    def _versions(self) -> list[tuple[str, str]]:
        etag = [("ETag", self._etag())] if self.has_etag else []
        return etag + ([("Last-Modified", self._modified())] if self.has_modified else [])

    def _validator(self) -> str:
        return self._etag() if self.has_etag else self._modified()

    def _etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'

    def _modified(self) -> str:
        return _date(-3600 - int(hashlib.sha256(self.content).hexdigest()[:6], 16))


def _spoilt(body: bytes, fault: Fault | None) -> bytes:
    match fault:
        case Longer():
            return body + b"more"
        case Shorter():
            return body[:-1]
        case WrongBytes():
            return bytes(byte ^ 0xFF for byte in body)
        case _:
            return body


def _date(seconds: int) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


def _head(status: int, headers: Sequence[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASON}", "Connection: close", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode()


async def _serve(server: BadServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        path = request[0].split()[1]
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in request[1:] if one)}
        head, body, fault = await server.answer(path, headers)
        cut = fault.after if isinstance(fault, BreakOff | Hang | Cancel) else len(body)
        writer.write(head + body[:cut])
        await writer.drain()
        if isinstance(fault, Cancel):
            server.on_cancel()
        if isinstance(fault, Hang | Cancel):
            await reader.read()  # until the other side has had enough
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # whoever asked is gone
    finally:
        writer.close()


@asynccontextmanager
async def bad_server(content: bytes = b"", *faults: Fault, **traits: object) -> AsyncGenerator[BadServer]:
    """Serve a file at ``server.url`` until the block ends."""
    server = BadServer(content, list(faults), **traits)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await _serve(server, reader, writer)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/file"
    try:
        yield server
    finally:
        listening.close()
        if tasks:
            await asyncio.wait(tasks, timeout=5)
