"""How well a picture fits a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from comfy_gen.api.context import Generator, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.wire.scores import Score, ScoreBody
from comfy_gen.errors import ArtifactNotFoundError, InputImageError, InvalidParameterError
from comfy_gen.pipeline.inputs import FOLDER, UPLOADS
from comfy_gen.validation.quality import Quality

if TYPE_CHECKING:
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service

router = APIRouter(tags=["artifacts"])


@router.post("/score", response_model=Score, responses=problems(404, 410, 415))
async def score(body: ScoreBody, caller: Generator, service: TheService) -> dict[str, Any]:
    """Have the quality gate judge a picture by a prompt. What is broken beyond question is not compared."""
    if not body.prompt.strip():
        raise InvalidParameterError("prompt", body.prompt, "what the picture is to show")
    await service.scoring.gate()  # what nothing can compare need not be looked for
    verdict = await service.scoring.score(
        service.artifacts.read(await _key(service, caller, body)),
        source=str(body.artifact_id or body.image),
        prompt=body.prompt,
        negative_prompt=body.negative_prompt,
        quality=Quality(positive_threshold=body.positive_threshold, delta_threshold=body.delta_threshold),
    )
    return verdict.as_json() | {"artifact_id": str(body.artifact_id or ""), "image": body.image or ""}


async def _key(service: Service, caller: Caller, body: ScoreBody) -> str:
    """Return where the picture lies.

    Raises:
        ArtifactNotFoundError: there is none of this id or name, or it is somebody else's.
        InputImageError: it is no picture.
        InvalidParameterError: none is named, or two are.
    """
    if (body.artifact_id is None) is (body.image is None):
        raise InvalidParameterError("artifact_id", body.artifact_id or "", "given, or an image in its place")
    if body.image is not None:
        key = f"{FOLDER}/{body.image.removeprefix(UPLOADS)}"
        if not await service.artifacts.exists(key):
            raise ArtifactNotFoundError(body.image)
        return key
    artifact = await service.artifact(caller, str(body.artifact_id))
    if not artifact.media_type.startswith("image/"):
        raise InputImageError(artifact.filename, f"it is {artifact.media_type}, and no picture")
    return artifact.key
