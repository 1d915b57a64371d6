"""Saved workflows as tools of their own: listed as they are at the moment, with their own parameters."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import TYPE_CHECKING, Any

from mcp_types import Tool

from comfy_gen.errors import ServiceError
from comfy_gen.mcp.answers import Job
from comfy_gen.mcp.failures import unknown_tool
from comfy_gen.mcp.service import path_to
from comfy_gen.mcp.tools.offering import MAKES
from comfy_gen.mcp.tools.orders import running
from comfy_gen.mcp.tools.parameters import WAIT

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult

    from comfy_gen.mcp.service import Service
    from comfy_gen.mcp.tools.desk import Desk

PREFIX = "workflow_"
LONGEST_NAME = 48
"""Letters of a tool's name: clients put the server's name before it, and take 64 in all."""
MOST = 100
"""Workflows that become tools; an agent that is told of more finds none."""
AT_ONCE = 8
"""Schemas that are fetched at a time."""
_OTHERS = re.compile(r"[^A-Za-z0-9_-]+")


class WorkflowTools:
    """The tools that saved workflows are."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def listed(self, ctx: Context[Any, Any]) -> list[Tool]:
        """Return a tool for each saved workflow; none where the service cannot be asked: the others are listed."""
        service, slots = self._desk.service(ctx), asyncio.Semaphore(AT_ONCE)

        async def tool_of(name: str) -> Tool | None:
            async with slots:
                try:
                    return _tool_of(await service.get(path_to("workflows", name)))
                except ServiceError:  # it was deleted meanwhile
                    return None

        try:
            names = await _saved(service)
        except ServiceError:
            return []
        return [tool for tool in await asyncio.gather(*map(tool_of, names)) if tool is not None]

    async def call(self, tool: str, arguments: dict[str, Any], ctx: Context[Any, Any]) -> CallToolResult:
        """Run the workflow that is this tool.

        Raises:
            ToldError: there is none, or it cannot run so.
        """
        names = {tool_name(name): name for name in await _saved(self._desk.service(ctx))}
        if tool not in names:
            raise unknown_tool(tool, names)
        order = running(self._desk.folders, names[tool], arguments, {})
        return await self._desk.made(ctx, order, self._desk.waiting(WAIT))


def tool_name(workflow: str) -> str:
    """Return what a workflow is called as a tool; two workflows never share a name.

    Where letters have to be replaced or left out, a digest of the whole name tells it from others like it.
    """
    plain = _OTHERS.sub("_", workflow)
    if plain == workflow and len(PREFIX + plain) <= LONGEST_NAME:
        return PREFIX + plain
    digest = hashlib.sha256(workflow.encode()).hexdigest()[:6]
    return f"{PREFIX}{plain[: LONGEST_NAME - len(PREFIX) - len(digest) - 1]}_{digest}"


async def _saved(service: Service) -> list[str]:
    found = await service.get("/workflows")
    return [one["name"] for one in found["workflows"] if one["source"] == "saved"][:MOST]


def _tool_of(workflow: dict[str, Any]) -> Tool:
    about = workflow["summary"] or workflow["title"] or workflow["name"]
    return Tool(
        name=tool_name(workflow["name"]),
        title=workflow["title"] or workflow["name"],
        description=f"Run the saved workflow {workflow['name']!r}: {about}\n\nWhat is left out stays as it"
        " has it. Pictures: what upload_image answered as image, a URL, or comfygen://artifacts/{id}. Answers like"
        " generate_image. If status is pending or running, call wait with the prompt_id.",
        input_schema=workflow["input_schema"],
        output_schema=Job.model_json_schema(),
        annotations=MAKES,
    )
