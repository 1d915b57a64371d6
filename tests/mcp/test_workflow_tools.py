"""Saved workflows are tools of their own."""

from __future__ import annotations

import pytest
from mcp.client.client import Client

from comfy_gen.mcp.workflow_tools import LONGEST_NAME, tool_name
from tests.mcp.serving import Gone, Told

pytestmark = pytest.mark.asyncio(loop_scope="module")

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 1}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}


@pytest.mark.parametrize("name", ["mine", "My-2nd_one", "a b", "ärger", "x" * 100, "a/b", "workflow"])
async def test_tools_have_names_that_every_client_takes(name):
    found = tool_name(name)

    assert len(found) <= LONGEST_NAME
    assert set(found) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


async def test_names_that_look_alike_are_two_tools():
    assert len({tool_name(name) for name in ("a b", "a_b", "a/b", "x" * 99, "x" * 98)}) == 5


async def test_saved_workflow_is_listed_with_its_parameters_and_runs(agents):
    await agents.service.put("/workflows/tiny", GRAPH)
    await agents.service.put("/workflows/two.words", GRAPH)

    async with Client(agents.server(has_workflow_tools=True)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        told = Told(await client.call_tool("workflow_tiny", {}))
        wrong = Told(await client.call_tool("workflow_tiny", {"nope": 1}))

    assert "workflow_tiny" in tools
    assert tool_name("two.words") in tools
    assert "workflow_sd15" not in tools
    assert tools["workflow_tiny"].input_schema["type"] == "object"
    assert "saved workflow 'tiny'" in str(tools["workflow_tiny"].description)
    assert told.facts["status"] == "completed"
    assert wrong.error.startswith("error[invalid_parameter]: nope is 1")


async def test_workflow_tool_that_there_is_not_is_refused(agents):
    error = (await agents.call("workflow_gone", has_workflow_tools=True)).error

    assert error.startswith("error[unknown_tool]: there is no tool 'workflow_gone'.")


async def test_without_them_a_saved_workflow_is_no_tool(agents):
    assert (await agents.call("workflow_tiny")).error.startswith("error[unknown_tool]: ")


async def test_other_tools_are_listed_even_if_the_service_is_away(agents):
    async with Client(agents.server(Gone(), has_workflow_tools=True)) as client:
        assert len((await client.list_tools()).tools) == 20
