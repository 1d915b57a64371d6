"""Finds the file that a client names: an output of a job of theirs, what they uploaded, or what an engine has in store.

Clients fetch an output as soon as its node is done. It can be seen once its job has ended, for until then nobody has
looked at it: so who asks earlier is made to wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.api.answers import end_of
from comfy_gen.api.dialects.comfyui import stock
from comfy_gen.api.dialects.comfyui.names import KINDS, Name, name_in, split_kind
from comfy_gen.api.dialects.comfyui.places import place_of
from comfy_gen.api.files import Served
from comfy_gen.errors import JobNotFoundError
from comfy_gen.pipeline.media import UNKNOWN, media_type_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from comfy_gen.api.dialects.comfyui.places import Place
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.jobs.job import Artifact
    from comfy_gen.storage.store import ArtifactStore

PATIENCE = 3600.0
"""Seconds that somebody who asks for an output waits for its job to end."""


_ACTIVE = frozenset({"text/html", "application/xhtml+xml", "text/javascript", "application/javascript", "text/css"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that was found."""

    file: Served
    is_final: bool = False
    """Whether its name will never mean another content."""
    content: bytes | None = None
    """Where it is not in the store."""

    async def read(self, store: ArtifactStore) -> bytes:
        """Return all of it.

        Raises:
            ArtifactGoneError: it is not in the store any more.
            StorageError: it cannot be read.
        """
        return self.content if self.content is not None else b"".join([one async for one in store.read(self.file.key)])


def name_asked(filename: str, kind: str = "output", subfolder: str = "") -> Name | int:
    """Return the name of the file that a request means, or the status that a ComfyUI refuses it with."""
    said, own_kind = split_kind(filename)
    kind = own_kind or kind
    if not said or said.startswith("/") or ".." in said or kind not in KINDS:
        return 400
    if subfolder and name_in(kind, subfolder, said) is None:
        return 403
    return name_in(kind, subfolder, said) or 404


async def find(service: Service, caller: Caller, name: Name, request: Request) -> Seen | None:
    """Return a file that the caller may see; None if there is none."""
    subfolder, filename = name.parts
    place = place_of(filename, subfolder) if name.kind != "input" else None
    if place is not None and (output := await find_output(caller, place, request)) is not None:
        return Seen(served(output), is_final=True)
    if (upload := await service.named_files.find(caller.owner, name.kind, name.path)) is not None:
        tag = f'"{upload.key.rpartition("/")[2]}"'
        return Seen(Served(upload.key, filename, _media_type_of(filename), tag, upload.size))
    content = await stock.content_of(service, name)
    if content is None:
        return None
    return Seen(Served("", filename, _media_type_of(filename), "", len(content)), content=content)


async def find_output(caller: Caller, place: Place, request: Request) -> Artifact | None:
    """Return an output of a job of the caller's, once the job has ended; None if there is none.

    Who asks and leaves, or waits for too long, gets none either.
    """
    service, results = request.app.state.service, request.app.state.results
    try:
        job = await results.job(caller, place.job_id)
        if not job.state.is_end and not await end_of(job.job_id, service.queue.watching, request, patience=PATIENCE):
            return None
        outputs = await service.queue.store.artifacts(place.job_id)
    except JobNotFoundError:
        return None
    return next((one for one in outputs if (one.node_id, one.filename) == place[1:]), None)


def served(output: Artifact) -> Served:
    """Return an output as it is sent."""
    kind = UNKNOWN if output.media_type in _ACTIVE else output.media_type
    return Served(output.key, output.filename, kind, f'"{output.sha256}"', output.size)


def _media_type_of(path: str) -> str:
    """Return what a file is by its name; pages, scripts and styles are nothing that a browser knows."""
    kind = media_type_of(PurePosixPath(path).suffix.lower())
    return UNKNOWN if kind in _ACTIVE else kind
