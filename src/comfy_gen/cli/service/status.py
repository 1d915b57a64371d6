"""How the ComfyUIs of this machine are: their processes, what they answer, and what lies on their disks."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.errors import ComfyGenError, ComfyUIFolderError, EngineUnreachableError
from comfy_gen.supervisor.layout import find_comfyui
from comfy_gen.workflows.models import models_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from comfy_gen.comfyui.http import ClientOptions
    from comfy_gen.supervisor.instance import Instance
    from comfy_gen.supervisor.supervisor import Look

PATIENCE = 5.0
"""Seconds in which a ComfyUI answers everything that it is asked here, or is said not to."""


@dataclass(frozen=True, slots=True)
class Device:
    """What a ComfyUI computes with; None is what it does not tell."""

    name: str
    type: str
    memory_total: int | None
    """Bytes, here and below; a CPU's is the machine's."""
    memory_free: int | None
    torch_total: int | None
    """What torch has taken of it."""
    torch_free: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a ComfyUI says of itself."""

    url: str
    error: str = ""
    """Why it says nothing more."""
    version: str = ""
    latency: float | None = None
    """Seconds."""
    running: int = 0
    waiting: int = 0
    devices: tuple[Device, ...] = ()
    torch: str = ""
    python: str = ""
    models: tuple[str, ...] = ()
    """``folder/file``: those that its last prompt loaded. Which of them it still has in memory it tells nobody."""

    @property
    def is_up(self) -> bool:
        """Whether it answers as it should."""
        return not self.error

    def as_json(self) -> dict[str, Any]:
        """Return it as programs are told of it."""
        facts = asdict(self)
        return {"up": self.is_up, "latency_seconds": facts.pop("latency"), **facts, "error": self.error or None}


@dataclass(frozen=True, slots=True)
class Disk:
    """What the files of a ComfyUI take, in bytes."""

    folder: Path
    models: int
    output: int
    free: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of one ComfyUI."""

    name: str
    answer: Answer
    look: Look | None = None
    """None: it was not started here."""
    disk: Disk | None = None
    """None where its folder is not here."""
    logs: tuple[Path, ...] = field(default=())

    @property
    def is_well(self) -> bool:
        """Whether it runs and answers."""
        return self.answer.is_up and (self.look is None or self.look.is_running)

    @property
    def is_expected(self) -> bool:
        """Whether it should run and answer: it was started and not stopped, or is the engine of the settings."""
        return self.look is None or self.look.is_running or self.look.is_wanted

    def as_json(self) -> dict[str, Any]:
        """Return it as programs are told of it."""
        disk = None if self.disk is None else {**asdict(self.disk), "folder": str(self.disk.folder)}
        process = None if self.look is None else self.look.as_json()
        return {
            "name": self.name,
            "ok": self.is_well,
            "process": process,
            "api": self.answer.as_json(),
            "disk": disk,
            "logs": [str(file) for file in self.logs],
        }


async def ask_all(urls: Sequence[str], how: ClientOptions) -> list[Answer]:
    """Return what each says of itself, all asked at once."""
    return list(await asyncio.gather(*(_ask(url, how) for url in urls)))


async def _ask(url: str, how: ClientOptions) -> Answer:
    options = replace(how, connect_timeout=min(how.connect_timeout, PATIENCE), use_websocket=False)
    try:
        async with AsyncComfyUIClient(url=url, options=options) as client, asyncio.timeout(PATIENCE):
            return await _asked(client)
    except (AttributeError, LookupError, TypeError, ValueError):  # whatever a stranger sends
        return Answer(url.rpartition("@")[2], "it does not answer as a ComfyUI does")
    except TimeoutError:
        return Answer(url, f"no answer within {PATIENCE:g} s")
    except EngineUnreachableError as error:
        return Answer(error.url, error.reason)  # its address is told beside it
    except ComfyGenError as error:
        return Answer(url.rpartition("@")[2], error.message)


async def _asked(client: AsyncComfyUIClient) -> Answer:
    began = time.monotonic()
    version = await client.identify()
    latency = time.monotonic() - began
    stats, queue = await client.get_system_stats(), await client.read_queue()
    system: dict[str, Any] = stats.get("system") or {}
    return Answer(
        client.url,
        version=version.partition(" (")[0],
        latency=latency,
        running=len(queue.running),
        waiting=len(queue.pending),
        devices=tuple(devices_of(stats)),
        torch=str(system.get("pytorch_version") or ""),
        python=str(system.get("python_version") or "").partition(" ")[0],
        models=tuple(last_models(await client.get_history(max_items=1))),
    )


def devices_of(stats: dict[str, Any]) -> Iterator[Device]:
    """Yield the devices that ``GET /system_stats`` tells of. Pure."""
    names = ("vram_total", "vram_free", "torch_vram_total", "torch_vram_free")
    for told in stats.get("devices") or ():
        numbers = (told.get(name) for name in names)
        sizes = [int(number) if isinstance(number, int | float) else None for number in numbers]
        yield Device(str(told.get("name") or ""), str(told.get("type") or ""), *sizes)


def last_models(history: dict[str, Any]) -> Iterator[str]:
    """Yield the model files of the newest prompt in a history. Pure; a history that is none has none."""
    try:
        uses = models_of(list(history.values())[-1]["prompt"][2])
    except (LookupError, TypeError, AttributeError):  # nothing ran yet, or whatever a stranger sends
        return
    yield from dict.fromkeys(f"{use.folder}/{use.name}" for use in uses)


def disk_of(instance: Instance, *, own: Path) -> Disk | None:
    """Return what an instance's files take; ``own`` is its folder if it is not the default one."""
    if instance.container:
        return None
    try:
        files = find_comfyui(instance.directory, instance.python).files
        output = files / "output" if instance.is_default else own / "output"
        return Disk(files, _size(files / "models"), _size(output), shutil.disk_usage(files).free)
    except (ComfyUIFolderError, OSError):
        return None


def _size(folder: Path) -> int:
    """Return how many bytes lie in a folder; what cannot be read counts nothing, and a link what it leads to."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(place, name)).st_size  # noqa: PTH116, PTH118  # a path for each is slow
            except OSError:
                continue
    return total
