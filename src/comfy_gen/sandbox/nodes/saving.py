"""Nodes that save pictures, animations and videos, with the prompt in their metadata and a mark of their origin."""

from __future__ import annotations

import json
import os
from io import BytesIO
from pathlib import Path
from random import choices
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from PIL import Image, PngImagePlugin

from comfy_gen.sandbox.files import OutsideError
from comfy_gen.sandbox.nodes.node import ReportedError, Shown
from comfy_gen.sandbox.nodes.video import mp4, webm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.sandbox.files import Slot
    from comfy_gen.sandbox.nodes.node import Node, Work
    from comfy_gen.sandbox.values import Masks, Pictures, Video

MARK = "comfygen_sandbox"
"""The metadata key that only pictures of the sandbox have."""

MARK_TEXT = "Painted by ComfyGen's sandbox engine; no diffusion model was run."


def save_images(work: Work, *, images: Pictures, filename_prefix: str = "ComfyUI") -> Shown:
    """SaveImage."""
    return Shown({"images": _saved(work, images, filename_prefix, kind="output", compress_level=4)})


def preview_images(work: Work, *, images: Pictures) -> Shown:
    """PreviewImage: into the temp folder, under a name that does not repeat."""
    prefix = "ComfyUI_temp_" + "".join(choices(ascii_lowercase, k=5))  # noqa: S311  # not a secret
    return Shown({"images": _saved(work, images, prefix, kind="temp", compress_level=1)})


def preview_mask(work: Work, *, mask: Masks) -> Shown:
    """MaskPreview."""
    return preview_images(work, images=tuple(one.convert("RGB") for one in mask))


def _saved(work: Work, images: Pictures, prefix: str, *, kind: str, compress_level: int) -> list[dict[str, str]]:
    width, height = images[0].size
    slot = _slot(work, kind, prefix, size=(width, height), count=len(images))
    info = _png_info(work)
    results: list[dict[str, str]] = []
    for number, picture in enumerate(images):
        name = f"{slot.stem.replace('%batch_num%', str(number))}_{slot.counter + number:05}_.png"
        buffer = BytesIO()
        picture.save(buffer, "png", pnginfo=info, compress_level=compress_level)
        _write(work, slot.folder / name, buffer.getvalue())
        results.append({"filename": name, "subfolder": slot.subfolder, "type": kind})
    return results


def _slot(work: Work, kind: str, prefix: str, *, size: tuple[int, int], count: int = 1) -> Slot:
    try:
        return work.files.slot(kind, prefix, width=size[0], height=size[1], count=count)
    except OutsideError as error:
        facts = (("full_output_folder", error.folder), ("output_dir", error.home))
        common = Path(os.path.commonpath([error.folder, error.home]))
        told = "".join(f"\n{name:>19}: {path}" for name, path in (*facts, ("commonpath", common)))
        raise ReportedError(
            "Exception", f"**** ERROR: Saving image outside the output folder is not allowed.{told}"
        ) from error


def _png_info(work: Work) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for key, text in {**work.metadata, MARK: MARK_TEXT}.items():
        info.add_text(key, text)
    return info


def _write(work: Work, path: Path, content: bytes) -> None:
    path.write_bytes(content[: len(content) // 2] if work.corrupts_output else content)


def save_webp(
    work: Work, *, images: Pictures, filename_prefix: str, fps: float, lossless: bool, quality: int, method: str
) -> Shown:
    """SaveAnimatedWEBP: ComfyUI puts the prompt into the EXIF field Model, and so do we."""
    exif = Image.Exif()
    exif[0x0110] = f"prompt:{work.metadata.get('prompt', '{}')}"
    exif[0x010E] = f"{MARK}:{MARK_TEXT}"
    effort = {"default": 4, "fastest": 0, "slowest": 6}[method]
    return _animated(
        work, images, filename_prefix, "webp", fps, lossless=lossless, quality=quality, method=effort, exif=exif
    )


def save_animated_png(work: Work, *, images: Pictures, filename_prefix: str, fps: float, compress_level: int) -> Shown:
    """SaveAnimatedPNG."""
    return _animated(work, images, filename_prefix, "png", fps, compress_level=compress_level, pnginfo=_png_info(work))


def _animated(work: Work, images: Pictures, prefix: str, suffix: str, fps: float, **how: Any) -> Shown:
    buffer = BytesIO()
    first, *rest = images
    first.save(buffer, suffix, save_all=True, append_images=rest, duration=int(1000 / fps), **how)
    return Shown({"images": [_stored(work, buffer.getvalue(), prefix, suffix, images[0].size)], "animated": (True,)})


def save_video(work: Work, *, video: Video, filename_prefix: str, **_: Any) -> Shown:
    """SaveVideo: frames as JPEG in MP4, which players read and no codec is needed to write."""
    content = mp4(video.frames, video.fps, comment=_comment(work))
    stored = _stored(work, content, filename_prefix, "mp4", video.frames[0].size)
    return Shown({"images": [stored], "animated": (True,)})


def save_webm(work: Work, *, images: Pictures, filename_prefix: str, fps: float, **_: Any) -> Shown:
    """SaveWEBM: frames as VP8 key frames, which is what a lossy WebP is made of."""
    content = webm(images, fps, comment=_comment(work))
    return Shown({"images": [_stored(work, content, filename_prefix, "webm", images[0].size)], "animated": (True,)})


def _comment(work: Work) -> str:
    return json.dumps({**work.metadata, MARK: MARK_TEXT})


def _stored(work: Work, content: bytes, prefix: str, suffix: str, size: tuple[int, int]) -> dict[str, str]:
    slot = _slot(work, "output", prefix, size=size)
    name = f"{slot.stem}_{slot.counter:05}_.{suffix}"
    _write(work, slot.folder / name, content)
    return {"filename": name, "subfolder": slot.subfolder, "type": "output"}


NODES: Mapping[str, Node] = {
    "SaveImage": save_images,
    "PreviewImage": preview_images,
    "MaskPreview": preview_mask,
    "SaveAnimatedWEBP": save_webp,
    "SaveAnimatedPNG": save_animated_png,
    "SaveVideo": save_video,
    "SaveWEBM": save_webm,
}
