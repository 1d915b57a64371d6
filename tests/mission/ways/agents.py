"""Examples of agents: the tools of the MCP server are called by the SDK's own client."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import types
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from mcp.client.client import Client

from comfy_gen.mcp.options import McpOptions
from comfy_gen.mcp.server import build_server
from comfy_gen.mcp.service import Service
from comfy_gen.mcp.transports.remote import Remote
from comfy_gen.sandbox import Fault
from tests.mcp.serving import SMALL
from tests.mission.ways.shape import assert_shape

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from scripts.mission.index import Example
    from tests.mission.stage import Stage

TOOLS = ("generate_image", "validate_workflow", "get_progress")
CHECK = {"model": "sd15", "prompt": "test", "width": 512, "height": 512}


def run_program(example: Example, text: str, stage: Stage) -> None:
    """Run a program that awaits tools; a picture that it has made is there, and saved where it asked for that."""
    stage.hurry()
    names = asyncio.run(_executed(text, example.name, stage))
    made = names.get("result")
    assert made is None or made["status"] == "completed"
    if "output_path" in text:
        assert (stage.folder / "sunset.png").read_bytes().startswith(b"\x89PNG")
        assert made["local_path"]
        assert made["url"]
        assert {"connected", "start", "progress", "complete"} <= {one["type"] for one in made["progress_updates"]}
    if "validation" in names:
        assert names["validation"]["is_valid"]


def compare_answer(example: Example, text: str, stage: Stage) -> None:
    """Compare what a tool answers with the documented answer."""
    one_text = re.sub(r" \| 1\b", "", text).replace('" | "', "|")  # values to choose from are written beside each other
    if example.name == "progress-update":
        _slow(stage)
    assert_shape(json.loads(one_text), asyncio.run(_answered(example.name, stage)))


def _slow(stage: Stage) -> None:
    """Have the next prompt take long enough for each of its steps to be heard of."""
    stage.request.getfixturevalue("engine").sandbox.add_fault(Fault("slow", seconds=0.1))


@asynccontextmanager
async def _tools(stage: Stage) -> AsyncGenerator[Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]]:
    """Connect an agent to the stage's service; it may save files in the example's folder."""
    way = Remote(stage.service.url, "")
    server = build_server(lambda _: Service(way), McpOptions(folders=(stage.folder,), image_budget=0))
    try:
        async with Client(server) as client:

            async def call(tool: str, said: dict[str, Any]) -> dict[str, Any]:
                told = await client.call_tool(tool, said)
                assert not told.is_error, told
                return told.structured_content or {}

            yield call
    finally:
        await way.close()


async def _executed(text: str, name: str, stage: Stage) -> dict[str, Any]:
    code = compile(text.replace("/tmp/", f"{stage.folder}/"), name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    async with _tools(stage) as call:
        names: dict[str, Any] = {tool: _function(call, tool) for tool in TOOLS}
        made = types.FunctionType(code, names)()
        if inspect.isawaitable(made):
            await made
        return names


def _function(
    call: Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]], tool: str
) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Return a tool as a function; ``...`` stands for arguments that a reader is to choose."""
    small = SMALL if tool == "generate_image" else {}

    async def function(*positional: Any, **said: Any) -> dict[str, Any]:
        first = {"prompt_id": positional[0]} if tool == "get_progress" else {"prompt": "a lighthouse"}
        return await call(tool, {**small, **(first if positional else {}), **said})

    return function


async def _answered(name: str, stage: Stage) -> Any:
    async with _tools(stage) as call:
        if name == "workflow-validation":
            return await call("validate_workflow", CHECK)
        made = await call("generate_image", {"prompt": "a lighthouse", **SMALL, "steps": 6, "json_progress": True})
        if name == "job-progress":
            return await call("get_progress", {"prompt_id": made["prompt_id"]})
        return next(one for one in made["progress_updates"] if one["type"] == "progress" and one["step"])
