"""What there is to know of a file's content: its hash, its size, and whether a workflow can work on it. Blocks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING

from blake3 import blake3

from comfy_gen.errors import InputImageError
from comfy_gen.pipeline.inputs import usable_suffix
from comfy_gen.pipeline.media import HEAD, is_picture, media_type_of
from comfy_gen.pipeline.preprocess import open_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1024 * 1024
UNKNOWN_SUFFIX = ".bin"
"""Of what is nothing that is known."""
_PLACES = "comfygen: where the content of an asset lies"


@dataclass(frozen=True, slots=True)
class Content:
    """A file's content, as far as it matters who keeps it."""

    digest: str
    """Its BLAKE3 in hexadecimal, which everybody may be told."""
    place: str
    """Another hash of it, which nobody is told: who names a place has seen what lies there."""
    size: int
    suffix: str
    fault: str
    """Why no workflow can work on it; empty where one can."""

    @property
    def media_type(self) -> str:
        """What it is, whatever it was said to be."""
        return media_type_of(self.suffix)


def content_of(file: IO[bytes], *, name: str) -> Content:
    """Return what there is to know of a file that is called so; it is read from its beginning, piece by piece."""
    head, size = b"", 0
    digest, place = blake3(), blake3(derive_key_context=_PLACES)
    for chunk in chunks_of(file):
        head = head or chunk[:HEAD]
        size += len(chunk)
        digest.update(chunk)
        place.update(chunk)
    suffix = usable_suffix(head, source=f"file{PurePosixPath(name).suffix}")
    fault = _fault(file, suffix, name)
    return Content(digest.hexdigest(), place.hexdigest(), size, suffix or UNKNOWN_SUFFIX, fault)


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file from its beginning."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _fault(file: IO[bytes], suffix: str, name: str) -> str:
    if not suffix:
        return "it is no picture, video, sound or other file that is known"
    if is_picture(suffix):
        file.seek(0)
        try:
            open_picture(file, source=name)
        except InputImageError as error:
            return error.reason
    return ""
