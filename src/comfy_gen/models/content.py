"""Says which files are taken: by their names, by how they begin, and by what they hold."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.errors import ModelIntegrityError, UnsafeModelError
from comfy_gen.models.pickles import is_pickle_name, looks_like_pickle, looks_like_safetensors
from comfy_gen.models.safetensors import read_header

if TYPE_CHECKING:
    from pathlib import Path

_SAFETENSORS = frozenset({".safetensors", ".sft"})
_WEB_PAGES = (b"<!doctype", b"<html", b"<?xml")


def is_safetensors_name(name: str) -> bool:
    """Tell whether ComfyUI reads files of this name as safetensors."""
    return PurePosixPath(name.lower()).suffix in _SAFETENSORS


def check_name(name: str) -> None:
    """See whether files of this name hold nothing but numbers.

    Raises:
        UnsafeModelError: they may run code when they are loaded.
    """
    if is_pickle_name(name):
        suffix = PurePosixPath(name).suffix
        raise UnsafeModelError(name, f"a {suffix} file may run code when it is loaded")


def check_beginning(name: str, first_bytes: bytes, *, allow_pickle: bool) -> None:
    """See whether a file begins as its name says.

    Raises:
        UnsafeModelError: it is a pickle, and those are not allowed.
        ModelIntegrityError: it is something else.
    """
    if first_bytes.lstrip()[:16].lower().startswith(_WEB_PAGES):
        raise ModelIntegrityError(name, "it is a web page")
    if is_safetensors_name(name) and looks_like_safetensors(first_bytes):
        return
    if looks_like_pickle(first_bytes) and not allow_pickle:
        raise UnsafeModelError(name, "its content is a pickle, which may run code when it is loaded")
    if is_safetensors_name(name):
        raise ModelIntegrityError(name, "it does not begin as safetensors do")
    if name.lower().endswith(".gguf") and not first_bytes.startswith(b"GGUF"):
        raise ModelIntegrityError(name, "it does not begin as GGUF does")


def check_content(name: str, path: Path) -> None:
    """See whether a whole file is in order, as far as its format tells: the header of safetensors has to cover it.

    Raises:
        ModelIntegrityError: it is not.
    """
    if is_safetensors_name(name):
        read_header(path, name=name)
