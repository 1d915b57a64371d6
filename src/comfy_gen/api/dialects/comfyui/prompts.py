"""``/prompt``: prompts are jobs here. What a ComfyUI would refuse is refused in its words, and the rest is accepted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from comfy_gen.api.context import Generator, Reader, TheService
from comfy_gen.api.dialects.comfyui.accepting import Order, accept
from comfy_gen.api.dialects.comfyui.answers import fields_of, json_of, told
from comfy_gen.jobs.dossiers import Dossiers

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
"""Which a ComfyUI does not know: what is sent again under it is the same job."""


async def get_prompt(caller: Reader, service: TheService) -> Response:
    """Tell how many of the caller's jobs wait or run; an administrator, of everybody's."""
    owner = None if caller.is_admin else caller.owner
    remaining = await Dossiers(service.queue.store.transactions).remaining(owner)
    return told({"exec_info": {"queue_remaining": remaining}})


async def post_prompt(request: Request, caller: Generator, service: TheService, key: Key = None) -> Response:
    """Accept a prompt, or say what is wrong with it."""
    return await accept(service, Order(caller, key), fields_of(await json_of(request)))


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    router = APIRouter()
    router.add_api_route("/prompt", get_prompt, methods=["GET"])
    router.add_api_route("/prompt", post_prompt, methods=["POST"])
    return router
