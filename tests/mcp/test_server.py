"""The server as agents meet it."""

from __future__ import annotations

import logging

import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent

from comfy_gen.mcp import server as module
from comfy_gen.mcp.options import McpOptions
from comfy_gen.mcp.server import build_server
from tests.mcp.serving import Told

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOOLS = {
    *("generate_image", "generate_from_workflow", "compose", "validate_workflow", "get_progress", "wait", "cancel"),
    *("list_jobs", "list_models", "list_workflows", "describe_workflow", "list_categories", "search_library"),
    *("favorite", "rerun", "score_image", "upscale", "edit_image", "upload_image", "service_status"),
}


async def test_tools_are_those_of_the_list_and_no_others(agents):
    async with Client(agents.server()) as client:
        tools = (await client.list_tools()).tools

    assert {tool.name for tool in tools} == TOOLS
    assert len(tools) == len(TOOLS)


async def test_every_tool_is_described_for_a_model(agents):
    for tool in await agents.server().list_tools():
        first, *rest = tool.description.split("\n\n")
        assert first.endswith("."), tool.name
        assert rest or tool.name == "service_status", tool.name
        assert tool.title
        assert tool.annotations.read_only_hint is not None, tool.name
        assert tool.output_schema["type"] == "object", tool.name
        assert tool.input_schema["additionalProperties"] is False
        for name, schema in tool.input_schema["properties"].items():
            assert schema.get("description"), (tool.name, name)


async def test_tools_that_change_nothing_say_so(agents):
    tools = {tool.name: tool.annotations for tool in await agents.server().list_tools()}

    assert {name for name, hints in tools.items() if not hints.read_only_hint} == {
        *("generate_image", "generate_from_workflow", "compose", "rerun", "upscale", "edit_image"),
        *("cancel", "favorite", "upload_image"),
    }
    assert {name for name, hints in tools.items() if hints.destructive_hint} == {"cancel"}


async def test_instructions_tell_how_to_work_with_it(agents):
    async with Client(agents.server()) as client:
        assert "45 seconds" in str(client.instructions)
        assert client.server_info.name == "comfygen"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_clients_of_both_protocols_are_served(agents, mode):
    async with Client(agents.server(), mode=mode) as client:
        told = Told(await client.call_tool("list_workflows", {}))

    assert told.facts["total"] > 5
    assert told.text.startswith('{"workflows":[{"name":')


async def test_unknown_tool_is_refused_with_the_nearest(agents):
    error = (await agents.call("generate_imge")).error

    assert error.startswith(
        "error[unknown_tool]: there is no tool 'generate_imge'.\nHint: Did you mean generate_image "
    )


async def test_bug_is_told_without_a_traceback(agents, caplog):
    def broken(_):
        raise RuntimeError("secret")

    with caplog.at_level(logging.ERROR):
        async with Client(build_server(broken, McpOptions())) as client:
            result = await client.call_tool("list_workflows", {})

    assert result.is_error
    (said,) = result.content
    assert isinstance(said, TextContent)
    assert said.text.startswith("error[internal]: ")
    assert "secret" not in said.text
    assert "secret" in caplog.text


async def test_call_that_takes_too_long_is_ended(agents, monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 0)

    assert (await agents.call("list_workflows")).error.startswith("error[timeout]: ")


async def test_server_leaves_the_log_of_the_process_alone(agents):
    root = logging.getLogger()
    before = list(root.handlers)
    root.handlers.clear()
    try:
        agents.server()
        assert root.handlers == []
    finally:
        root.handlers.extend(before)


async def test_prompts_that_cannot_be_filled_in_say_why(agents):
    async with Client(agents.server()) as client:
        with pytest.raises(MCPError, match=r"^error\[invalid_parameter\]: make_picture lacks idea"):
            await client.get_prompt("make_picture", {})
        with pytest.raises(MCPError, match=r"^error\[unknown_prompt\]"):
            await client.get_prompt("nope")
