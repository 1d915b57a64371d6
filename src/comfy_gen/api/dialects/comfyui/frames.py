"""What an engine says of a job, in the words that its client knows the job by. Pure.

Source: the wire protocol as recorded from ComfyUI 0.3.75.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.api.dialects.comfyui.outputs import placed
from comfy_gen.comfyui.messages import Raw

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN, _LABELLED = 1, 4
"""The kinds of binary frames that have a picture."""
_FORMATS = {1: "image/jpeg", 2: "image/png"}
_NUMBERS = {media_type: number for number, media_type in _FORMATS.items()}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a run, both ways in which clients take it."""

    plain: bytes = field(repr=False)
    labelled: bytes = field(repr=False)
    """With the prompt and the node that it is of, for clients that asked for that."""
    is_passing: bool
    """Whether it shows work in progress. PNG is what nodes send whose pictures are the result."""
    is_early: bool = False
    """Whether the step that it is of is yet to be told: those who take no label are sent pictures after that."""


Message = Raw | Picture | bytes
"""What a client is told; bytes are a binary frame of another kind."""


def told(raw: Raw, job_id: str) -> Raw:
    """Return a text message as of a job."""
    data = raw.get("data")
    if not isinstance(data, dict):
        return raw
    facts = dict(cast("Raw", data))
    if "prompt_id" in facts:
        facts["prompt_id"] = job_id
    if raw.get("type") == "progress_state":
        nodes = cast("Mapping[str, Mapping[str, Any]]", facts.get("nodes") or {})
        facts["nodes"] = {node_id: {**node, "prompt_id": job_id} for node_id, node in nodes.items()}
    if raw.get("type") == "executed" and isinstance(facts.get("output"), dict):
        facts["output"] = placed(job_id, str(facts.get("node")), facts["output"])
    return {**raw, "data": facts}


def pictured(frame: bytes, job_id: str, node_id: str | None) -> Picture | bytes:
    """Return a binary frame as of a job; ``node_id`` is the node that runs, for pictures that do not say theirs.

    Raises:
        ValueError: it is cut short, or garbled.
    """
    try:
        kind, number = struct.unpack_from(">II", frame)
        if kind == _LABELLED:
            metadata = cast("Raw", json.loads(frame[8 : 8 + number]))
            return _picture({**metadata, "prompt_id": job_id}, frame[8 + number :], is_early=True)
    except (struct.error, TypeError, ValueError) as error:
        raise ValueError(frame[:8]) from error
    if kind == _PLAIN:
        return _picture(_label(job_id, node_id, _FORMATS.get(number, "image/jpeg")), frame[8:])
    return frame


def _picture(metadata: Mapping[str, Any], image: bytes, *, is_early: bool = False) -> Picture:
    number = _NUMBERS.get(metadata.get("image_type", ""), 1)
    label = json.dumps(metadata).encode()
    return Picture(
        plain=struct.pack(">II", _PLAIN, number) + image,
        labelled=struct.pack(">II", _LABELLED, len(label)) + label + image,
        is_passing=number == 1,
        is_early=is_early,
    )


def _label(job_id: str, node_id: str | None, media_type: str) -> dict[str, Any]:
    ids = {"node_id": node_id, "prompt_id": job_id, "display_node_id": node_id, "parent_node_id": None}
    return {**ids, "real_node_id": node_id, "image_type": media_type}
