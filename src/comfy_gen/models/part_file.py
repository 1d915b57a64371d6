"""The file that a model is fetched into until it is whole, and the note beside it. One process at a time has it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.atomic import PART, replacing, sync_folder
from comfy_gen.errors import DiskSpaceError, OutputPathError
from comfy_gen.models.parts import Note, Span, goes_on, held, joined, missing, read_note

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


def taken_by(target: Path) -> int:
    """Return how many bytes of the disk a file takes that is not whole yet."""
    try:
        return PartFile(target).path.stat().st_blocks * 512
    except OSError:
        return 0


class PartFile:
    """Lies beside the target under a name that ComfyUI lists for no model.

    What the note says is here was on disk before the note said so: it holds after a loss of power too.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        # A name of its own: one made from the file's would be too long where the file's is just short enough.
        self.path = target.with_name(f"{PART}{hashlib.sha256(target.name.encode()).hexdigest()[:16]}")
        self.note_path = self.path.with_name(f"{self.path.name}.json")
        self._file = -1
        self._note: Note | None = None
        self._have: list[Span] = []

    def claim(self) -> bool:
        """Take the file, made if it is not there; False while another process has it.

        Raises:
            OutputPathError: the folder cannot be made or written to.
        """
        with self._explained():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
            try:
                is_ours = self._lock(file)
            except OSError:
                os.close(file)
                raise
        if is_ours:
            self._file = file
        else:
            os.close(file)
        return is_ours

    def _lock(self, file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.path.samestat(os.fstat(file), self.path.stat())
        except (BlockingIOError, FileNotFoundError):  # another has it; or had it, and was done before we were let in
            return False

    @property
    def name(self) -> str:
        """What the file is going to be called."""
        return self.target.name

    @property
    def held(self) -> int:
        """Bytes that are here."""
        return held(self._have)

    @property
    def kept(self) -> int:
        """Bytes that can be gone on from another time."""
        return self.held if self._note else 0

    def take_up(self, wanted: Note) -> None:
        """Go on from what lies here if it is of the wanted file, and begin anew otherwise."""
        self._note = wanted
        kept = self._kept()
        self._have = list(kept.have) if kept and goes_on(kept, wanted) else []
        with self._explained():
            os.ftruncate(self._file, (wanted.identity.size or 0) if self._have else 0)

    def _kept(self) -> Note | None:
        try:
            note = read_note(self.note_path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return None
        length = os.fstat(self._file).st_size
        return note if note and all(span.end <= length for span in note.have) else None

    def begin_anew(self) -> None:
        """Forget what is here."""
        self._note, self._have = None, []
        with self._explained():
            self.note_path.unlink(missing_ok=True)
            os.ftruncate(self._file, 0)

    def missing(self, within: Span) -> tuple[Span, ...]:
        """Return the bytes of ``within`` that are not here."""
        return missing(self._have, within)

    def write(self, position: int, data: bytes) -> None:
        """Put bytes to their place.

        Raises:
            DiskSpaceError: there is no room for them.
            OutputPathError: the disk does not take them.
        """
        with self._explained():
            written = 0
            while written < len(data):
                written += os.pwrite(self._file, memoryview(data)[written:], position + written)
        self._have = list(joined([*self._have, Span(position, position + len(data))]))

    def read(self, size: int) -> bytes:
        """Return its first bytes."""
        with self._explained():
            return os.pread(self._file, size, 0)

    async def save(self) -> None:
        """Write down what is here, once it is on disk."""
        have = tuple(self._have)
        copy = os.dup(self._file)  # the thread's own: it goes on if we are cancelled, and ours may be closed by then
        with self._explained():
            await asyncio.to_thread(_sync_and_close, copy)
        self._write_note(have)

    def _write_note(self, have: tuple[Span, ...]) -> None:
        if self._note:
            with replacing(self.note_path) as file:
                file.write(replace(self._note, have=have).as_text().encode())

    def finish(self) -> None:
        """Give the file its name, whole as it is."""
        with self._explained():
            os.fsync(self._file)
            self.path.replace(self.target)
            self.note_path.unlink(missing_ok=True)
            sync_folder(self.path.parent)
        self._close()

    def release(self) -> None:
        """Let another process have it: with what can be gone on from, or without a trace."""
        if self._file == -1:
            return
        try:
            if self.kept:
                with self._explained():
                    os.fdatasync(self._file)
                self._write_note(tuple(self._have))
            else:
                self._remove()
        finally:
            self._close()

    def discard(self) -> None:
        """Delete it and what is known of it."""
        self._note, self._have = None, []
        self.release()

    def _remove(self) -> None:
        with self._explained():
            self.note_path.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        file, self._file = self._file, -1
        os.close(file)

    @contextmanager
    def _explained(self) -> Generator[None]:
        """Make our error of what a disk says."""
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise self._no_room() from error
            raise OutputPathError(self.target, error.strerror or str(error)) from error

    def _no_room(self) -> DiskSpaceError:
        size = (self._note.identity.size if self._note else None) or self.held
        free = 0
        with contextlib.suppress(OSError):
            free = shutil.disk_usage(self.path.parent).free
        return DiskSpaceError(self.path.parent, size - self.held, free)


def _sync_and_close(file: int) -> None:
    try:
        os.fdatasync(file)
    finally:
        os.close(file)
