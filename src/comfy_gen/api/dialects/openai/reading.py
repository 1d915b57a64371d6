"""Reads what a request brings: parameters, and pictures as parts of a form, as text, or by their addresses."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import UploadFile

from comfy_gen.api.bounds import MAX_DEPTH, has_half_characters, is_json, nests_deeper
from comfy_gen.api.dialects.openai.bodies import MOST_IMAGES, Asked
from comfy_gen.errors import InvalidParameterError, UnsupportedMediaError
from comfy_gen.pipeline.assets import FetchOptions, fetch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import FormData
    from starlette.requests import Request

B = TypeVar("B", bound=Asked)

_DATA = re.compile(r"data:[\w./+-]*;base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to work on: what is in it, or where it lies."""

    content: bytes = field(default=b"", repr=False)
    url: str = field(default="", repr=False)

    @property
    def digest(self) -> str:
        """A hash of what was sent."""
        return hashlib.sha256(self.content or self.url.encode()).hexdigest()

    async def bytes(self, *, allow_private: bool) -> bytes:
        """Return the picture, fetched if need be.

        Raises:
            AssetFetchError: nothing lies there, or nobody may ask for it.
        """
        return self.content or await fetch(self.url, FetchOptions(allow_private=allow_private))


@dataclass(frozen=True, slots=True)
class Sent(Generic[B]):
    """What a request brought."""

    body: B
    images: Sequence[Picture] = ()
    mask: Picture | None = None

    @property
    def digest(self) -> str:
        """A hash of all of it."""
        pictures = [one.digest for one in (*self.images, *([self.mask] if self.mask else []))]
        said = self.body.model_dump_json(exclude_defaults=True)  # a parameter that is new one day changes no other
        return hashlib.sha256("\n".join([said, *pictures]).encode()).hexdigest()


async def read(request: Request, kind: type[B]) -> Sent[B]:
    """Return what a request brought that has pictures to work on.

    Raises:
        RequestValidationError: a parameter is wrong.
        InvalidParameterError: a picture is missing, or none.
        UnsupportedMediaError: it is neither a form nor JSON.
    """
    content_type = request.headers.get("content-type", "")
    if is_json(content_type):
        return _of_json(kind, b"".join([chunk async for chunk in request.stream()]))
    if not content_type.lower().startswith("multipart/form-data"):
        raise UnsupportedMediaError(content_type[:100], "multipart/form-data, or application/json")
    async with request.form(max_files=MOST_IMAGES + 2, max_fields=100) as form:
        return await _of_form(kind, form)


def parsed(kind: type[B], fields: Mapping[str, Any]) -> B:
    """Return the parameters of a request.

    Raises:
        RequestValidationError: one is wrong.
    """
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]) from error


async def _of_form(kind: type[B], form: FormData) -> Sent[B]:
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    body = parsed(kind, fields)
    images = [await _file(one, "image") for name in ("image", "image[]") for one in form.getlist(name)]
    images += [await _file(form[name], "image") for name in form if re.fullmatch(r"image\[\d+\]", name)]
    mask = await _file(form["mask"], "mask") if "mask" in form else None
    return Sent(body, _some(images), mask)


async def _file(part: UploadFile | str, name: str) -> Picture:
    content = await part.read() if isinstance(part, UploadFile) else b""
    if not content:
        raise InvalidParameterError(name, "", "a picture, as a file of the form")
    return Picture(content)


class _Reference(BaseModel):
    """Where a picture is."""

    model_config = ConfigDict(extra="forbid")

    image_url: str


class _Pictures(Asked):
    """What JSON has in place of files."""

    model_config = ConfigDict(extra="ignore")

    images: list[_Reference]
    mask: _Reference | None = None


def _of_json(kind: type[B], content: bytes) -> Sent[B]:
    fields = _fields_of(content)
    pictures = parsed(_Pictures, fields)
    body = parsed(kind, {name: value for name, value in fields.items() if name not in {"images", "mask"}})
    mask = pictures.mask and _picture_at(pictures.mask.image_url, "mask")
    return Sent(body, _some([_picture_at(one.image_url, "images") for one in pictures.images]), mask)


def _fields_of(content: bytes) -> dict[str, Any]:
    if nests_deeper(content, MAX_DEPTH):
        raise InvalidParameterError("the body", "nested too deeply", f"at most {MAX_DEPTH} levels deep")
    if has_half_characters(content):
        raise InvalidParameterError("the body", "half of a character", "text that UTF-8 can hold")
    try:
        found: object = json.loads(content)
    except ValueError as error:
        raise RequestValidationError(
            [{"type": "json_invalid", "loc": ("body",), "ctx": {"error": str(error)}}]
        ) from error
    if not isinstance(found, dict):
        raise InvalidParameterError("the body", type(found).__name__, "a JSON object")
    return cast("dict[str, Any]", found)


def _picture_at(address: str, name: str) -> Picture:
    if not (begins := _DATA.match(address)):
        return Picture(url=address)
    try:
        return Picture(base64.b64decode(address[begins.end() :], validate=True))
    except binascii.Error as error:
        raise InvalidParameterError(name, "a data URL", f"base64: {error}") from error


def _some(images: Sequence[Picture]) -> Sequence[Picture]:
    if not 1 <= len(images) <= MOST_IMAGES:
        raise InvalidParameterError("image", f"{len(images)} pictures", f"1 to {MOST_IMAGES} pictures")
    return images
