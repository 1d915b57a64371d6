"""Finds the secret of this installation: what signs links and seals logins."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from comfy_gen.errors import OutputPathError

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_gen.config import Settings

NAME = "secret.key"
SIZE = 32
"""Bytes of one that is made here."""
SHORTEST = 16
"""Characters: a file with fewer was cut off, or is none of ours."""


def secret_of(settings: Settings) -> str:
    """Return the secret that is set, or the one of the data folder, which is made on first use.

    Raises:
        OutputPathError: the file can be neither read nor made, or what is in it is no secret.
    """
    if settings.api.secret_key:
        return settings.api.secret_key
    path = settings.jobs.data_dir / NAME
    try:
        secret = _kept(path)
    except OSError as error:
        raise OutputPathError(path, error.strerror or str(error)) from error
    if len(secret) < SHORTEST:
        raise OutputPathError(path, "it holds no secret; delete it, and a new one is made")
    return secret


def _kept(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text(encoding="utf-8").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    _make(path)
    return path.read_text(encoding="utf-8").strip()


def _make(path: Path) -> None:
    """Make the file, whole at once: of processes that start together the first makes it, and all read the same."""
    part = path.with_name(f".{NAME}-{secrets.token_hex(8)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{secrets.token_urlsafe(SIZE)}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(part)
    finally:
        part.unlink(missing_ok=True)
