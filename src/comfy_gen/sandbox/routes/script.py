"""Routes that only a sandbox has: scripting faults and reading counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

from comfy_gen.errors import InvalidParameterError
from comfy_gen.sandbox.faults import fault_from, fault_to, parse_fault
from comfy_gen.sandbox.routes.context import SANDBOX, engine_of, fields_of, json_of

if TYPE_CHECKING:
    from comfy_gen.sandbox.faults import Fault


async def get_faults(request: web.Request) -> web.Response:
    """List the faults."""
    return web.json_response([fault_to(fault) for fault in engine_of(request).faults.faults])


async def post_faults(request: web.Request) -> web.Response:
    """Add one fault or a list of them, each as an object or as text."""
    body = await json_of(request)
    try:
        added = [_fault(one) for one in (cast("list[Any]", body) if isinstance(body, list) else [body])]
    except InvalidParameterError as error:
        return web.json_response({"error": error.message}, status=400)
    for fault in added:
        engine_of(request).faults.add(fault)
    return await get_faults(request)


def _fault(data: Any) -> Fault:
    if isinstance(data, str):
        return parse_fault(data)
    if "kind" not in fields_of(data):
        raise InvalidParameterError("fault", cast("object", data), "an object with a kind, or text")
    return fault_from(fields_of(data))


async def delete_faults(request: web.Request) -> web.Response:
    """Forget all faults."""
    engine_of(request).faults.clear()
    return web.json_response([])


async def get_counters(request: web.Request) -> web.Response:
    """Show how many prompts were accepted and have run, over all restarts."""
    sandbox = request.app[SANDBOX]
    return web.json_response({"received": sandbox.prompts_received, "executed": sandbox.prompts_executed})


ROUTES = (
    web.get("/sandbox/faults", get_faults),
    web.post("/sandbox/faults", post_faults),
    web.delete("/sandbox/faults", delete_faults),
    web.get("/sandbox/counters", get_counters),
)
