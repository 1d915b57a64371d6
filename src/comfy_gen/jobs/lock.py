"""Sees to it that one worker at a time drives engines from an SQLite database."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Self

from comfy_gen.errors import DatabaseUnavailableError, WorkerRunningError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class WorkerLock:
    """A lock on a file beside the database. The kernel frees it when the process ends, however it ends."""

    def __init__(self, database: Path, *, name: str = "") -> None:
        self._path = database.with_name(f"{database.name}.lock")
        self._name = name or str(database)
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock. It need not be taken twice.

        Raises:
            WorkerRunningError: another worker has it.
            DatabaseUnavailableError: the file cannot be made.
        """
        if self._file is not None:
            return
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DatabaseUnavailableError(self._name, error.strerror or str(error)) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            raise WorkerRunningError(self._name) from error
        self._file = file

    def release(self) -> None:
        """Give it back. The file stays: who removed it could remove the one that another has just locked."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()
