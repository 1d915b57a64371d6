"""Examples of agents: the tools of the MCP server are called by the SDK's own client."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import types
from typing import TYPE_CHECKING, Any

from tests.mcp.serving import SMALL, Served, served
from tests.mission.ways.shape import assert_shape

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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
        assert (stage.folder / "open" / "sunset.png").read_bytes().startswith(b"\x89PNG")
        assert made["local_path"]
        assert made["url"]
        assert {"connected", "start", "progress", "complete"} <= {one["type"] for one in made["progress_updates"]}
    if "validation" in names:
        assert names["validation"]["is_valid"]


def compare_answer(example: Example, text: str, stage: Stage) -> None:
    """Compare what a tool answers with the documented answer."""
    one_text = re.sub(r' \| 1\b', "", text).replace('" | "', "|")  # values to choose from are written beside each other
    assert_shape(json.loads(one_text), asyncio.run(_answered(example.name, stage)))


async def _executed(text: str, name: str, stage: Stage) -> dict[str, Any]:
    async with served(stage.folder) as service:
        code = compile(
            text.replace("/tmp/", f"{service.folder}/"),  # noqa: S108  # the document's
            name,
            "exec",
            flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
        )
        names: dict[str, Any] = {tool: _function(service, tool) for tool in TOOLS}
        made = types.FunctionType(code, names)()
        if inspect.isawaitable(made):
            await made
        return names


def _function(service: Served, tool: str) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Return a tool as a function; ``...`` stands for arguments that a reader is to choose."""
    small = SMALL if tool == "generate_image" else {}

    async def call(*positional: Any, **said: Any) -> dict[str, Any]:
        first = {"prompt_id": positional[0]} if tool == "get_progress" else {"prompt": "a lighthouse"}
        return (await service.call(tool, {**small, **(first if positional else {}), **said})).facts

    return call


async def _answered(name: str, stage: Stage) -> Any:
    async with served(stage.folder) as service:
        if name == "workflow-validation":
            return (await service.call("validate_workflow", CHECK)).facts
        made = await service.made(json_progress=True, steps=3)
        if name == "job-progress":
            return (await service.call("get_progress", {"prompt_id": made["prompt_id"]})).facts
        return next(one for one in made["progress_updates"] if one["type"] == "progress" and one["step"])
