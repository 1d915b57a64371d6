"""Runs the HTTP service for ``comfygen serve``, after it has looked whether it can; says where it is reached."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from rich.console import Console
from uvicorn.supervisors import ChangeReload, Multiprocess

from comfy_gen.api.access import is_loopback
from comfy_gen.app import open_queue
from comfy_gen.app.telling import check_tracking
from comfy_gen.config import configure_logging, read_configuration
from comfy_gen.config.dotenv import use_env_file
from comfy_gen.config.keys import KEYS
from comfy_gen.errors import InvalidParameterError, PortInUseError, PublicBindError
from comfy_gen.jobs.keys import KeyStore

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from types import FrameType

    from comfy_gen.config import ApiOptions, Settings

APPLICATION = "comfy_gen.api.app:app"
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"
STDERR = Console(stderr=True)
FAREWELL = 10
"""Seconds that requests get to end when the service stops; streams are told at once."""
KEEP_ALIVE = 30
"""Seconds that an idle connection is kept: more than most proxies keep theirs to us would be better, but costs."""
BACKLOG = 2048

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
    with listening(settings.api) as listener, sharing_metrics(settings.api):
        for line in said:
            STDERR.print(line, markup=False, highlight=False, soft_wrap=True)
        return serve(settings.api, listener)


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
    async with open_queue(settings) as queue:
        has_keys = bool(settings.api.key) or await KeyStore(queue.store.transactions).is_any()
        check_access(settings.api, has_keys=has_keys)
        works = ", ".join(entry.name for entry in await queue.engines())
        return (
            f"ComfyGen serves at {settings.api.address} (interactive documentation: /docs)",
            f"jobs: {queue.name}, files in {settings.jobs.data_dir}",
            f"engines: {works}" if settings.api.with_worker else "engines: those of comfygen worker",
            f"access: {access_of(settings.api, has_keys=has_keys)}",
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
def listening(api: ApiOptions) -> Generator[socket.socket]:
    """Listen at the service's address. Done before the server starts, so that what is wrong is told in one line.

    Raises:
        PortInUseError: something else listens there.
        InvalidParameterError: the host is none of this machine.
    """
    try:
        found = socket.getaddrinfo(api.host, api.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise _wrong_host(api) from error
    family, _, _, _, address = found[0]
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise _wrong_host(api) from error
            raise PortInUseError(api.host, api.port, os.strerror(error.errno or 0)) from error
        listener.set_inheritable(True)
        yield listener


def _wrong_host(api: ApiOptions) -> InvalidParameterError:
    advice = "127.0.0.1 is for programs on this machine, 0.0.0.0 for others too."
    return InvalidParameterError("host", api.host, "a name or address of this machine to listen on", advice)


@contextmanager
def sharing_metrics(api: ApiOptions) -> Generator[None]:
    """Let several processes add up what they count; one counts for itself."""
    if api.workers == 1 or api.reload:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="comfygen-metrics-") as folder:
        os.environ[SHARED_METRICS] = folder
        yield


def serve(api: ApiOptions, listener: socket.socket) -> int:
    """Serve until a signal, and return the exit code."""
    config = uvicorn.Config(
        APPLICATION,
        host=api.host,
        port=api.port,
        workers=api.workers,
        reload=api.reload,
        log_config=None,  # the application sets up the log, in each process
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=FAREWELL,
        backlog=BACKLOG,
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
