"""Writes a file whole or not at all: beside its place first, then renamed over it."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from comfy_gen.errors import OutputPathError

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def replacing(path: Path) -> Generator[IO[bytes]]:
    """Give a file to write to that takes the place of ``path`` when the block ends, and never if it raises.

    Raises:
        OutputPathError: the folder is missing or read-only, or the disk is full.
    """
    try:
        # A name of its own: one made from the file's would be too long where the file's is just short enough.
        part = tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False)  # noqa: SIM115  # closed below, before it is renamed
        beside = Path(part.name)
        try:
            with part:
                yield part
            beside.chmod(0o666 & ~_umask())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputPathError(path, error.strerror or str(error)) from error


def _umask() -> int:
    """Return the mask that `tempfile` ignored; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
