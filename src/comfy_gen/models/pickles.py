"""Tells files that may run code when they are loaded from those that hold nothing but numbers. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

FIRST_BYTES = 4096
"""As many of a file's first bytes as `looks_like_pickle` wants to see."""

_NAMES = frozenset(
    {".ckpt", ".pt", ".pt2", ".pth", ".bin", ".pkl", ".pickle", ".th", ".tar", ".joblib", ".dill", ".npy", ".npz"}
)
_ZIP = b"PK\x03\x04"
"""PyTorch's files since 1.6: a zip with a pickle in it."""
_PROTOCOL = re.compile(rb"\x80[\x02-\x05]")
"""Pickles since protocol 2, and PyTorch's files before 1.6."""
_TEXT_PICKLE = re.compile(rb"[\(\]\}\)ldt0-9p\n]{0,64}[ci][A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n", re.ASCII)
"""Protocol 0 and 1 say in plain text which function they call."""


def is_pickle_name(name: str) -> bool:
    """Tell whether files of this name are read as pickles, as those that end in ``.ckpt``, ``.pt`` or ``.bin`` are."""
    return PurePosixPath(name.lower()).suffix in _NAMES


def looks_like_safetensors(first_bytes: bytes) -> bool:
    """Tell whether a file begins as safetensors do: with the length of a header, and the header."""
    return len(first_bytes) > 8 and first_bytes[4:9] == b"\0\0\0\0{"


def looks_like_pickle(first_bytes: bytes) -> bool:
    """Tell whether a file begins as pickles do, or as PyTorch's archives of them."""
    if looks_like_safetensors(first_bytes):  # a header of 640 bytes begins as protocol 2 does
        return False
    return (
        first_bytes.startswith(_ZIP)
        or _PROTOCOL.match(first_bytes) is not None
        or _TEXT_PICKLE.match(first_bytes[:FIRST_BYTES]) is not None
    )
