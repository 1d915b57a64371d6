"""What people and programs meet of ComfyGen: endpoints, routes of an engine, tools, settings, commands."""

from __future__ import annotations

import asyncio
import functools
import re
from typing import Any

from typer.main import get_command

from comfy_gen.api.app import create_app
from comfy_gen.cli.app import app as cli
from comfy_gen.config import Settings
from comfy_gen.config.keys import KEYS
from comfy_gen.mcp.options import McpOptions
from comfy_gen.mcp.server import build_server
from comfy_gen.sandbox.routes import files, info, prompts, socket
from scripts.mission.index import PROJECT


def nameless(name: str) -> str:
    """Return a name without what its parameters are called: ``GET /jobs/{}``."""
    return re.sub(r"\{\w+\}", "{}", name)


@functools.cache
def _application() -> Any:
    return create_app(Settings())


@functools.cache
def _document() -> dict[str, Any]:
    return _application().openapi()["paths"]


@functools.cache
def endpoints() -> dict[str, str]:
    """Return the service's endpoints, each with the function that answers it."""
    found: dict[str, str] = {}
    for route in _routes(_application().routes):
        place = f"{route.endpoint.__module__}.{route.endpoint.__name__}"
        found |= {nameless(f"{method} {route.path}"): place for method in route.methods or ()}
    return found


def _routes(routes: Any) -> list[Any]:
    """Return all routes, also those of routers within."""
    found = [route for route in routes if getattr(route, "endpoint", None) and getattr(route, "methods", None)]
    return found + [one for route in routes if hasattr(route, "original_router") for one in _within(route)]


def _within(route: Any) -> list[Any]:
    return _routes(route.original_router.routes)


def _operation(endpoint: str) -> dict[str, Any]:
    method, _, path = endpoint.partition(" ")
    return next(
        (one[method.lower()] for known, one in _document().items() if nameless(known) == nameless(path)),
        {},
    )


def parameters(endpoint: str) -> set[str]:
    """Return what an endpoint takes in its query and headers, in small letters."""
    return {one["name"].lower() for one in _operation(endpoint).get("parameters", ())}


def statuses(endpoint: str) -> set[str]:
    """Return what an endpoint may answer with."""
    return set(_operation(endpoint).get("responses", ()))


@functools.cache
def engine_routes() -> dict[str, str]:
    """Return the routes of an engine, each with the function of the sandbox that answers it."""
    known = [*prompts.ROUTES, *files.ROUTES, *info.ROUTES, *socket.ROUTES]
    return {
        nameless(f"{one.method} {one.path}"): f"{one.handler.__module__}.{getattr(one.handler, '__name__', '')}"
        for one in known
    }


@functools.cache
def settings() -> dict[str, str]:
    """Return the keys of the configuration, which are where they all are."""
    return dict.fromkeys((key.path for key in KEYS.values()), "comfy_gen.config.keys")


@functools.cache
def variables() -> dict[str, str]:
    """Return the environment variables, each with the setting that it is."""
    return {name: key.path for key in KEYS.values() for name in key.variables}


@functools.cache
def tools() -> dict[str, set[str]]:
    """Return the tools that agents have, each with its parameters."""

    async def listed() -> dict[str, set[str]]:
        server = build_server(lambda _: _nobody(), McpOptions())
        return {tool.name: set(tool.input_schema["properties"]) for tool in await server.list_tools()}

    return asyncio.run(listed())


def _nobody() -> Any:
    raise AssertionError("no tool is called")


def command_place(words: str) -> str:
    """Return what does a command with these subcommands and options; nothing if there is none."""
    program, *rest = words.split()
    if program != "comfygen":
        text = (PROJECT / program).read_text(encoding="utf-8")
        return program if all(re.search(rf"(?<![\w-]){word}(?![\w-])", text) for word in rest) else ""
    command: Any = get_command(cli)
    for word in rest:
        if word.startswith("-"):
            return _function(command) if any(word in parameter.opts for parameter in command.params) else ""
        if word not in command.commands:
            return ""
        command = command.commands[word]
    return _function(command)


def _function(command: Any) -> str:
    return f"{command.callback.__module__}.{command.callback.__name__}"
