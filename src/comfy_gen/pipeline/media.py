"""Tells what a file is: by its first bytes, and what its suffix means to a browser. Pure."""

from __future__ import annotations

import mimetypes
import re

HEAD = 64
"""Bytes that tell."""

_PICTURES = {
    ".png": rb"\x89PNG\r\n\x1a\n",
    ".jpg": rb"\xff\xd8\xff",
    ".gif": rb"GIF8[79]a",
    ".webp": rb"RIFF.{4}WEBP",
    ".bmp": rb"BM.{4}\0\0\0\0",
    ".tiff": rb"II\*\0|MM\0\*",
    ".avif": rb".{4}ftypavi[fs]",
}
_OTHERS = {
    ".mov": rb".{4}ftypqt  ",
    ".m4a": rb".{4}ftypM4A ",
    ".mp4": rb".{4}ftyp",
    ".webm": rb"\x1aE\xdf\xa3.{0,40}\x42\x82.webm",
    ".mkv": rb"\x1aE\xdf\xa3",
    ".avi": rb"RIFF.{4}AVI ",
    ".wav": rb"RIFF.{4}WAVE",
    ".flac": rb"fLaC",
    ".ogg": rb"OggS",
    ".mp3": rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]",
    ".glb": rb"glTF",
}
_SIGNS = [(suffix, re.compile(sign, re.DOTALL)) for suffix, sign in (_PICTURES | _OTHERS).items()]

_MEDIA_TYPES = {
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".exr": "image/x-exr",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".m4v": "video/mp4",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".obj": "model/obj",
    ".stl": "model/stl",
}
"""What Python does not know, or not on every machine."""
UNKNOWN = "application/octet-stream"


def suffix_of(content: bytes) -> str:
    """Return the suffix that a file of this content has; empty where its first bytes do not tell."""
    return next((suffix for suffix, sign in _SIGNS if sign.match(content[:HEAD])), "")


def is_picture(suffix: str) -> bool:
    """Tell whether `suffix_of` gives this for pictures."""
    return suffix in _PICTURES


def media_type_of(suffix: str) -> str:
    """Return the media type that a suffix stands for."""
    return _MEDIA_TYPES.get(suffix) or mimetypes.guess_type(f"file{suffix}")[0] or UNKNOWN
