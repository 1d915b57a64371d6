"""What the store keeps of one output of a job. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Artifact:
    """One stored output file."""

    artifact_id: str
    """The same for the same output of the same job: storing it again replaces, and never doubles."""
    job_id: str
    node_id: str
    kind: str
    """``image``, ``video``, ``audio``, ``text``, ``3d`` or ``file``: see `comfy_gen.comfyui.outputs.kind_of`."""
    filename: str
    """As the engine called it; for people, not for finding it."""
    media_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    key: str
    """Where it lies in the store."""
    thumbnail_key: str | None
    url: str = ""
    """Of the copy in the bucket that the request named; empty where it named none. It may expire."""
    take: int = 1
    """The number of the take that it is of: a job may be made several times until it is good enough."""
    blake3: str = ""
    """Another hash of it, by which others' APIs know contents; empty for what was stored before it was noted."""


def artifact_id(job_id: str, node_id: str, kind: str, index: int, take: int = 1) -> str:
    """Return the id of a node's output; ``kind`` is the node's own word for it, ``index`` its place among these."""
    place = f"{node_id}/{kind}/{index}"
    return str(uuid.uuid5(uuid.UUID(job_id), place if take == 1 else f"{place}/{take}"))
