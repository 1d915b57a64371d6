"""Sets up the log: its level, its file, stderr. Nothing secret gets into either."""

from __future__ import annotations

import fcntl
import logging
import logging.handlers
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from comfy_gen.config.masks import masked
from comfy_gen.errors import OutputPathError

if TYPE_CHECKING:
    from collections.abc import Generator

    from comfy_gen.config.settings import LoggingOptions, Settings

MAX_BYTES = 10_000_000
"""A log file that would grow beyond this becomes ``NAME.1``, and the one of that name ``NAME.2``, …"""
KEPT = 3
"""How many old log files are kept."""


def configure_logging(settings: Settings) -> None:
    """Log what ComfyGen has to say where the settings want it, in place of what an earlier call set up.

    Raises:
        OutputPathError: the log file cannot be written.
    """
    options = settings.logging
    handlers = _handlers(options, settings.secrets)
    log = logging.getLogger("comfy_gen")
    for old in [handler for handler in log.handlers if isinstance(handler, _OURS)]:
        log.removeHandler(old)
        with suppress(OSError):  # its disk is full: what it could not write is lost already
            old.close()
    for handler in handlers:
        log.addHandler(handler)
    log.setLevel(options.level)


def _handlers(options: LoggingOptions, secrets: tuple[str, ...]) -> list[logging.Handler]:
    # With no handler at all, Python would print warnings to stderr.
    handlers: list[logging.Handler] = [_Nothing()]
    if options.file is not None:
        file = _open(options.file)
        file.setFormatter(_formatter(options, "%(asctime)s %(levelname)-8s %(name)s: %(message)s", secrets))
        handlers.append(file)
    if options.console:
        console = _Stderr()
        console.setFormatter(_formatter(options, "%(levelname)s: %(message)s", secrets))
        handlers.append(console)
    return handlers


def _formatter(options: LoggingOptions, said: str, secrets: tuple[str, ...]) -> logging.Formatter:
    if options.format == "json":
        # Late: only programs read it, and its library is not needed for text.
        from comfy_gen.config.log_json import json_formatter  # noqa: PLC0415

        return json_formatter(secrets)
    return _MaskingFormatter(said, "%Y-%m-%dT%H:%M:%S%z", secrets)


def _open(path: Path) -> _SharedFile:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _SharedFile(path)
    except OSError as error:
        raise OutputPathError(path, error.strerror or str(error)) from error


class _MaskingFormatter(logging.Formatter):
    """Writes a record as one text without secrets, and without what would steer a terminal."""

    def __init__(self, said: str, date: str | None, secrets: tuple[str, ...]) -> None:
        super().__init__(said, date)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record), self._secrets).translate(_CONTROLS)


# Line breaks stay, for tracebacks.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class _Nothing(logging.NullHandler):
    """Ours, to be told from those of the program that uses ComfyGen."""


class _Handler(logging.Handler):
    """Says once, in a line, that it cannot write: Python would print each record as it was, secrets and all."""

    has_failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  # the handler's name for it
        if not self.has_failed and sys.stderr is not None:  # as it is in a program without a console
            self.has_failed = True
            with suppress(OSError):
                sys.stderr.write(f"the log cannot be written: {masked(str(sys.exception()))}\n")


class _Stderr(_Handler, logging.StreamHandler[TextIO]):
    """Writes to what is stderr at the time: progress bars put themselves in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class _SharedFile(_Handler, logging.handlers.RotatingFileHandler):
    """A log file that several processes may write and rotate: none writes on into a file that another put away."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self._was_put_away():
                self._reopen()
        except OSError:  # its folder is gone: the program that logs goes on
            self.handleError(record)
        else:
            super().emit(record)

    def doRollover(self) -> None:  # noqa: N802  # the handler's name for it
        with self._alone():
            if self._was_put_away():  # by another process, while this one waited
                self._reopen()
            else:
                super().doRollover()

    def _reopen(self) -> None:
        stream, self.stream = self.stream, None
        if stream is not None:
            with suppress(OSError):
                stream.close()
        self.stream = self._open()

    def _was_put_away(self) -> bool:
        try:
            there = Path(self.baseFilename).stat()
        except FileNotFoundError:
            return True
        return self.stream is None or not os.path.samestat(there, os.fstat(self.stream.fileno()))

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Hold the lock of the log's folder: a lock file would be left behind, and the log itself is renamed."""
        folder = os.open(os.path.dirname(self.baseFilename), os.O_RDONLY)  # noqa: PTH120  # the handler's name is a str
        try:
            with suppress(OSError):  # a file system without locks: then as well as one can
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


_OURS = (_Nothing, _Stderr, _SharedFile)
