"""Looks at the ComfyUIs of this machine, all that answer at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.cli.service.status import Report, ask_all, disk_of
from comfy_gen.supervisor.instance import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from comfy_gen.cli.service.status import Answer
    from comfy_gen.config import Settings
    from comfy_gen.supervisor.supervisor import Look, Supervisor


async def report_all(supervisor: Supervisor, names: Sequence[str], settings: Settings) -> list[Report]:
    """Return how each of these is; the default one may be a ComfyUI that was never started here.

    Raises:
        InstanceNotFoundError: there is none of such a name.
    """
    looks = {name: _look(supervisor, name) for name in names}
    urls = [look.instance.url if look else settings.engine_url for look in looks.values()]
    answers = await ask_all(urls, settings.client_options())
    return [
        _report(supervisor, name, look, answer, settings.instances_dir)
        for (name, look), answer in zip(looks.items(), answers, strict=True)
    ]


async def answers(supervisor: Supervisor, settings: Settings) -> list[Answer]:
    """Return what those say of themselves that run here, and the engine of the settings, if they answer."""
    looks = [supervisor.look(name) for name in supervisor.names()]
    urls = [settings.engine_url, *(look.instance.url for look in looks if look.is_running)]
    found = {answer.url: answer for answer in await ask_all(urls, settings.client_options()) if answer.is_up}
    return list(found.values())


def _look(supervisor: Supervisor, name: str) -> Look | None:
    if name == DEFAULT and name not in supervisor.names():
        return None
    return supervisor.look(name)


def _report(supervisor: Supervisor, name: str, look: Look | None, answer: Answer, root: Path) -> Report:
    if look is None:
        return Report(name, answer)
    disk = disk_of(look.instance, own=root / name)
    return Report(name, answer, look, disk, tuple(supervisor.log_files(name)))
