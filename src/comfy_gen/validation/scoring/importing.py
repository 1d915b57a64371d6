"""Imports torch and transformers on a thread, so that an event loop on another hardly notices.

As they are, they stop all threads for most of a second, several times: their libraries are linked by a call that
holds the interpreter's lock, and each of their hundred thousands of objects is looked at in every full collection of
garbage, then and ever after.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.util
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import ModuleType

# In the order in which torch itself loads them; what only a build for graphics cards has is passed over elsewhere.
_LIBRARIES = ("libtorch_global_deps", "libc10", "libtorch_cpu", "libc10_cuda", "libtorch_cuda", "libtorch_python")


def import_torch() -> ModuleType:
    """Return torch."""
    if "torch" not in sys.modules:
        _link()
    return importlib.import_module("torch")


@contextmanager
def sparing() -> Generator[None]:
    """Let nothing be collected that the import makes in here: neither now, while it is made, nor later."""
    if "transformers" in sys.modules or not gc.isenabled():  # once: other garbage of that moment stays with it
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _link() -> None:
    """Load torch's libraries by a call that does without the lock; what cannot be loaded so, torch loads itself."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None or not hasattr(os, "RTLD_GLOBAL"):
        return
    link = ctypes.CDLL(None).dlopen
    link.argtypes, link.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    folder = Path(found.origin).parent / "lib"
    for file in (path for name in _LIBRARIES for path in folder.glob(f"{name}.[sd][oy]*")):
        link(os.fsencode(file), os.RTLD_NOW | os.RTLD_GLOBAL if "global" in file.name else os.RTLD_NOW)
