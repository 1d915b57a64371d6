"""The asset store of newer servers. One where it is switched off answers 503 with code SERVICE_DISABLED."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp

from comfy_gen.comfyui.routes.route import Json, RouteGroup, segment

if TYPE_CHECKING:
    from collections.abc import Sequence


class AssetRoutes(RouteGroup):
    """Files by content hash, with tags."""

    async def has_asset(self, content_hash: str) -> bool:
        """Tell whether the server has content of this hash, ``blake3:…``."""
        status, _ = await self.http.request("HEAD", f"/api/assets/hash/{content_hash}", accept=(404,))
        return status != 404

    async def list_assets(self, **filters: str) -> Json:
        """Return assets: include_tags, exclude_tags, name_contains, limit, offset, sort, order."""
        return await self.http.json("GET", "/api/assets", params=filters)

    async def get_asset(self, asset_id: str) -> Json | None:
        """Return one asset, or None."""
        return await self.http.json_if_found(f"/api/assets/{segment(asset_id)}")

    async def get_asset_content(self, asset_id: str) -> bytes:
        """Return an asset's bytes."""
        _, content = await self.http.request("GET", f"/api/assets/{segment(asset_id)}/content")
        return content

    async def upload_asset(self, content: bytes, name: str, tags: Sequence[str] = ()) -> Json:
        """Store a file as an asset and return its record."""
        form = aiohttp.FormData({"name": name, "tags": json.dumps(list(tags))})
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
        return await self.http.json("POST", "/api/assets", data=form)

    async def create_asset_from_hash(self, content_hash: str, name: str, tags: Sequence[str] = ()) -> Json:
        """Give a name to content that the server already has."""
        body = {"hash": content_hash, "name": name, "tags": list(tags)}
        return await self.http.json("POST", "/api/assets/from-hash", body=body)

    async def update_asset(self, asset_id: str, **fields: Any) -> Json:
        """Change an asset's name or metadata."""
        return await self.http.json("PUT", f"/api/assets/{segment(asset_id)}", body=fields)

    async def delete_asset(self, asset_id: str) -> None:
        """Delete an asset's name; the server drops the content when no name is left."""
        await self.http.request("DELETE", f"/api/assets/{segment(asset_id)}")

    async def add_asset_tags(self, asset_id: str, tags: Sequence[str]) -> Json:
        """Add tags to an asset."""
        return await self.http.json("POST", f"/api/assets/{segment(asset_id)}/tags", body={"tags": list(tags)})

    async def remove_asset_tags(self, asset_id: str, tags: Sequence[str]) -> Json:
        """Remove tags from an asset."""
        return await self.http.json("DELETE", f"/api/assets/{segment(asset_id)}/tags", body={"tags": list(tags)})

    async def list_tags(self, **filters: str) -> Json:
        """Return the tags in use: prefix, limit, offset."""
        return await self.http.json("GET", "/api/tags", params=filters)

    async def refine_tags(self, **filters: str) -> Json:
        """Return the tags that would narrow down a list of assets."""
        return await self.http.json("GET", "/api/assets/tags/refine", params=filters)

    async def seed_assets(self) -> Json:
        """Have the server take the files on its disk into the store, in the background."""
        return await self.http.json("POST", "/api/assets/seed", body={})

    async def cancel_asset_seed(self) -> Json:
        """Stop that."""
        return await self.http.json("POST", "/api/assets/seed/cancel", body={})

    async def get_asset_seed_status(self) -> Json:
        """Return how far that is."""
        return await self.http.json("GET", "/api/assets/seed/status")

    async def prune_assets(self) -> Json:
        """Have the server forget assets whose files are gone."""
        return await self.http.json("POST", "/api/assets/prune", body={})

    async def download_asset(self, **fields: Any) -> Json:
        """Have the server download a model, and return the task that does it."""
        return await self.http.json("POST", "/api/assets/download", body=fields)

    async def get_task(self, task_id: str) -> Json | None:
        """Return how far a background task is, or None."""
        return await self.http.json_if_found(f"/api/tasks/{segment(task_id)}")

    async def cancel_task(self, task_id: str) -> None:
        """Stop a background task."""
        await self.http.request("DELETE", f"/api/tasks/{segment(task_id)}")
