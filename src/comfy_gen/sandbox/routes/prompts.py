"""Routes that submit prompts and look at or change what is queued, runs and has run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from comfy_gen.sandbox.routes.context import SANDBOX, engine_of, fields_of, json_of, object_of, trouble
from comfy_gen.workflows.checks.answers import Refused, validate

if TYPE_CHECKING:
    from comfy_gen.sandbox.engine import Engine


async def post_prompt(request: web.Request) -> web.Response:
    """Queue a prompt, or say what is wrong with it."""
    engine = engine_of(request)
    engine.log.write("got prompt")
    body = await json_of(request)
    try:
        number = engine.take_number(body)
    except (TypeError, ValueError) as error:
        raise trouble() from error
    answer = validate(body, engine.object_info(), known_files=_files_asked_for(body, engine))
    if isinstance(answer, Refused):
        return _refusal(answer)
    item = engine.submit(body, answer, number)
    request.app[SANDBOX].count_received()
    return web.json_response({"prompt_id": item.prompt_id, "number": number, "node_errors": answer.node_errors})


def _refusal(answer: Refused) -> web.Response:
    if isinstance(answer.body, str):
        return web.Response(status=answer.status, text=answer.body)
    return web.json_response(answer.body, status=answer.status)


def _files_asked_for(body: Any, engine: Engine) -> list[str]:
    """Return those input files named in the prompt that exist; subfolders and ``[output]`` are in no list."""
    nodes = [fields_of(node) for node in fields_of(fields_of(body).get("prompt")).values()]
    values = [fields_of(node.get("inputs")).get("image") for node in nodes]
    names = {value for value in values if isinstance(value, str)}
    return [name for name in names if engine.files.exists(name)]


async def get_prompt(request: web.Request) -> web.Response:
    """Say how many prompts run or wait."""
    return web.json_response({"exec_info": {"queue_remaining": engine_of(request).queue.remaining}})


async def get_queue(request: web.Request) -> web.Response:
    """Show what runs and waits."""
    return web.json_response(engine_of(request).queue.as_json())


async def post_queue(request: web.Request) -> web.Response:
    """Forget prompts that wait; what runs stays, unknown ids are ignored."""
    engine, body = engine_of(request), await object_of(request)
    if body.get("clear"):
        engine.queue.clear()
        engine.announce_queue()
    if engine.queue.delete(body.get("delete", ())):
        engine.announce_queue()
    return web.Response()


async def get_history(request: web.Request) -> web.Response:
    """Show what has run, oldest first."""
    try:
        max_items = int(request.query["max_items"]) if "max_items" in request.query else None
        offset = int(request.query.get("offset", -1))
    except ValueError as error:
        raise trouble() from error
    return web.json_response(engine_of(request).history.page(max_items=max_items, offset=offset))


async def get_history_entry(request: web.Request) -> web.Response:
    """Show one prompt, empty until it has run to its end."""
    return web.json_response(engine_of(request).history.get(request.match_info["prompt_id"]))


async def post_history(request: web.Request) -> web.Response:
    """Forget what has run."""
    history, body = engine_of(request).history, await object_of(request)
    if body.get("clear"):
        history.clear()
    history.delete(body.get("delete", ()))
    return web.Response()


async def post_interrupt(request: web.Request) -> web.Response:
    """Stop the running prompt, or only the one named; a body that cannot be read counts as none."""
    try:
        body: object = json.loads(await request.text())
    except (json.JSONDecodeError, UnicodeDecodeError):
        body = None
    engine_of(request).interrupt(fields_of(body).get("prompt_id"))
    return web.Response()


async def post_free(request: web.Request) -> web.Response:
    """Forget models and results before the next prompt."""
    body = await object_of(request)
    models, memory = bool(body.get("unload_models")), bool(body.get("free_memory"))
    if models or memory:
        engine_of(request).free(models=models, memory=memory)
    return web.Response()


ROUTES = (
    web.post("/prompt", post_prompt),
    web.get("/prompt", get_prompt),
    web.get("/queue", get_queue),
    web.post("/queue", post_queue),
    web.get("/history", get_history),
    web.get("/history/{prompt_id}", get_history_entry),
    web.post("/history", post_history),
    web.post("/interrupt", post_interrupt),
    web.post("/free", post_free),
)
