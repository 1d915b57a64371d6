"""Resources: jobs, files and workflows by addresses that stay valid as long as what they name is kept."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context  # noqa: TC002  # the SDK reads the annotations when it runs
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from comfy_gen.errors import ServiceProblemError
from comfy_gen.mcp.failures import text, told
from comfy_gen.mcp.results import ARTIFACTS
from comfy_gen.mcp.service import path_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.mcpserver import MCPServer

    from comfy_gen.mcp.service import Service

LARGEST = 64 * 2**20
"""Bytes of a file that is put into a message as a whole."""
_ARTIFACT = re.compile(rf"{re.escape(ARTIFACTS)}([^/?#]+)")
_ADDRESSES = "there are comfygen://jobs/{id}, comfygen://artifacts/{id} and comfygen://workflows/{name}."


class Shelf:
    """Where resources are fetched from."""

    def __init__(self, service_of: Callable[[Context[Any, Any]], Service]) -> None:
        self._service_of = service_of

    async def job(self, ctx: Context[Any, Any], id: str) -> str:  # noqa: A002  # as in the address
        """Tell how a job is, what came of it, and of each attempt at it."""
        return await self._json(ctx, path_to("jobs", id))

    async def workflow(self, ctx: Context[Any, Any], name: str) -> str:
        """Tell what a workflow is, its parameters as a JSON Schema, its presets, and the models that it loads."""
        return await self._json(ctx, path_to("workflows", name))

    async def artifact(self, ctx: Context[Any, Any], id: str) -> bytes:  # noqa: A002  # as in the address
        """Fetch a file that a job made, whole and as it is."""
        content, _ = await self._service_of(ctx).content(path_to("artifacts", id), most=LARGEST)
        return content

    async def file(self, ctx: Context[Any, Any], uri: str) -> list[ReadResourceContents] | None:
        """Return a file with its own media type, which the SDK's templates cannot say; None for what is no file."""
        if (found := _ARTIFACT.fullmatch(uri)) is None:
            return None
        path = path_to("artifacts", unquote(found[1]))
        content, media_type = await self._service_of(ctx).content(path, most=LARGEST)
        return [ReadResourceContents(content=content, mime_type=media_type)]

    async def _json(self, ctx: Context[Any, Any], path: str) -> str:
        return json.dumps(await self._service_of(ctx).get(path), ensure_ascii=False)


def add_resources(server: MCPServer[Any], shelf: Shelf) -> None:
    """Let a server offer the resources."""
    for address, title, media_type, fetch in (
        ("comfygen://jobs/{id}", "A job", "application/json", shelf.job),
        (ARTIFACTS + "{id}", "A file that a job made", "application/octet-stream", shelf.artifact),
        ("comfygen://workflows/{name}", "A workflow", "application/json", shelf.workflow),
    ):
        name = address.split("/")[2]
        about = inspect.getdoc(fetch)
        server.resource(address, name=name, title=title, description=about, mime_type=media_type)(fetch)


def refusal_of(error: ResourceError) -> ResourceError:
    """Return what an agent is told of a resource that cannot be read."""
    cause = error.__cause__
    if isinstance(cause, ServiceProblemError) and cause.status in {404, 410, 422}:
        return ResourceNotFoundError(told(cause))
    if isinstance(error, ResourceNotFoundError):
        return ResourceNotFoundError(text("resource_not_found", str(error), _ADDRESSES))
    return ResourceError(told(cause or error))
