"""Takes what a prompt made off its engine and into the store. Done twice it leaves what doing it once leaves."""

from __future__ import annotations

import asyncio
import io
import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, NamedTuple

from blake3 import blake3
from PIL import Image

from comfy_gen.comfyui.outputs import extract_output_texts, kind_of
from comfy_gen.errors import CorruptOutputError, InputImageError, NoOutputError
from comfy_gen.pipeline import thumbnail
from comfy_gen.pipeline.artifact import Artifact, artifact_id
from comfy_gen.pipeline.files import IN_MEMORY, fetch_spooled, kept_files, must_open, opened, persistently
from comfy_gen.pipeline.media import media_type_of
from comfy_gen.workflows.parameters import parameters_text
from comfy_gen.workflows.picture import with_parameters

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.bodies import FileRef
    from comfy_gen.comfyui.tracker import Outcome
    from comfy_gen.pipeline.inspection import Inspection
    from comfy_gen.storage.store import ArtifactStore
    from comfy_gen.workflows.graph import Workflow

CHUNK = 256 * 1024
SHOWN = "shown"
"""Stands for a node's own word where it showed a text: under ``text`` it may have files as well."""
_MOVING = frozenset({"video", "file"})
"""Kinds that may show something, and that nothing here can open."""
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


async def collect(
    client: AsyncComfyUIClient,
    outcome: Outcome,
    *,
    job_id: str,
    store: ArtifactStore,
    workflow: Workflow,
    inspection: Inspection | None = None,
    take: int = 1,
    as_comfyui: bool = False,
) -> list[Artifact]:
    """Store every file that a prompt made, and every text that its nodes showed; return what is stored where.

    Of pictures there is a small one too, and a PNG gets A1111's text beside ComfyUI's workflow. What does not pass
    the inspection is not stored. ``take`` is the number of the job's take; ``as_comfyui`` says that the files which
    nodes only show are kept, too, and that there may be none at all.

    Raises:
        NoOutputError: there is neither.
        EngineError: the engine does not give a file, asked three times.
        CorruptOutputError: a picture does not open.
        StorageError: the store does not take one.
    """
    files = numbered(outcome.files, with_shown=as_comfyui)
    texts = shown(outcome.outputs)
    if not (files or texts or as_comfyui):
        raise NoOutputError(outcome.prompt_id)
    parameters = "" if as_comfyui else parameters_text(workflow)  # of a ComfyUI they are the very bytes
    collection = _Collection(client, store, job_id, parameters, inspection, take)
    taken = [await collection.take(one) for one in files]
    return [*[one for one in taken if one is not None], *[await collection.note(one) for one in texts]]


class Numbered(NamedTuple):
    """A file, and its place among those that its node names under the same word."""

    file: FileRef
    number: int


class Text(NamedTuple):
    """A text that a node showed, and its place among those of the node."""

    node_id: str
    number: int
    text: str


def numbered(files: Sequence[FileRef], *, with_shown: bool = False) -> list[Numbered]:
    """Return the files to keep, each with its number among all, so that it does not depend on which are kept."""
    counts: dict[tuple[str, str], int] = {}
    numbers: dict[int, int] = {}
    for place, file in enumerate(files):
        numbers[place] = counts.get((file.node_id, file.kind), 0)
        counts[file.node_id, file.kind] = numbers[place] + 1
    kept = {file: place for place, file in enumerate(kept_files(files, with_shown=with_shown))}
    found = [Numbered(file, numbers[place]) for place, file in enumerate(files) if file in kept]
    return sorted(found, key=lambda one: kept[one.file])


def shown(outputs: Mapping[str, Mapping[str, object]]) -> list[Text]:
    """Return the texts that nodes showed rather than saved."""
    return [
        Text(node_id, number, text)
        for node_id, output in outputs.items()
        for number, text in enumerate(extract_output_texts({"outputs": {node_id: output}}))
    ]


def key_of(job_id: str, artifact: str, suffix: str) -> str:
    """Return where an artifact lies: those of a job side by side, in one of 256 folders."""
    return f"{job_id[:2]}/{job_id}-{artifact}{suffix}"


@dataclass(frozen=True, slots=True)
class _Picture:
    """What is known of a picture; of another file nothing is."""

    width: int | None = None
    height: int | None = None
    media_type: str = ""
    image: Image.Image | None = None
    """Decoded."""
    content: bytes | None = None
    """What is kept of it, with its parameters inside where it takes them; None where that is too large for memory."""


class _Collection:
    """One prompt's results on their way."""

    def __init__(
        self,
        client: AsyncComfyUIClient,
        store: ArtifactStore,
        job_id: str,
        parameters: str,
        inspection: Inspection | None,
        take: int,
    ) -> None:
        self._client = client
        self._store = store
        self._job_id = job_id
        self._parameters = parameters
        self._inspection = inspection
        self._take = take

    async def take(self, numbered: Numbered) -> Artifact | None:
        """Store a file of the engine; None where it is withheld."""
        file = numbered.file
        bare = self._bare(file.node_id, file.kind, numbered.number, file.filename)
        if bare.kind != "image":
            self._overlook(bare)
            return await persistently(lambda: self._put(bare, self._client.stream_file(file)))
        with await persistently(lambda: fetch_spooled(self._client, file)) as spool:
            picture = await asyncio.to_thread(_look_at, spool, file.filename, self._parameters)
            if self._inspection is not None and not await self._inspection.passes(bare, picture.image):
                return None
            spool.seek(0)  # frames of an animation were read from it
            thumbnail_key = None if picture.image is None else f"{bare.key.partition('.')[0]}.small{thumbnail.SUFFIX}"
            known = replace(
                bare,
                width=picture.width,
                height=picture.height,
                media_type=picture.media_type or bare.media_type,
                thumbnail_key=thumbnail_key,
            )
            if picture.content is not None:  # as the decoded picture is: both are stored at a time
                whole, small = self._put(known, _once(picture.content)), self._put_small(known, picture)
                return (await asyncio.gather(whole, small))[0]
            await self._put_small(known, picture)
            return await self._put(known, _pieces(spool))

    def _overlook(self, artifact: Artifact) -> None:
        if self._inspection is not None and artifact.kind in _MOVING:
            self._inspection.overlook(artifact)

    async def note(self, text: Text) -> Artifact:
        """Store a text that a node showed."""
        bare = self._bare(text.node_id, SHOWN, text.number, f"text_{text.node_id}_{text.number}.txt")
        return await self._put(bare, _once(text.text.encode()))

    async def _put_small(self, artifact: Artifact, picture: _Picture) -> None:
        if picture.image is not None and artifact.thumbnail_key is not None:
            small = await asyncio.to_thread(thumbnail.thumbnail, picture.image)
            await self._store.put(artifact.thumbnail_key, _once(small), is_durable=False)

    async def _put(self, artifact: Artifact, content: AsyncIterator[bytes]) -> Artifact:
        digest = blake3()

        async def noted() -> AsyncIterator[bytes]:
            async for chunk in content:
                digest.update(chunk)
                yield chunk

        stored = await self._store.put(artifact.key, noted())
        return replace(artifact, size=stored.size, sha256=stored.sha256, blake3=digest.hexdigest())

    def _bare(self, node_id: str, word: str, number: int, filename: str) -> Artifact:
        """Return what is known of a file before it is here."""
        name = PurePosixPath(filename).name
        identity = artifact_id(self._job_id, node_id, word, number, self._take)
        suffix = suffix if _SUFFIX.fullmatch(suffix := PurePosixPath(name).suffix.lower()) else ""
        return Artifact(
            artifact_id=identity,
            job_id=self._job_id,
            node_id=node_id,
            kind=kind_of(name),
            filename=name,
            media_type=media_type_of(suffix),
            size=0,
            sha256="",
            width=None,
            height=None,
            key=key_of(self._job_id, identity, suffix),
            thumbnail_key=None,
            take=self._take,
        )


def _look_at(spool: IO[bytes], filename: str, parameters: str) -> _Picture:
    """Decode a picture and make of it what is made of pictures; blocks."""
    try:
        image = opened(spool, filename)
        content = _content(spool, image, parameters)
    except CorruptOutputError:
        if must_open(filename):
            raise
        image = content = None  # some are in formats that are not known here
    except InputImageError as error:
        raise CorruptOutputError(filename, error.reason) from error
    spool.seek(0)
    if image is None:
        return _Picture()
    kind = Image.MIME.get(image.format or "", "")
    return _Picture(image.width, image.height, kind, image, content)


def _content(spool: IO[bytes], image: Image.Image | None, parameters: str) -> bytes | None:
    if image is None or spool.seek(0, io.SEEK_END) > IN_MEMORY:
        return None
    spool.seek(0)
    content = spool.read()
    return with_parameters(content, parameters) if parameters and image.format == "PNG" else content


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, CHUNK):
        yield chunk


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
