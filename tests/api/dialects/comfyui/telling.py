"""What tests of sockets' messages are made of: jobs, frames as an engine sends them, and who takes them."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import Job, JobState
from comfy_gen.jobs.relay import Running

if TYPE_CHECKING:
    from comfy_gen.api.dialects.comfyui.outgoing import Outgoing

JOB = JobId("11111111-1111-4111-8111-111111111111")
PROMPT = "99999999-9999-4999-8999-999999999999"
"""What the engine calls it."""
JPEG, PNG = 1, 2


def job(client_id: str | None = "ada", *, job_id: str = JOB, is_native: bool = True, **facts: Any) -> Job:
    """A job that runs, sent as a prompt of a client's."""
    named = {} if client_id is None else {"client_id": client_id}
    facts = {"state": JobState.GENERATING, "attempt": 1, "owner": "ann", **facts}
    return Job(JobId(job_id), metadata={"comfyui": named} if is_native else {}, **facts)


def running(of: Job | None = None, **facts: Any) -> Running:
    """The same, as it is known where it runs."""
    return Running(of or job(), {}, **facts)


def said(kind: str, **data: Any) -> dict[str, Any]:
    """What an engine says of its prompt."""
    return {"type": kind, "data": {"prompt_id": PROMPT, **data}}


def preview(image: bytes = b"picture", *, kind: int = JPEG, node: str = "3") -> bytes:
    """A picture that says whose it is."""
    media_type = {JPEG: "image/jpeg", PNG: "image/png"}[kind]
    label = json.dumps({"node_id": node, "prompt_id": PROMPT, "display_node_id": node, "image_type": media_type})
    return struct.pack(">II", 4, len(label)) + label.encode() + image


def plain(image: bytes = b"picture", *, kind: int = JPEG) -> bytes:
    """A picture that does not, as old engines send it."""
    return struct.pack(">II", 1, kind) + image


async def taken(outgoing: Outgoing) -> list[Any]:
    """Return all that waits for a socket, texts read."""
    outgoing.tell("end")
    found: list[Any] = []
    while (payload := await anext(outgoing)) != "end":
        found.append(json.loads(payload) if isinstance(payload, str) else payload)
    return found
