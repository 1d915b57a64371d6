"""Tells of finished jobs as OpenAI does of pictures."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.api.dialects.openai.bodies import MODERN, GenerationBody
from comfy_gen.api.dialects.openai.models import answers_with_pictures
from comfy_gen.api.problems import Told
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.job import MADE
from comfy_gen.jobs.result import error_of
from comfy_gen.pipeline.postprocess import recode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from comfy_gen.api.dialects.openai.bodies import Asked
    from comfy_gen.api.results import Results
    from comfy_gen.app.service import Service
    from comfy_gen.jobs.job import Artifact, Job

SUFFIXES = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
_NO_TOKENS = {
    "input_tokens": 0,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"image_tokens": 0, "text_tokens": 0},
    "total_tokens": 0,
}
"""Nothing here is counted in tokens; programs that add them up find the number that is true."""
_THE_CALLER_S = frozenset(
    {"asset_fetch_failed", "blocked_by_policy", "invalid_image", "invalid_input", "invalid_workflow"}
)
"""Codes of failures that a request is at fault for."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a request wants its pictures."""

    format: str = "png"
    compression: int | None = None
    as_url: bool = False
    background: str = "opaque"
    quality: str | None = "medium"
    asked_quality: str = "auto"
    asked_size: str = "auto"


def manner_of(said: Asked) -> Manner:
    """Return how a request wants its pictures.

    Raises:
        InvalidParameterError: as files that there are not.
    """
    as_url = _wants_url(said)
    if not isinstance(said, GenerationBody):
        return Manner(as_url=as_url, asked_size=said.size or "auto")
    form = said.output_format or "png"
    if as_url and form != "png":
        expected = "png where the answer has addresses: they are of the files as they were made"
        raise InvalidParameterError("output_format", form, expected)
    return Manner(
        format=form,
        compression=said.output_compression,
        as_url=as_url,
        background="transparent" if said.background == "transparent" else "opaque",
        asked_quality={"standard": "medium", "hd": "high"}.get(said.quality or "auto", said.quality or "auto"),
        asked_size=said.size or "auto",
    )


def _wants_url(said: Asked) -> bool:
    """Tell whether addresses are asked for; unsaid, it is as with the model whose name is given, or whose words are."""
    if isinstance(said, GenerationBody) and said.stream:
        return False
    if said.response_format is not None:
        return said.response_format == "url"
    is_modern = any(getattr(said, name, None) is not None for name in MODERN)
    return not (is_modern or answers_with_pictures(said.model))


class Gallery:
    """Finds the pictures of jobs, and puts them into answers."""

    def __init__(self, service: Service, results: Results, request: Request) -> None:
        self._service = service
        self._results = results
        self._request = request

    async def pictures(self, job: Job) -> Sequence[Artifact]:
        """Return the pictures that a job made."""
        found = await self._service.queue.store.artifacts(job.job_id)
        return [one for one in found if one.kind == "image"]

    async def answer(self, jobs: Sequence[Job], manner: Manner) -> dict[str, Any]:
        """Return what is told of jobs that made pictures."""
        artifacts = [one for job in jobs for one in await self.pictures(job)]
        told = {
            "created": ended_at(jobs[-1]),
            "background": manner.background,
            "data": [await self._told(one, manner) for one in artifacts],
            "output_format": manner.format,
            "quality": manner.quality,
            "size": size_told(artifacts[0]),
            "usage": _NO_TOKENS,
        }
        return {name: value for name, value in told.items() if value is not None}

    async def text(self, artifact: Artifact, manner: Manner) -> str:
        """Return a picture as base64.

        Raises:
            ArtifactGoneError: it is not in the store any more.
            StorageError: it cannot be read.
        """
        content = b"".join([chunk async for chunk in self._service.artifacts.read(artifact.key)])
        return await asyncio.to_thread(encoded, content, artifact.media_type, manner)

    async def _told(self, artifact: Artifact, manner: Manner) -> dict[str, str]:
        if manner.as_url:
            return {"url": await self._results.url(artifact, self._request)}
        return {"b64_json": await self.text(artifact, manner)}


def encoded(content: bytes, media_type: str, manner: Manner) -> str:
    """Return a picture as base64, in the format that was asked for; blocks."""
    if media_type != f"image/{manner.format}" or manner.compression is not None:
        content = recode(content, SUFFIXES[manner.format], quality=manner.compression)
    return base64.b64encode(content).decode()


def failure_told(job: Job) -> Told:
    """Return what there is to tell of a job that made no picture."""
    error = error_of(job) or {"code": "no_output", "message": "the workflow made no picture", "hint": "", "details": {}}
    status = 400 if error["code"] in _THE_CALLER_S else 500
    hint = f"{error['hint']} GET /jobs/{job.job_id} tells more.".strip()
    return Told(status, error["code"], error["message"], hint, error["details"], {"x-should-retry": "false"})


def completed(kind: str, job: Job, artifact: Artifact, text: str, manner: Manner) -> dict[str, Any]:
    """Return the event that a picture is finished."""
    return {
        "type": f"{kind}.completed",
        "b64_json": text,
        "background": manner.background,
        "created_at": ended_at(job),
        "output_format": manner.format,
        "quality": manner.quality or "auto",
        "size": size_told(artifact),
        "usage": {name: value for name, value in _NO_TOKENS.items() if name != "output_tokens_details"},
    }


def partial(kind: str, number: int, created: float, text: str, manner: Manner) -> dict[str, Any]:
    """Return the event of what a picture looks like on the way."""
    return {
        "type": f"{kind}.partial_image",
        "b64_json": text,
        "background": manner.background,
        "created_at": int(created),
        "output_format": manner.format,
        "partial_image_index": number,
        "quality": manner.asked_quality,
        "size": manner.asked_size,
    }


def is_made(job: Job) -> bool:
    """Tell whether a job that ended has a result."""
    return job.state in MADE


def ended_at(job: Job) -> int:
    """Return when a job ended."""
    return int(job.ended or job.created)


def size_told(artifact: Artifact) -> str | None:
    """Return how large a picture is."""
    return f"{artifact.width}x{artifact.height}" if artifact.width and artifact.height else None
