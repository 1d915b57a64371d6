"""Takes what prompts left off an engine: which files, asked for again where it hesitates, pictures known to open."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, TypeVar, cast

from comfy_gen.errors import CorruptOutputError, EngineError, InputImageError, StorageError
from comfy_gen.pipeline.postprocess import PICTURES
from comfy_gen.pipeline.preprocess import TOO_LARGE, open_picture

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from PIL import Image

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.bodies import FileRef

FETCH_DELAYS = (0.2, 1.0)
"""Seconds before a finished file is asked for again: it is there, and minutes of work are in it."""
IN_MEMORY = 32 * 1024 * 1024
"""Bytes: larger pictures are on the disk while they are looked at."""
MUST_OPEN = PICTURES | {".gif"}
"""What Pillow opens whenever it is whole."""

T = TypeVar("T")


def kept_files(files: Sequence[FileRef], *, with_shown: bool = False) -> list[FileRef]:
    """Return the files that were meant to be kept; those of preview nodes where there are no others, or after them."""
    saved = [file for file in files if file.type == "output"]
    return saved + [file for file in files if file.type != "output"] if with_shown or not saved else saved


async def fetch_whole(client: AsyncComfyUIClient, file: FileRef) -> bytes:
    """Return a file of the engine; a picture must open, for a full disk there leaves half of one.

    Raises:
        CorruptOutputError: it does not.
        EngineError: the engine does not give it, asked three times.
    """
    content = await persistently(lambda: client.get_file(file))
    if must_open(file.filename):
        opened(content, file.filename)
    return content


async def fetch_spooled(client: AsyncComfyUIClient, file: FileRef) -> IO[bytes]:
    """Return a file of the engine, open and at its beginning; a large one does not lie in memory.

    Raises:
        EngineError: the engine does not give it.
        StorageError: it is large, and there is no room for it on the disk.
    """
    spool = cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  # the caller's to close
    try:
        async for chunk in client.stream_file(file):
            if spool.tell() + len(chunk) <= IN_MEMORY:
                spool.write(chunk)
            else:
                await asyncio.to_thread(spool.write, chunk)
        spool.seek(0)
    except OSError as error:
        spool.close()
        advice = f"make room in {tempfile.gettempdir()}, or set TMPDIR to a folder that has some."
        raise StorageError(file.filename, error.strerror or str(error), advice) from error
    except BaseException:
        spool.close()
        raise
    return spool


def must_open(filename: str) -> bool:
    """Tell whether a file is a picture that must open."""
    return PurePosixPath(filename).suffix.lower() in MUST_OPEN


def opened(content: bytes | IO[bytes], filename: str) -> Image.Image | None:
    """Return a picture of the engine, decoded; None for one with more pixels than we decode: it was asked for.

    Raises:
        CorruptOutputError: it does not open.
    """
    try:
        return open_picture(content, source=filename)
    except InputImageError as error:
        if isinstance(error.__cause__, TOO_LARGE):
            return None
        raise CorruptOutputError(filename, error.reason) from error


async def persistently(fetch: Callable[[], Awaitable[T]]) -> T:
    """Return what a call returns that may be made again; the last time what it raises counts."""
    for delay in FETCH_DELAYS:
        try:
            return await fetch()
        except EngineError:
            await asyncio.sleep(delay)
    return await fetch()
