"""Locks on files, which the kernel frees when who has them ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from comfy_gen.errors import OutputPathError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


def take(file: Path) -> int | None:
    """Take a lock for as long as this process lives, or its handle is open; None where another has it.

    Raises:
        OutputPathError: the file cannot be made, or is another user's.
    """
    handle = _open(file)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


@contextmanager
def turn(file: Path) -> Generator[None]:
    """Wait for a lock and have it during the block; raises OutputPathError where its file cannot be made."""
    handle = _open(file)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _open(file: Path) -> int:
    """Open a file to be locked, in a folder that is made if need be."""
    # It is never removed: who removed it could remove the one that another has just locked.
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OutputPathError(file, error.strerror or str(error)) from error
