"""Prompts name tools that there are."""

from __future__ import annotations

import re

import pytest
from mcp.client.client import Client

from comfy_gen.mcp.options import McpOptions
from comfy_gen.mcp.server import build_server

ARGUMENTS = {
    "make_picture": {"idea": "a fox", "style": "ink"},
    "make_variations": {"generation": "6f0c", "what": "the light"},
    "change_picture": {"picture": "fox.png", "change": "make it snow"},
    "explain_failure": {"job_id": "6f0c"},
}


@pytest.fixture
def server():
    return build_server(lambda _: None, McpOptions())


async def test_prompts_are_listed_with_what_they_need(server):
    async with Client(server) as client:
        found = (await client.list_prompts()).prompts

    assert [one.name for one in found] == list(ARGUMENTS)
    assert all(one.title and one.description and all(arg.description for arg in one.arguments) for one in found)


@pytest.mark.parametrize("name", ARGUMENTS)
async def test_prompt_is_a_plan_of_calls_that_there_are(server, name):
    async with Client(server) as client:
        (message,) = (await client.get_prompt(name, ARGUMENTS[name])).messages
        tools = {tool.name for tool in (await client.list_tools()).tools}

    text = message.content.text
    assert all(value in text for value in ARGUMENTS[name].values())
    called = set(re.findall(r"\b(?:[Cc]all|give|and call) ([a-z]+(?:_[a-z]+)*)", text)) - {"it", "me", "rerun"}
    assert called
    assert {one for one in called if "_" in one} <= tools
