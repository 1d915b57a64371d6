"""Writes a file whole or not at all: beside its place first, then renamed over it."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from comfy_gen.errors import OutputPathError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

PART = ".part-"
"""What the names of files begin with that are not whole yet."""


@contextmanager
def replacing(path: Path, *, folder: Path | None = None, is_durable: bool = False) -> Generator[IO[bytes]]:
    """Give a file to write to that takes the place of ``path`` when the block ends, and never if it raises.

    Until then it lies in ``folder``, which is on the same disk; beside its place if None. What ``is_durable`` is there
    after a loss of power too.

    Raises:
        OutputPathError: the folder is missing or read-only, or the disk is full.
    """
    # A name of its own: one made from the file's would be too long where the file's is just short enough. And opened by
    # ourselves, not by `tempfile`, which keeps from all others what they may read.
    beside = (folder or path.parent) / f"{PART}{secrets.token_hex(8)}"
    try:
        part = beside.open("xb")
        try:
            with part:
                yield part
                if is_durable:
                    part.flush()
                    os.fsync(part.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        if is_durable:
            sync_folder(path.parent)
    except OSError as error:
        raise OutputPathError(path, error.strerror or str(error)) from error


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder survive a loss of power; raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
