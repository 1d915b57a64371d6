"""Keeps finished files in a folder of this machine, or of a disk that several share."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import ExitStack, asynccontextmanager
from typing import IO, TYPE_CHECKING, Any, TypeVar

from comfy_gen.atomic import replacing, sync_folder
from comfy_gen.errors import ArtifactGoneError, OutputPathError, StorageError
from comfy_gen.storage.store import Stored, check_key

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

CHUNK = 256 * 1024
SMALL = 4 * 1024 * 1024
"""Bytes: a file up to this size is written at once, a larger one piece by piece."""
LEFTOVER_AGE = 600.0
"""Seconds: what is still being written changes more often, also where another process writes it."""
PARTS = ".parts"
"""The folder of what is not whole yet; no key begins with a point."""

T = TypeVar("T")


class LocalStore:
    """An `ArtifactStore` in a folder; made by `open`. Disks block, so whatever touches them runs in threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parts = root / PARTS

    @classmethod
    async def open(cls, root: Path, *, now: float | None = None) -> LocalStore:
        """Make the folder if it is missing, and sweep out what a killed process left half written.

        Raises:
            StorageError: it cannot be made.
        """
        store = cls(root)
        try:
            await asyncio.to_thread(_prepare, store._parts, time.time() if now is None else now)
        except OSError as error:
            raise store._failure("files", error) from error
        return store

    def path(self, key: str) -> Path:
        """Return where a file lies, or would lie.

        Raises:
            InvalidParameterError: the key is none.
        """
        return self._root / check_key(key)

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, is_durable: bool = True) -> Stored:
        """See `ArtifactStore.put`."""
        path = self.path(key)
        head, is_whole = await _beginning(chunks)
        try:
            if is_whole:  # a thread once, rather than for each step: most pictures are small
                return await asyncio.to_thread(self._put_whole, path, head, is_durable=is_durable)
            return await self._put_stream(path, head, chunks, is_durable=is_durable)
        except (OutputPathError, OSError) as error:
            raise self._failure(key, error) from error

    def _put_whole(self, path: Path, content: bytes, *, is_durable: bool) -> Stored:
        _make_folder(path.parent)
        with replacing(path, folder=self._parts, is_durable=is_durable) as file:
            file.write(content)
        return Stored(len(content), hashlib.sha256(content).hexdigest())

    async def _put_stream(self, path: Path, head: bytes, chunks: AsyncIterator[bytes], *, is_durable: bool) -> Stored:
        digest, size = hashlib.sha256(), 0

        def take(file: IO[bytes], chunk: bytes) -> None:
            file.write(chunk)
            digest.update(chunk)

        await asyncio.to_thread(_make_folder, path.parent)
        async with _in_threads(lambda: replacing(path, folder=self._parts, is_durable=is_durable)) as file:
            async for chunk in _after(head, chunks):
                await asyncio.to_thread(take, file, chunk)
                size += len(chunk)
        return Stored(size, digest.hexdigest())

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """See `ArtifactStore.read`."""
        path = self.path(key)
        try:
            async with _in_threads(lambda: path.open("rb")) as file:
                await asyncio.to_thread(file.seek, start)
                while chunk := await asyncio.to_thread(file.read, _step(start, stop)):
                    start += len(chunk)
                    yield chunk
        except FileNotFoundError as error:
            raise ArtifactGoneError(key) from error
        except OSError as error:
            raise self._failure(key, error, doing="read") from error

    async def exists(self, key: str) -> bool:
        """See `ArtifactStore.exists`."""
        return await asyncio.to_thread(self.path(key).is_file)

    async def delete(self, key: str) -> None:
        """See `ArtifactStore.delete`."""
        path = self.path(key)
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            raise self._failure(key, error, doing="delete") from error

    async def url(self, key: str, *, seconds: float, filename: str) -> None:  # noqa: ARG002  # the shape of the seam
        """See `ArtifactStore.url`; a folder has no addresses, and who serves it makes its own."""
        check_key(key)

    def _failure(self, key: str, error: OutputPathError | OSError, *, doing: str = "store") -> StorageError:
        reason = error.reason if isinstance(error, OutputPathError) else error.strerror or str(error)
        return StorageError(key, reason, f"look at the folder {self._root} and at the room on its disk.", doing)


async def _beginning(chunks: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """Return what comes first, and whether it is all."""
    head = bytearray()
    async for chunk in chunks:
        head += chunk
        if len(head) > SMALL:
            return bytes(head), False
    return bytes(head), True


async def _after(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk


def _prepare(parts: Path, now: float) -> None:
    parts.mkdir(parents=True, exist_ok=True)
    for part in parts.iterdir():
        if now - part.stat().st_mtime > LEFTOVER_AGE:
            part.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    """Make a folder of the store, and each above it, so that they survive a loss of power as the files do."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def _step(start: int, stop: int | None) -> int:
    return CHUNK if stop is None else max(0, min(CHUNK, stop - start))


@asynccontextmanager
async def _in_threads(make: Callable[[], AbstractContextManager[T]]) -> AsyncGenerator[T]:
    """Make, enter and leave a context manager in threads; left properly also where the task is cancelled on the way."""
    stack = ExitStack()
    entering = asyncio.ensure_future(asyncio.to_thread(lambda: stack.enter_context(make())))
    try:
        yield await asyncio.shield(entering)
    except BaseException as error:
        # A task of its own: whoever a framework cancels it cancels again at each await, and the file must be closed.
        leaving = asyncio.ensure_future(_leave(stack, entering, error))
        if not await asyncio.shield(leaving):
            raise
    else:
        await asyncio.shield(asyncio.ensure_future(asyncio.to_thread(stack.close)))


async def _leave(stack: ExitStack, entering: asyncio.Future[Any], error: BaseException) -> bool:
    """Leave what was entered, or is yet to be; return whether the error is to be forgotten."""
    await asyncio.wait([entering])
    return bool(await asyncio.to_thread(stack.__exit__, type(error), error, error.__traceback__))
