"""The page of what agents can call: the tools, resources and prompts of the MCP server, as it lists them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from comfy_gen.mcp.options import McpOptions
from comfy_gen.mcp.server import build_server
from scripts.reference.page import code, link, page, paragraphs, sentence, table, told
from scripts.reference.schema import asked_rows_of, meaning_of, rows_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEAD = """\
What the [MCP server](../mcp.md) offers to agents. The texts are those that agents read. Workflows that were saved are
tools of their own beside these, where `mcp.workflow_tools` is set."""

_HINTS = {
    "read_only_hint": "changes nothing",
    "destructive_hint": "undoes what cannot be had back",
    "idempotent_hint": "may be called again",
}


def render() -> str:
    """Return the page."""
    server = build_server(_nobody, McpOptions())
    tools = asyncio.run(server.list_tools())
    return page(
        "Agents' tools",
        HEAD,
        table(["tool", "what it does"], [(link(code(one.name), one.name), _title(one)) for one in tools]),
        "## Tools",
        *(part for one in tools for part in _tool(one)),
        "## Objects",
        *_objects_of(tools),
        "## Resources",
        table(["address", "type", "what it is"], map(_resource, asyncio.run(server.list_resource_templates()))),
        "## Prompts",
        *(part for one in asyncio.run(server.list_prompts()) for part in _prompt(one)),
    )


def _nobody(_: object) -> Any:
    raise LookupError("nobody is asked")


def _title(tool: Any) -> str:
    return sentence(told(tool.name, tool.description.partition("\n")[0]))


def _tool(tool: Any) -> Iterator[str]:
    yield f"### {tool.name}"
    yield paragraphs(tool.description)
    marks = [said for name, said in _HINTS.items() if getattr(tool.annotations, name, False)]
    yield sentence(", ".join(marks))
    asked = asked_rows_of(f"the tool {tool.name}", tool.input_schema, file="")
    yield table(["argument", "value", "meaning"], asked)
    yield table(["answer", "value", "meaning"], rows_of(tool.output_schema or {}, file=""))


def _objects_of(tools: Sequence[Any]) -> Iterator[str]:
    """Yield what the values are that have a name: the same in all tools."""
    schemas = [one for tool in tools for one in (tool.input_schema, tool.output_schema or {})]
    found = {name: one for schema in schemas for name, one in schema.get("$defs", {}).items()}
    for name, one in sorted(found.items()):
        yield f"### {name}"
        yield told(name, one.get("description"))
        yield table(["field", "value", "meaning"], rows_of(one, file="")) or f"{words_of(one, '')}."


def _resource(resource: Any) -> tuple[str, str, str]:
    said = sentence(told(resource.uri_template, resource.description))
    return code(resource.uri_template), code(resource.mime_type), said


def _prompt(prompt: Any) -> tuple[str, str, str]:
    rows = [(code(one.name), "required" if one.required else "", _said(prompt, one)) for one in prompt.arguments or ()]
    return f"### {prompt.name}", told(prompt.name, prompt.description), table(["argument", "", "meaning"], rows)


def _said(prompt: Any, argument: Any) -> str:
    return meaning_of({"description": told(f"{argument.name} of the prompt {prompt.name}", argument.description)})
