"""Outputs of jobs, for other jobs to work on: a copy of each lies where what people send does.

So a job that was accepted has what it works on, whatever becomes of the job that made it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.app.assets import put_content, read_small, write_small
from comfy_gen.app.contents import CHUNK, content_of
from comfy_gen.app.uploading import Kept, asset_of

if TYPE_CHECKING:
    from comfy_gen.pipeline.artifact import Artifact
    from comfy_gen.storage.store import ArtifactStore


@dataclass(frozen=True, slots=True)
class Copy:
    """An output as jobs can work on it."""

    sha256: str
    """Of the output when it was copied: a job that is begun afresh may have another one in its place."""
    upload: str
    """What the copy is called among the uploads."""
    fault: str
    """Why no workflow can work on it; empty where one can."""

    @property
    def kept(self) -> Kept:
        """Where the copy lies, and what names it in a workflow that is kept."""
        return Kept(self.upload)


async def copied(store: ArtifactStore, artifact: Artifact, owner: str) -> Copy:
    """Return the copy of an owner's output, made now unless it is there.

    Raises:
        ArtifactGoneError: the output is not in the store any more.
        StorageError: it cannot be read, or the copy not be kept.
    """
    known = await _known(store, artifact)
    if known is not None and await store.exists(known.kept.key):
        return known
    made = await _copy(store, artifact, owner)
    await write_small(store, _record(artifact), json.dumps(dataclasses.asdict(made)))
    return made


async def _known(store: ArtifactStore, artifact: Artifact) -> Copy | None:
    """Return the copy that was made of an output before; None where none was."""
    found = await read_small(store, _record(artifact))
    copy = None if found is None else Copy(**json.loads(found))
    return copy if copy is not None and copy.sha256 == artifact.sha256 else None


async def _copy(store: ArtifactStore, artifact: Artifact, owner: str) -> Copy:
    with tempfile.SpooledTemporaryFile(CHUNK) as file:
        async for chunk in store.read(artifact.key):
            await asyncio.to_thread(file.write, chunk)
        content = await asyncio.to_thread(content_of, file, name=artifact.filename)
        kept = asset_of(owner, content.place, content.suffix)
        await put_content(store, kept.key, file)
    return Copy(artifact.sha256, kept.name, content.fault)


def _record(artifact: Artifact) -> str:
    return f"assets/outputs/{artifact.artifact_id}.json"
