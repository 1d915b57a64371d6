"""Reads from a picture how it was made, and writes it there: PNG, JPEG and WebP, ComfyUI's way and A1111's."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PIL import Image

from comfy_gen.errors import InputImageError, MetadataNotFoundError, WorkflowError
from comfy_gen.workflows.graph import as_workflow
from comfy_gen.workflows.parameters import Parameters, parse_parameters
from comfy_gen.workflows.png import SIGNATURE, read_texts, with_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from comfy_gen.workflows.graph import Workflow

_EXIF_IFD = 0x8769
_USER_COMMENT = 0x9286
# In EXIF, ComfyUI puts the name before the JSON, in tags of its own choosing: 'prompt:{"3": …}'.
_NAMED_JSON = re.compile(r"\s*(prompt|workflow)\s*:\s*(\{.*)", re.IGNORECASE | re.DOTALL)
_CHARACTER_CODE = 8
"""An EXIF user comment starts with the name of its encoding, in so many bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMetadata:
    """What a picture carries of its making; None where it carries no such thing."""

    workflow: Workflow | None = None
    """The graph in API format, as it was sent."""
    ui_workflow: dict[str, Any] | None = None
    """What ComfyUI's editor would open."""
    parameters: str | None = None
    """A1111's text."""

    @property
    def settings(self) -> Parameters | None:
        """A1111's text, taken apart."""
        return parse_parameters(self.parameters) if self.parameters is not None else None


def read_picture(path: str | PathLike[str]) -> PictureMetadata:
    """Read a picture file's record of its making.

    Raises:
        InputImageError: there is no such file, or it is no picture, or corrupt.
        MetadataNotFoundError: it carries nothing of the kind.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputImageError(str(path), error.strerror or str(error)) from error
    return read_metadata(data, source=str(path))


def read_metadata(data: bytes, *, source: str = "the picture") -> PictureMetadata:
    """Read a picture's record of its making; ``source`` names the picture in errors.

    Raises:
        InputImageError: it is no picture, or corrupt.
        MetadataNotFoundError: it carries nothing of the kind.
    """
    texts = read_texts(data, source=source) if data.startswith(SIGNATURE) else _exif_texts(data, source)
    found = PictureMetadata(
        workflow=_workflow(texts.get("prompt")),
        ui_workflow=_object(texts.get("workflow")),
        parameters=texts.get("parameters"),
    )
    if found == PictureMetadata():
        raise MetadataNotFoundError(source)
    return found


def with_parameters(png: bytes, text: str, *, source: str = "the picture") -> bytes:
    """Return the PNG with A1111's text in it, beside what ComfyUI wrote; the pixels are the same bytes.

    Raises:
        InputImageError: it is no PNG, or it is cut off.
    """
    return with_text(png, "parameters", text, source=source)


def _workflow(text: str | None) -> Workflow | None:
    graph = _object(text)
    try:
        workflow = as_workflow(graph) if graph else {}
    except WorkflowError:  # other programs keep other things under this name
        return None
    for node in workflow.values():
        # ComfyUI notes here what a file looked like when it ran, and believes the note when it is sent back: a file
        # that has changed since would not be read again.
        node.pop("is_changed", None)
    return workflow or None


def _object(text: str | None) -> dict[str, Any] | None:
    try:
        data: object = json.loads(text) if text else None
    except (json.JSONDecodeError, RecursionError):
        return None
    return cast("dict[str, Any]", data) if isinstance(data, dict) else None


def _exif_texts(data: bytes, source: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for text in _loose_texts(data, source):
        if named := _NAMED_JSON.match(text):
            texts.setdefault(named[1].lower(), named[2])
        elif holder := _object(text):
            texts |= {name: json.dumps(holder[name]) for name in ("prompt", "workflow") if name in holder}
        elif "Steps:" in text:
            texts.setdefault("parameters", text)
    return texts


def _loose_texts(data: bytes, source: str) -> Iterator[str]:
    """Yield every text in the EXIF data and the JPEG comment, whichever tag it is under."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            exif = picture.getexif()
            values = [*exif.values(), *exif.get_ifd(_EXIF_IFD).values(), picture.info.get("comment")]
            comment = exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT)
    # Pillow's readers raise each of these for one or another kind of damage.
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputImageError(source, "it is no picture, or it is corrupt") from error
    if isinstance(comment, bytes):
        yield _user_comment(comment)
    yield from (text for value in values if (text := _plain(value)))


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace").strip("\0")
    return value.strip("\0") if isinstance(value, str) else ""


def _user_comment(value: bytes) -> str:
    code, body = value[:_CHARACTER_CODE], value[_CHARACTER_CODE:]
    if code != b"UNICODE\0":
        return _plain(body)
    # The standard leaves the byte order open; in western text it is the high bytes that are zero.
    little = body[1::2].count(0) > body[::2].count(0)
    return body.decode("utf-16-le" if little else "utf-16-be", errors="replace").strip("\0")
