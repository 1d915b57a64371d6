"""The real programs that some tests need, and what happens where one is missing."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator


class Server(Protocol):
    """A program that tests start."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


S = TypeVar("S", bound=Server)


def find_program(name: str, *folders: str) -> Path | None:
    """Return a program: from the PATH, or the last of those in folders such as ``/usr/lib/postgresql/*/bin``."""
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    others = sorted(path for folder in folders for path in Path("/").glob(f"{folder.lstrip('/')}/{name}"))
    return others[-1] if others else None


def require(component: object, what: str, how: str) -> None:
    """Go on if a component is there. Without it the test is skipped; under ``CI=true`` it fails, to hide nothing."""
    if component:
        return
    reason = f"{what} is not installed: {how}"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def running(server: S, folder: Path | str) -> Generator[S]:
    """Run a server for the length of the block, and delete its folder afterwards."""
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def together(how: str = "KILL") -> list[str]:
    """Return what has a program end with us by a signal, even if we are killed; nothing where that cannot be had."""
    return ["setpriv", "--pdeathsig", how] if shutil.which("setpriv") else []
