"""Finds the files and texts in what a server remembers of a prompt. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypedDict, cast

from comfy_gen.comfyui.bodies import files_of

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: dict[str, frozenset[str]] = {
    "image": frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tiff", ".tif", ".exr", ".svg", ".avif"}),
    "video": frozenset({".mp4", ".webm", ".mkv", ".mov", ".avi", ".m4v"}),
    "audio": frozenset({".mp3", ".wav", ".flac", ".ogg", ".opus", ".m4a", ".aac"}),
    "text": frozenset({".txt", ".json", ".csv", ".md", ".srt", ".vtt"}),
    "3d": frozenset({".glb", ".gltf", ".obj", ".stl", ".ply", ".fbx", ".splat", ".spz", ".ksplat", ".usdz"}),
}
"""What the suffixes mean; ComfyUI's own words for a node's output (``images``, ``gifs``) do not tell: a video node may
say ``images``."""


class OutputFile(TypedDict):
    """One file, as ``get_image`` takes it."""

    filename: str
    subfolder: str
    type: str
    node_id: str
    kind: str
    """``image``, ``video``, ``audio``, ``text``, ``3d`` or ``file``."""


def extract_outputs(history: Mapping[str, Any], *, kind: str | None = None) -> list[OutputFile]:
    """Return every file of a history: one entry, or the whole answer of ``GET /history``; of one kind, if given."""
    return [
        OutputFile(
            filename=file.filename,
            subfolder=file.subfolder,
            type=file.type,
            node_id=file.node_id,
            kind=kind_of(file.filename),
        )
        for entry in _entries(history)
        for file in files_of(entry.get("outputs") or {})
        if kind in (None, kind_of(file.filename))
    ]


def extract_output_images(history: Mapping[str, Any]) -> list[OutputFile]:
    """Return the pictures of a history; see `extract_outputs`."""
    return extract_outputs(history, kind="image")


def extract_output_texts(history: Mapping[str, Any]) -> list[str]:
    """Return the texts that nodes showed, rather than saved."""
    texts: list[str] = []
    for entry in _entries(history):
        for output in cast("Mapping[str, Mapping[str, Any]]", entry.get("outputs") or {}).values():
            shown = output.get("text")
            items = cast("list[object]", shown if isinstance(shown, list) else [])
            texts += [str(one) for one in items if not isinstance(one, dict)]  # which would be a file
    return texts


def kind_of(filename: str) -> str:
    """Return what kind of file a name stands for; ``file`` where the suffix does not tell."""
    suffix = PurePosixPath(filename).suffix.lower()
    return next((kind for kind, suffixes in KINDS.items() if suffix in suffixes), "file")


def _entries(history: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "outputs" in history:
        return [history]
    return [entry for entry in history.values() if isinstance(entry, dict) and "outputs" in entry]
