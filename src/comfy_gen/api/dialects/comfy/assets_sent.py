"""Reads what somebody sends to be an asset: a form with the file, which goes to disk, and what they say of it."""

from __future__ import annotations

import mimetypes
import re
from contextlib import asynccontextmanager
from typing import IO, TYPE_CHECKING, NamedTuple

from starlette.datastructures import FormData, UploadFile

from comfy_gen.api.dialects.comfy.assets_named import name_in
from comfy_gen.api.dialects.comfy.hashes import digest_in
from comfy_gen.app.assets import Said
from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from starlette.requests import Request

MAX_FIELDS = 64
FIELD_LIMIT = 8_192
"""Bytes of a field that is no file."""
LONGEST_TAG = 255
_MEDIA_TYPE = re.compile(
    r"[A-Za-z0-9][\w.+-]{0,99}/[A-Za-z0-9][\w.+-]{0,99}(\s*;\s*[\w.+-]{1,50}=[\w.+-]{1,100})*", re.ASCII
)
_FORM = "multipart/form-data"


class Sent(NamedTuple):
    """What somebody sent."""

    file: IO[bytes]
    size: int
    """Bytes of it."""
    said: Said


@asynccontextmanager
async def sent_in(request: Request) -> AsyncGenerator[Sent]:
    """Have what a request brings for this block.

    Raises:
        InvalidParameterError: it is no form, or lacks something.
        HTTPException: the form is damaged.
    """
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith(_FORM):
        raise InvalidParameterError("Content-Type", content_type[:100], _FORM)
    async with request.form(max_files=1, max_fields=MAX_FIELDS, max_part_size=FIELD_LIMIT) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidParameterError("file", "", "a part of the form, with the file")
        yield Sent(file.file, file.size or 0, _said(form, file))


def media_type_in(candidates: Sequence[str | None]) -> str:
    """Return the first that is a media type; empty where none is."""
    return next((one for one in candidates if one and _MEDIA_TYPE.fullmatch(one)), "")


def _said(form: FormData, file: UploadFile) -> Said:
    file_path = _text(form, "file_path")
    name = name_in(file_path)
    expected = _text(form, "expected_hash")
    return Said(
        file_path=file_path,
        name=name,
        media_type=media_type_in([_text(form, "content_type"), file.content_type, mimetypes.guess_type(name)[0]]),
        tags=tuple(tag.strip()[:LONGEST_TAG] for tag in form.getlist("tags") if isinstance(tag, str)),
        digest=(digest_in(expected) or expected) if expected else None,
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
