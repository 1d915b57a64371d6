"""Assets as the dialect tells of them, whether somebody sent them or a job made them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from comfy_gen.api.dialects.comfy.hashes import hash_of, hash_of_output
from comfy_gen.api.dialects.comfy.moments import moment

if TYPE_CHECKING:
    from starlette.requests import Request

    from comfy_gen.app.assets import Asset
    from comfy_gen.app.service import Service
    from comfy_gen.pipeline.artifact import Artifact


def asset_told(asset: Asset, service: Service, request: Request) -> dict[str, Any]:
    """Return an asset that somebody sent."""
    return {
        "id": asset.asset_id,
        "hash": hash_of(asset.digest),
        "size_bytes": asset.size,
        "content_type": asset.media_type,
        "file_path": asset.file_path,
        "created_at": moment(asset.created),
        **_address(asset.asset_id, service, request),
    }


async def output_told(artifact: Artifact, service: Service, request: Request) -> dict[str, Any]:
    """Return an output of a job.

    Raises:
        JobNotFoundError: its job was deleted meanwhile.
    """
    job = await service.queue.store.get(artifact.job_id)
    return {
        "id": artifact.artifact_id,
        "hash": hash_of_output(artifact),
        "size_bytes": artifact.size,
        "content_type": artifact.media_type,
        "file_path": artifact.filename,
        "created_at": moment(job.ended or job.created),
        "job_id": artifact.job_id,
        **_address(artifact.artifact_id, service, request),
    }


def _address(asset_id: str, service: Service, request: Request) -> dict[str, str]:
    """Return where the content is fetched without a key, and until when."""
    api = service.settings.api
    base = (api.public_url or str(request.base_url)).rstrip("/")
    return {
        "url": f"{base}/api/v2/assets/{asset_id}/content?token={service.links.token(asset_id)}",
        "url_expires_at": moment(time.time() + api.link_lifetime),
    }
