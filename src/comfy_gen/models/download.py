"""Fetches one model's file: in parts at a time, going on where it broke off, whole and checked or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.errors import ModelIntegrityError, UnsafeModelError
from comfy_gen.models.content import check_content, check_name
from comfy_gen.models.digest import sha256_of
from comfy_gen.models.part_file import PartFile
from comfy_gen.models.progress import Progress
from comfy_gen.models.transfer import DownloadOptions, Transfer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from comfy_gen.models.model import Offer

__all__ = ["DownloadOptions", "Downloaded", "Progress", "download"]

_WAIT_SECONDS = 0.5
"""Between two looks at whether another process is done with the same file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """A file that is here, whole and checked."""

    path: Path
    size: int
    sha256: str
    resumed_bytes: int = 0
    """Bytes that were here before and were not fetched again."""


async def download(
    offer: Offer,
    target: Path,
    options: DownloadOptions | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    *,
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> Downloaded:
    """Fetch a file to its place. Whoever cancels it can go on later from what came.

    Raises:
        UnsafeModelError: it may run code when it is loaded; by its name before anything is asked, or by its content.
        ModelSourceError: the server does not give it, or its address may not be asked.
        ModelDownloadError: the connection broke too often; what came is kept if it can be gone on from.
        ModelIntegrityError: it is not what it should be, and nothing of it is kept.
        DiskSpaceError: there is too little room for it.
        OutputPathError: its folder cannot be written to.
    """
    options = options or DownloadOptions()
    if not options.allow_pickle:
        check_name(target.name)
    part = PartFile(target)
    has_waited = False
    while not part.claim():
        has_waited = True
        on_progress(Progress(file=offer.model.file, phase="waiting", total=offer.model.size))
        await pause(_WAIT_SECONDS)
    try:
        if has_waited and (made := await _made_meanwhile(offer, target)):
            return made
        transfer = Transfer(offer, part, options, on_progress, pause)
        return await _carry_out(transfer, part, offer.model.sha256)
    finally:
        part.release()


async def _made_meanwhile(offer: Offer, target: Path) -> Downloaded | None:
    """Return what another process has fetched while we waited, if it is surely the same."""
    if not offer.model.sha256:
        return None
    try:
        size = (await asyncio.to_thread(target.stat)).st_size
        sha256 = await sha256_of(target)
    except OSError:  # the other was broken off, or its file is gone already
        return None
    return Downloaded(path=target, size=size, sha256=sha256) if sha256 == offer.model.sha256 else None


async def _carry_out(transfer: Transfer, part: PartFile, promised: str) -> Downloaded:
    """Fetch a file, check it and give it its name; what does not pass is deleted."""
    try:
        await transfer.fetch()
        sha256 = await _check(transfer, part, promised)
    except (ModelIntegrityError, UnsafeModelError):
        part.discard()
        raise
    size = part.held
    await part.save()  # in a thread; what is left for `finish` to bring to disk is little
    part.finish()
    transfer.tell("done", size)
    return Downloaded(path=part.target, size=size, sha256=sha256, resumed_bytes=transfer.resumed)


async def _check(transfer: Transfer, part: PartFile, promised: str) -> str:
    """Return the hash of the whole file, once all is as it should be."""
    transfer.check_beginning()
    await asyncio.to_thread(check_content, part.name, part.path)  # a header may have a hundred megabytes
    sha256 = await sha256_of(part.path, lambda done: transfer.tell("checking", done))
    if promised and sha256 != promised:
        raise ModelIntegrityError(part.name, f"its SHA-256 is {sha256} instead of {promised}")
    return sha256
