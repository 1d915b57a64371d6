"""Turns workflow files into requests, checked against an engine where one answers, and has them accepted."""

from __future__ import annotations

import asyncio
import copy
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.errors import ComfyGenError, EngineError, InvalidParameterError, RoleNotFoundError
from comfy_gen.jobs.request import JobRequest, Webhook
from comfy_gen.pipeline.inputs import find_assets
from comfy_gen.pipeline.plan import inspect, plan_file, refuse
from comfy_gen.pipeline.request import MAX_COUNT, with_seed
from comfy_gen.pipeline.sources import read_graph
from comfy_gen.workflows.catalogue import template_names
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.updates import apply_settings, apply_updates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.comfyui.http import ClientOptions
    from comfy_gen.engines.registry import EngineEntry
    from comfy_gen.validation.quality import Quality
    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.updates import Update

CONNECT = 3.0
"""Seconds in which an engine must answer to be asked about a workflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks for, but for the files."""

    updates: Sequence[Update] = ()
    settings: Sequence[tuple[str, str]] = ()
    count: int = 1
    priority: int = 0
    owner: str = ""
    tags: frozenset[str] = frozenset()
    key: str | None = None
    webhook: str | None = None
    title: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    is_checked: bool = True
    quality: Quality | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A workflow as it will be accepted, but for the seed."""

    file: str
    workflow: Workflow
    notes: tuple[str, ...] = ()


def read_pairs(texts: Sequence[str]) -> dict[str, str]:
    """Read ``KEY=VALUE`` from each text.

    Raises:
        InvalidParameterError: one of them is something else.
    """
    pairs = [text.partition("=") for text in texts]
    for text, (key, equals, _) in zip(texts, pairs, strict=True):
        if not (key and equals):
            raise InvalidParameterError("metadata", text, "KEY=VALUE")
    return {key: value for key, _, value in pairs}


async def read_files(
    files: Sequence[str], asked: Asked, fleet: Sequence[EngineEntry], how: ClientOptions
) -> list[Read]:
    """Read each file, converted and checked by an engine that could run it.

    Without an engine that answers nothing is checked, and the files must be in API format.

    Raises:
        ComfyGenError: a file is no workflow, or no engine would take it.
    """
    if not asked.is_checked:
        return [_read(file, asked) for file in files]
    wanted = [entry for entry in fleet if asked.tags <= set(entry.tags)]
    async with AsyncExitStack() as stack:
        opened = [AsyncComfyUIClient(url=one.url, options=replace(how, connect_timeout=CONNECT)) for one in wanted]
        clients = [await stack.enter_async_context(client) for client in opened]
        answering = [client for client in await asyncio.gather(*map(_if_up, clients)) if client is not None]
        if answering:
            return [await _read_with(answering, file, asked) for file in files]
    note = "no engine answers, so nothing was checked"
    return [replace(_read(file, asked), notes=(note,)) for file in files]


def _read(file: str, asked: Asked) -> Read:
    workflow = copy.deepcopy(read_graph(file))
    return Read(file, apply_settings(apply_updates(workflow, asked.updates), asked.settings))


async def _if_up(client: AsyncComfyUIClient) -> AsyncComfyUIClient | None:
    try:
        await client.identify()
    except EngineError:
        return None
    return client


async def _read_with(clients: Sequence[AsyncComfyUIClient], file: str, asked: Asked) -> Read:
    """Ask one engine after the other: one that takes the workflow is enough. If none does, the first says why."""
    refused: list[ComfyGenError] = []
    for client in clients:
        try:
            plan = await plan_file(client, file, updates=asked.updates, settings=asked.settings, is_checked=False)
            urls = [str(slot.value(plan.workflow)) for slot in find_assets(plan.workflow)]
            problems = await inspect(client, plan.workflow, known_files=urls)
            refuse(problems)
        except ComfyGenError as error:
            refused.append(error)
        else:
            return Read(file, plan.workflow, (*plan.notes, *(str(one) for one in problems if not one.is_refused)))
    raise refused[0]


def requests_of(reads: Sequence[Read], asked: Asked) -> list[JobRequest]:
    """Return a request for each seed of each file.

    Raises:
        InvalidParameterError: the count cannot work, or a webhook's or title's value.
        RoleNotFoundError: several are wanted of a workflow without a seed: they would all be the same.
    """
    if not 1 <= asked.count <= MAX_COUNT:
        raise InvalidParameterError("count", asked.count, f"from 1 to {MAX_COUNT:,}")
    made = [(read, seed) for read in reads for seed in _seeds(read.workflow, asked.count)]
    return [
        JobRequest(
            workflow=with_seed(read.workflow, seed),
            title=_title(read.file, seed) if asked.title is None else asked.title,
            owner=asked.owner,
            priority=asked.priority,
            idempotency_key=_key(asked.key, number, len(made)),
            webhook=Webhook(asked.webhook) if asked.webhook else None,
            metadata=dict[str, Any](asked.metadata),
            tags=asked.tags,
            template=read.file if read.file in template_names() else "",
            quality=asked.quality,
        )
        for number, (read, seed) in enumerate(made, 1)
    ]


def _seeds(workflow: Workflow, count: int) -> list[int | None]:
    """Return the seeds, counting up from the workflow's own; one that is wanted once stays as it is."""
    if count == 1:
        return [None]
    first = value_of(workflow, find_roles(workflow).seed)
    if not isinstance(first, int):
        raise RoleNotFoundError("seed", "without one, several jobs would all give the same")
    return [first + number for number in range(count)]


def _title(file: str, seed: int | None) -> str:
    stem = Path(file).stem
    return stem if seed is None else f"{stem}, seed {seed}"


def _key(key: str | None, number: int, total: int) -> str | None:
    """Return one job's key: always the same for the same place in the same call."""
    return key if key is None or total == 1 else f"{key}/{number}"
