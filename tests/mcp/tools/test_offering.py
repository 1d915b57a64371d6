"""Methods become tools."""

from __future__ import annotations

from mcp.server.mcpserver import MCPServer

from comfy_gen.mcp.tools.offering import READS, offer, tool


class Tools:
    @tool("Second to none", READS)
    async def first(self, number: int) -> int:
        """Double a number.

        Use it for pairs.
        """
        return 2 * number

    async def second(self) -> int:
        """Is no tool."""
        return 2


async def test_marked_methods_are_tools_with_their_docstrings_and_the_others_are_not():
    server = MCPServer("test")
    offer(server, Tools())

    (found,) = await server.list_tools()

    assert (found.name, found.title, found.annotations) == ("first", "Second to none", READS)
    assert found.description == "Double a number.\n\nUse it for pairs."
    assert list(found.input_schema["properties"]) == ["number"]
    assert (await server.call_tool("first", {"number": 3})).structured_content == {"result": 6}
