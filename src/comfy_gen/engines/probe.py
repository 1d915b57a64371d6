"""Asks one engine how it is and what it has, and rids it of prompts that nobody wants."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from comfy_gen.engines.capability import capability_of
from comfy_gen.engines.machine import Machine, machine_of
from comfy_gen.errors import ComfyGenError, EngineUnreachableError, NotComfyUIError

if TYPE_CHECKING:
    from collections.abc import Collection

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.engines.capability import Capability


async def ask(client: AsyncComfyUIClient) -> int:
    """Return how many prompts run or wait there, whoever queued them.

    Raises:
        EngineError: it does not answer, or as no ComfyUI does.
    """
    try:
        return int(await client.get_queue_remaining())
    except (KeyError, TypeError, ValueError) as error:
        raise NotComfyUIError(client.url) from error


async def learn(client: AsyncComfyUIClient) -> Capability:
    """Return what an engine can run.

    Raises:
        EngineError: it does not answer, or with nonsense.
    """
    info: dict[str, Any] = await client.get_object_info()
    models = {folder: await client.get_models(folder) for folder in await client.get_models()}
    try:
        return capability_of(info, models)
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # whatever a stranger sends as object_info
        raise NotComfyUIError(client.url) from error


async def survey(client: AsyncComfyUIClient) -> Machine:
    """Return where an engine runs.

    Raises:
        EngineError: it does not answer, or with nonsense.
    """
    return machine_of(await client.get_system_stats())


async def opens_socket(client: AsyncComfyUIClient) -> bool:
    """Tell whether a WebSocket gets through to it: without one it is polled."""
    try:
        await client.connect_websocket(auto_reconnect=False)
    except ComfyGenError:
        return False
    return True


async def clear(client: AsyncComfyUIClient, prompt_ids: Collection[str]) -> frozenset[str]:
    """Cancel prompts; return those that are there all the same: they run, and have yet to notice.

    Raises:
        EngineError: it does not answer.
    """
    left = (await client.read_queue()).prompt_ids & set(prompt_ids)
    if not left:
        return frozenset()
    await client.cancel_all(sorted(left))
    return left & (await client.read_queue()).prompt_ids


def is_refusal(error: BaseException) -> bool:
    """Tell whether nobody listens there: the process is gone, and its queue with it. A network that fails is less."""
    if not isinstance(error, EngineUnreachableError) or error.may_have_arrived:
        return False
    return getattr(getattr(error.__cause__, "os_error", None), "errno", None) == errno.ECONNREFUSED
