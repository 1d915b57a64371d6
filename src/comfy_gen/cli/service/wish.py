"""How somebody wants a ComfyUI of this machine to run: by what is said now, was said last, and is set. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from comfy_gen.supervisor.instance import DEFAULT, Instance
from comfy_gen.supervisor.layout import absolute

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from comfy_gen.config import Settings

FIRST_PORT = 8188
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was said on the command line; None: nothing."""

    name: str = DEFAULT
    directory: Path | None = None
    python: Path | None = None
    container: str | None = None
    host: str | None = None
    port: int | None = None
    is_cpu: bool | None = None
    cuda_device: int | None = None
    is_supervised: bool | None = None
    arguments: Sequence[str] | None = None


def first_instance(
    wish: Wish, settings: Settings, *, last: Instance | None, free_port: Callable[[str], int]
) -> Instance:
    """Return what is to be started: what was not said is as the settings have it.

    An instance keeps the port that it had last, for others have its address; ``free_port`` finds one that was never
    started a port on its host.
    """
    container = _container(wish, settings)
    host = wish.host or "127.0.0.1"
    port = wish.port or _usual_port(wish, settings, last) or free_port(host)
    own = wish.arguments if wish.arguments is not None else ()
    return Instance(
        name=wish.name,
        directory=absolute(wish.directory or settings.comfyui_dir),
        python=_python(wish, settings),
        container=container,
        host=host,
        port=port,
        is_cpu=bool(wish.is_cpu),
        cuda_device=wish.cuda_device,
        arguments=tuple(own) if container else (*settings.service.arguments, *own),
        is_supervised=bool(wish.is_supervised),
    )


def same_instance(wish: Wish, last: Instance) -> Instance:
    """Return what is to be started again: what was not said is as it was."""
    is_elsewhere = wish.directory is not None or wish.container is not None
    is_cpu = wish.is_cpu if wish.is_cpu is not None else last.is_cpu and wish.cuda_device is None
    cuda_device = wish.cuda_device if wish.cuda_device is not None or wish.is_cpu else last.cuda_device
    return Instance(
        name=last.name,
        directory=absolute(wish.directory) if wish.directory else last.directory,
        python=absolute(wish.python) if wish.python else None if is_elsewhere else last.python,
        container=wish.container or ("" if is_elsewhere else last.container),
        host=wish.host or last.host,
        port=wish.port or last.port,
        is_cpu=is_cpu,
        cuda_device=cuda_device,
        arguments=last.arguments if wish.arguments is None else tuple(wish.arguments),
        is_supervised=last.is_supervised if wish.is_supervised is None else wish.is_supervised,
    )


def is_open(instance: Instance) -> bool:
    """Tell whether other machines reach it."""
    return instance.host not in LOOPBACK and not instance.host.startswith("127.")


def _container(wish: Wish, settings: Settings) -> str:
    """Return the container that is meant: the settings' is the default instance, unless a folder was named."""
    if wish.container is not None:
        return wish.container
    return settings.service.container if wish.name == DEFAULT and wish.directory is None else ""


def _python(wish: Wish, settings: Settings) -> Path | None:
    """Return the Python that was named; the settings' is for the folder of the settings."""
    python = wish.python or (settings.service.python if wish.directory is None else None)
    return absolute(python) if python else None


def _usual_port(wish: Wish, settings: Settings, last: Instance | None) -> int | None:
    """Return the port of the engine of the settings for the default instance, the last one for others."""
    if wish.name != DEFAULT:
        return last.port if last else None
    parts = urlsplit(settings.engine_url)
    is_here = parts.hostname in LOOPBACK
    return (parts.port if is_here else None) or FIRST_PORT
