"""The page on agents: its tools are those of the server, its settings those that there are, its configurations work."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from typer.main import get_command

from comfy_gen.cli.app import app
from comfy_gen.config.keys import KEYS
from comfy_gen.mcp.options import LONGEST, McpOptions
from comfy_gen.mcp.server import build_server
from tests.served import environment_of

if TYPE_CHECKING:
    from tests.background import BackgroundSandbox

PAGE = (Path(__file__).parents[2] / "docs" / "mcp.md").read_text(encoding="utf-8")
CONFIGURED: list[dict[str, Any]] = [
    server["mcpServers"]["comfygen"]
    for server in map(json.loads, re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    if "mcpServers" in server
]
STARTED = [one for one in CONFIGURED if "command" in one]


def rows(heading: str) -> list[list[str]]:
    """Return the cells of a table below its first line, which begins like this."""
    (lines,) = re.findall(rf"^\| {re.escape(heading)}[^\n]*\n\|[-|]+\|\n((?:\|[^\n]*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in lines.splitlines()]


def server() -> Any:
    return build_server(lambda _: pytest.fail("nobody is to be asked"), McpOptions())


async def test_tools_are_those_of_the_server():
    told = [name for row in rows("tool") for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(told) == sorted(tool.name for tool in await server().list_tools())


async def test_resources_and_prompts_are_those_of_the_server():
    templates = {one.uri_template for one in await server().list_resource_templates()}
    assert set(re.findall(r"`(comfygen://[^`]+)`", PAGE)) == templates
    told = [name for row in rows("prompt") for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(told) == sorted(prompt.name for prompt in await server().list_prompts())


def test_settings_are_those_that_there_are():
    own = {key.variables[0]: key for key in KEYS.values() if key.section == "mcp"}
    told = {re.findall(r"`(COMFYGEN_\w+)`", row[0])[0]: row for row in rows("setting")}
    assert told.keys() == own.keys()
    for variable, row in told.items():
        key = own[variable]
        default = {"": "none", "()": "none", "False": "false"}.get(str(key.default), str(key.default))
        assert (f"({key.path})" in row[0], row[1]) == (True, default)


def test_bounds_are_as_the_page_says():
    assert f"longer than {LONGEST:g}" in PAGE
    assert f"| {McpOptions().patience:g} |" in PAGE
    assert McpOptions().image_budget == KEYS["mcp.image_budget"].default


def test_options_are_those_of_the_command():
    known = {name for parameter in get_command(app).commands["mcp"].params for name in parameter.opts}  # type: ignore[attr-defined]  # a group
    lines = [words for one in STARTED for words in [one["args"]]]
    lines += [shlex.split(line)[1:] for line in re.findall(r"`(comfygen mcp[^`\n]*)`", PAGE)]
    named = {word for words in lines for word in words if word.startswith("--")} | set(
        re.findall(r"`(--\w[\w-]*)`", PAGE)
    )
    assert named <= known


def test_toml_says_the_same_as_json():
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert tomllib.loads(block)["mcp_servers"]["comfygen"] == CONFIGURED[0]


async def test_first_configuration_works(background_sandbox: BackgroundSandbox, tmp_path: Path):
    first = STARTED[0]
    environment = {
        **environment_of(background_sandbox.url, tmp_path),
        **dict.fromkeys(first["env"], background_sandbox.url),
    }
    command = StdioServerParameters(command=first["command"], args=first["args"], env=environment, cwd=tmp_path)
    async with Client(command) as client:
        result = await client.call_tool("service_status", {})
    assert not result.is_error
