"""Keeps the log of a process as it is while the SDK's server is made, which would set it up anew."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def keeping_root_log() -> Generator[None]:
    """Have nobody give the root log a handler in this block: all that we log would be told twice, secrets included."""
    root, holder = logging.getLogger(), logging.NullHandler()
    root.addHandler(holder)  # `logging.basicConfig` does nothing where there is one
    try:
        yield
    finally:
        root.removeHandler(holder)
