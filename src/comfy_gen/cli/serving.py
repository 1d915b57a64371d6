"""Runs the HTTP service for ``comfygen serve``, after it has looked whether it can; says where it is reached."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import uvicorn
from rich.console import Console
from uvicorn.supervisors import ChangeReload, Multiprocess

from comfy_gen.api.access import is_loopback
from comfy_gen.api.listening import HOW, comfyui_address, listening, listening_as_comfyui
from comfy_gen.app import open_queue
from comfy_gen.app.doctor.extras import require_wanted
from comfy_gen.app.telling import check_tracking
from comfy_gen.config import configure_logging, read_configuration
from comfy_gen.config.dotenv import use_env_file
from comfy_gen.config.keys import KEYS
from comfy_gen.errors import PublicBindError
from comfy_gen.jobs.keys import KeyStore

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from types import FrameType

    from comfy_gen.config import ApiOptions, Settings

APPLICATION = "comfy_gen.api.app:app"
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"
STDERR = Console(stderr=True)

EXIT_NOT_STARTED = 1


def run(flags: Mapping[str, object]) -> int:
    """Serve until a signal, and return the exit code.

    Raises:
        PublicBindError: others could reach it, and it has no key.
        PortInUseError: something else listens there.
        DatabaseError: the database cannot be used.
        ConfigurationError: what is set cannot work.
    """
    use_env_file()
    configuration = read_configuration(flags=flags)
    settings = configuration.settings
    told = {**flags}
    if configuration.values["logging.level"].is_default:
        told["logging.level"] = level_of(settings.api.log_level)
    hand_over(told)
    configure_logging(settings)
    said = asyncio.run(check(settings))
    api = settings.api
    have_room_for_connections()
    with listening(api.host, api.port) as listener, sharing_metrics(api):
        with listening_as_comfyui(settings):  # whether it could, for it is the processes that serve who do
            pass
        for line in said:
            STDERR.print(line, markup=False, highlight=False, soft_wrap=True)
        return serve(api, listener)


def hand_over(flags: Mapping[str, object]) -> None:
    """Set flags as variables of the environment, where the processes that serve read their settings."""
    for path, value in flags.items():
        if value is not None:
            os.environ[KEYS[path].variables[0]] = str(value).lower() if isinstance(value, bool) else str(value)


def level_of(server_level: str) -> str:
    """Return the level of our log that matches one of the server's."""
    return "DEBUG" if server_level == "trace" else server_level.upper()


async def check(settings: Settings) -> Sequence[str]:
    """Look whether the service can work as it is set, and return what to tell whoever starts it.

    Raises:
        PublicBindError: others could reach it, and it has no key.
        DatabaseError: the database cannot be used.
        ConfigurationError: what is set cannot work.
    """
    check_tracking(settings.tracking)
    require_wanted(settings)  # one that finds out when it begins tells it with a traceback, or goes on without a worker
    async with open_queue(settings) as queue:
        has_keys = bool(settings.api.key) or await KeyStore(queue.store.transactions).is_any()
        check_access(settings.api, has_keys=has_keys)
        works = ", ".join(entry.name for entry in await queue.engines())
        address = comfyui_address(settings)
        return (
            f"ComfyGen serves at {settings.api.address} (interactive documentation: /docs)",
            f"jobs: {queue.name}, files in {settings.jobs.data_dir}",
            f"engines: {works}" if settings.api.with_worker else "engines: those of comfygen worker",
            f"access: {access_of(settings.api, has_keys=has_keys)}",
            *([f"as a ComfyUI: {address}"] if address else []),
        )


def check_access(api: ApiOptions, *, has_keys: bool) -> None:
    """Do nothing, unless others could reach a service that nobody has a key to.

    Raises:
        PublicBindError: they could.
    """
    if api.access != "open" and not has_keys and not is_local(api.host):
        raise PublicBindError(api.host)


def is_local(host: str) -> bool:
    """Tell whether only this machine reaches what listens there. A name that means nothing is told of later."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return True
    return all(is_loopback(str(address[0])) for *_, address in found)


def access_of(api: ApiOptions, *, has_keys: bool) -> str:
    """Say who may ask."""
    if api.access == "open":
        return "everybody who reaches it"
    if has_keys:
        return "who has a key"
    return "nobody yet: no key was made" if api.access == "keys" else "this machine alone, until a key is made"


@contextmanager
def sharing_metrics(api: ApiOptions) -> Generator[None]:
    """Let several processes add up what they count; one counts for itself."""
    if api.workers == 1 or api.reload:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="comfygen-metrics-") as folder:
        os.environ[SHARED_METRICS] = folder
        yield


def have_room_for_connections() -> None:
    """Let this process have as many connections as the system lets it: many start programs with room for a thousand."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # a system may name more than it gives
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def serve(api: ApiOptions, listener: socket.socket) -> int:
    """Serve until a signal, and return the exit code."""
    config = uvicorn.Config(
        APPLICATION,
        host=api.host,
        port=api.port,
        workers=api.workers,
        reload=api.reload,
        **HOW,
    )
    server = uvicorn.Server(config)
    if config.should_reload:
        ChangeReload(config, target=server.run, sockets=[listener]).run()
        return 0
    if config.workers > 1:
        Multiprocess(config, sockets=[listener]).run()
        return 0
    with stopping_in_order():
        server.run([listener])
    return 0 if server.started else EXIT_NOT_STARTED


@contextmanager
def stopping_in_order() -> Generator[None]:
    """Take the signals that the server raises anew once it has ended: being stopped is how a service ends."""
    before = {number: signal.signal(number, _do_nothing) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """Take a signal."""
