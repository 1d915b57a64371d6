"""Puts results where they were asked for: names them, checks the place beforehand, writes each whole or not at all."""

from __future__ import annotations

import io
import re
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image

from comfy_gen.atomic import replacing
from comfy_gen.errors import OutputPathError
from comfy_gen.pipeline.preprocess import open_picture
from comfy_gen.workflows.picture import with_parameters

SLUG_LENGTH = 48
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
"""What one kind of picture can be recoded to."""
MEDIA = PICTURES | {".gif", ".mp4", ".webm", ".mkv", ".mov", ".mp3", ".flac", ".wav", ".glb"}
"""What a person means as a suffix."""
UNSUPPORTED = frozenset({".avif", ".bmp", ".heic", ".ico", ".jxl", ".pdf", ".psd", ".svg", ".tga", ".tif", ".tiff"})
"""What a person may want and does not get."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where results go."""

    folder: Path
    name: str = ""
    """The file's name, where one was given."""

    def names(self, path: Path) -> bool:
        """Tell whether this is the very file that was given; any other name is made up and must replace nothing."""
        return bool(self.name) and path == self.folder / self.name

    def path(self, stem: str, suffix: str, *, number: int = 1, total: int = 1) -> Path:
        """Return the path of one result: ``number`` of ``total``, counted only where there are several.

        ``suffix`` is that of the engine's file; a name that was given keeps its own where the file can be recoded.
        """
        counted = f"-{number}" if total > 1 else ""
        if not self.name:
            return self.folder / f"{stem}{counted}{suffix}"
        given = Path(self.name)
        kept, engines = given.suffix.lower(), suffix.lower()
        if kept == engines or {kept, engines} <= PICTURES:
            return self.folder / f"{given.stem}{counted}{given.suffix}"
        bare = given.stem if kept in MEDIA else given.name  # "v1.5" has no suffix, only a point
        return self.folder / f"{bare}{counted}{suffix}"


def destination(output: str | None) -> Destination:
    """Read ``-o``: a folder if it is one or ends in a slash, else a file; the current folder if None.

    Raises:
        OutputPathError: it cannot be a file's name, or is one of a format that is not written.
    """
    if not output:
        return Destination(Path())
    path = Path(output)
    try:
        is_folder = path.is_dir()
    except OSError as error:  # such as a name that is too long
        raise OutputPathError(path, error.strerror or str(error)) from error
    if is_folder or output.endswith(("/", "\\")):
        return Destination(path)
    if output == "-" or path.suffix.lower() in UNSUPPORTED:
        raise OutputPathError(path, f"pictures are saved to files, as {', '.join(sorted(PICTURES))}")
    return Destination(path.parent, path.name)


def made_folder(folder: Path) -> str:
    """Make a folder that results go to unless another is named, and return it as ``-o`` takes it.

    Raises:
        OutputPathError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputPathError(folder, error.strerror or str(error)) from error
    return f"{folder}/"


def check(place: Destination) -> None:
    """Make sure that results can be written, before anything is computed for them.

    Raises:
        OutputPathError: the folder is missing or read-only, or its disk is full.
    """
    try:
        with tempfile.TemporaryFile(dir=place.folder) as probe:
            probe.write(bytes(4096))
            probe.flush()
    except OSError as error:
        raise OutputPathError(place.folder, error.strerror or str(error)) from error


def stem(prompt: str, seed: int | None) -> str:
    """Return a file name's stem that a person recognises: the prompt's first words and the seed."""
    ascii_text = unicodedata.normalize("NFKD", prompt).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
    if len(slug) > SLUG_LENGTH:
        slug = slug[:SLUG_LENGTH].rsplit("-", 1)[0]
    return "-".join(part for part in (slug or "picture", "" if seed is None else str(seed)) if part)


def unused(path: Path) -> Path:
    """Return the path, or the next one with a number that nobody has: names we make up replace nothing."""
    number, candidate = 1, path
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def save(content: bytes, path: Path, *, suffix: str, parameters: str = "") -> None:
    """Write one result: recoded where the path's suffix is another than the engine's, with its parameters inside.

    Raises:
        OutputPathError: it cannot be written; nothing is left behind.
    """
    if parameters and suffix.lower() == ".png":
        content = with_parameters(content, parameters)
    if path.suffix.lower() != suffix.lower():
        content = recode(content, path.suffix.lower())
    with replacing(path) as file:
        file.write(content)


def recode(content: bytes, suffix: str, *, quality: int | None = None) -> bytes:
    """Return a picture in another format, with its workflow and parameters where ComfyUI and A1111 put them there.

    ``quality`` is from 0 to 100, for JPEG and WebP; without one nothing is lost that the format can keep.
    """
    image = open_picture(content, source="the engine's picture")
    kind = Image.registered_extensions()[suffix]
    plain = image.convert("RGB") if kind == "JPEG" else image
    texts = {name: str(text) for name, text in image.info.items() if name in {"prompt", "workflow", "parameters"}}
    target = io.BytesIO()
    usual = {"lossless": True} if kind == "WEBP" else {"quality": 95}
    options = usual if quality is None else {"quality": quality}
    try:
        plain.save(target, kind, exif=_exif(texts), **options)
    except ValueError:  # a JPEG holds 64 KB of this, and some graphs are larger
        plain.save(target, kind, exif=_exif({"parameters": texts.get("parameters", "")}), **options)
    return target.getvalue()


def _exif(texts: dict[str, str]) -> Image.Exif:
    exif = Image.Exif()
    for tag, name in ((ExifTags.Base.Make, "workflow"), (ExifTags.Base.Model, "prompt")):
        if name in texts:
            exif[tag] = f"{name}:{texts[name]}"
    if texts.get("parameters"):
        comment = b"UNICODE\0" + texts["parameters"].encode("utf-16-be")
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return exif
