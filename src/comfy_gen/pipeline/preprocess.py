"""Makes an input picture fit for the engine: reads it, turns it upright, resizes and crops it. Pure but for `load`."""

from __future__ import annotations

import io
import threading
import warnings
from pathlib import Path
from typing import IO, Literal, get_args

from PIL import Image, ImageOps, UnidentifiedImageError

from comfy_gen.comfyui.routes.files import content_name
from comfy_gen.errors import InputImageError, InvalidParameterError
from comfy_gen.pipeline.assets import FetchOptions, fetch, is_url

Size = tuple[int, int]
"""Width and height in pixels."""

CropMode = Literal["center", "cover", "contain"]
"""How a picture of another shape gets the wanted size.

- ``cover``: scaled until it covers the size, the excess cut off on both sides;
- ``contain``: scaled until it fits inside, black bars around it;
- ``center``: resized and cut out of the centre, which gives what ``cover`` gives.
"""
CROP_MODES: tuple[str, ...] = get_args(CropMode)

TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
"""How Pillow says that a picture has more than 89 million pixels."""

_OPENING = threading.Lock()
"""Warnings are caught for all threads at once: without it one would undo what another is about to rely on."""

MAX_SIDE = 16384
"""Pixels; what ComfyUI's own nodes take at most."""


async def load(source: str, *, allow_private: bool = True) -> bytes:
    """Return a picture's bytes from a path or a URL, once it is known to open.

    Raises:
        InputImageError: the file is missing, unreadable or not a picture.
        AssetFetchError: the URL gives nothing.
    """
    content = await fetch(source, FetchOptions(allow_private=allow_private)) if is_url(source) else _read(Path(source))
    open_picture(content, source=source)
    return content


def prepare(content: bytes, *, source: str, resize: Size | None = None, crop: str | None = None) -> bytes:
    """Return the picture with the wanted size, in the format it came in; untouched if nothing is asked for.

    Raises:
        InputImageError: it is not a picture.
        InvalidParameterError: the size or the crop mode.
    """
    if resize is None and crop is None:
        return content
    image = open_picture(content, source=source)
    fitted = fit(ImageOps.exif_transpose(image), resize, crop)
    target = io.BytesIO()
    kind = image.format if image.format in Image.SAVE else None  # some formats can be read and not written
    fitted.save(target, format=kind or "PNG", quality=95)
    return target.getvalue()


def open_picture(content: bytes | IO[bytes], *, source: str) -> Image.Image:
    """Return the picture, all of it decoded, so that a truncated file is found here and not on the engine.

    Raises:
        InputImageError: it is not a picture, or is damaged.
    """
    try:
        with _OPENING, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content) if isinstance(content, bytes) else content)
        image.load()
    except UnidentifiedImageError as error:
        raise InputImageError(source, "it is not a picture in a known format") from error
    except TOO_LARGE as error:
        raise InputImageError(source, "it has more pixels than any workflow can use") from error
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's ways to say "damaged"
        raise InputImageError(source, str(error)) from error
    return image


def fit(image: Image.Image, size: Size | None, crop: str | None) -> Image.Image:
    """Return the picture in the wanted size; without a crop mode it is stretched.

    Without a size, cropping makes a square: of the shorter side, for ``contain`` of the longer.

    Raises:
        InvalidParameterError: the size or the crop mode.
    """
    if crop is not None and crop not in CROP_MODES:
        raise InvalidParameterError("crop", crop, f"one of {', '.join(CROP_MODES)}")
    if size is None and crop is None:
        return image
    target = size or _square(image, crop)
    if not all(0 < side <= MAX_SIDE for side in target):
        raise InvalidParameterError("resize", f"{target[0]}x{target[1]}", f"sides of 1 to {MAX_SIDE} pixels")
    match crop:
        case None:
            return image.resize(target, Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType]  # Pillow names numpy, which is not here
        case "contain":
            return _contain(image, target)
        case _:
            return ImageOps.fit(image, target, Image.Resampling.LANCZOS)


def upload_name(content: bytes) -> str:
    """Return a file name that only this content has, so that uploads never clash and equal ones are cached."""
    with Image.open(io.BytesIO(content)) as image:
        suffix = (image.format or "png").lower()
    return content_name(content, suffix=f".{suffix}")


def _contain(image: Image.Image, target: Size) -> Image.Image:
    return ImageOps.pad(image.convert("RGB"), target, Image.Resampling.LANCZOS, color=(0, 0, 0))


def _square(image: Image.Image, crop: str | None) -> Size:
    side = max(image.size) if crop == "contain" else min(image.size)
    return side, side


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputImageError(str(path), error.strerror or str(error)) from error
