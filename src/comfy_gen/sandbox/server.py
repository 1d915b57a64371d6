"""The sandbox itself: a ComfyUI-compatible server that starts, stops, dies and comes back on the same port."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from comfy_gen.errors import ConfigurationError, InvalidParameterError, PortInUseError
from comfy_gen.sandbox.engine import Engine
from comfy_gen.sandbox.faults import Fault, FaultScript, parse_fault
from comfy_gen.sandbox.files import Files
from comfy_gen.sandbox.options import SandboxOptions
from comfy_gen.sandbox.routes import application

if TYPE_CHECKING:
    from typing import Self


class Sandbox:
    """One sandbox engine. Use it as ``async with Sandbox() as sandbox`` and talk to ``sandbox.url``."""

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        self.port = self.options.port
        """The port it listens on; chosen at the first start where the options leave it open."""
        self.faults = FaultScript(self.options.faults)
        """The trouble that is scripted; may be changed while it runs."""
        self._temporary = None if self.options.data_dir else tempfile.TemporaryDirectory(prefix="comfygen-sandbox-")
        self.files = Files(Path(self._temporary.name) if self._temporary else Path(str(self.options.data_dir)))
        self._life: _Life | None = None
        self._chores: set[asyncio.Task[None]] = set()
        self._received = 0
        self._executed = 0

    async def __aenter__(self) -> Self:
        """Start it."""
        try:
            await self.start()
        except ConfigurationError:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it and remove its temporary folder."""
        await self.close()

    @property
    def url(self) -> str:
        """Where it answers."""
        host = self.options.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether it answers now."""
        return self._life is not None

    @property
    def prompts_received(self) -> int:
        """How many prompts were accepted into the queue, over all restarts."""
        return self._received

    @property
    def prompts_executed(self) -> int:
        """How many prompts ran to an end, good or bad, over all restarts."""
        return self._executed + (self._life.engine.executed if self._life else 0)

    def add_fault(self, fault: Fault | str) -> None:
        """Script one more fault, as a value or as text such as ``out_of_memory:step=3``."""
        self.faults.add(parse_fault(fault) if isinstance(fault, str) else fault)

    def count_received(self) -> None:
        """Note that a prompt was accepted."""
        self._received += 1

    async def start(self) -> None:
        """Begin to answer, with an empty queue and history.

        Raises:
            PortInUseError: something else listens there.
            InvalidParameterError: the host is none of this machine's.
        """
        if self._life is None:
            self._life = await _Life.begin(self)
            self.port = self._life.port

    async def stop(self) -> None:
        """End as a killed process does: connections break, the queue and the history are gone; files stay."""
        life, self._life = self._life, None
        if life is not None:
            self._executed += life.engine.executed
            await life.end()

    async def restart(self) -> None:
        """Stop and start on the same port."""
        await self.stop()
        await self.start()

    def die(self, back_after: float | None) -> None:
        """Stop soon, from within; come back after so many seconds, or not at all."""
        chore = asyncio.create_task(self._die(back_after))
        self._chores.add(chore)
        chore.add_done_callback(self._chores.discard)

    async def _die(self, back_after: float | None) -> None:
        await self.stop()
        if back_after is not None:
            await asyncio.sleep(back_after)
            await self.start()

    async def close(self) -> None:
        """Stop for good and remove the temporary folder."""
        for chore in list(self._chores):
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await self.stop()
        if self._temporary:
            await asyncio.to_thread(self._temporary.cleanup)


class _Life:
    """One run of the server between a start and a stop."""

    def __init__(self, engine: Engine, runner: web.AppRunner, worker: asyncio.Task[None]) -> None:
        self.engine = engine
        self._runner = runner
        self._worker = worker

    @classmethod
    async def begin(cls, sandbox: Sandbox) -> Self:
        engine = Engine(sandbox.options, sandbox.files, sandbox.faults, sandbox.die)
        runner = web.AppRunner(application(sandbox, engine), access_log=None, shutdown_timeout=0.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, sandbox.options.host, sandbox.port).start()
        except (OSError, UnicodeError) as error:  # a host that cannot be a name is a UnicodeError
            await runner.cleanup()
            raise _refusal(sandbox.options.host, sandbox.port, error) from error
        return cls(engine, runner, asyncio.create_task(engine.run()))

    @property
    def port(self) -> int:
        return self._runner.addresses[0][1]

    async def end(self) -> None:
        self._worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._worker
        for site in list(self._runner.sites):
            await site.stop()
        server = self._runner.server
        for connection in list(server.connections) if server else []:
            if connection.transport:
                connection.transport.abort()
        await self._runner.cleanup()


def _refusal(host: str, port: int, error: OSError | UnicodeError) -> ConfigurationError:
    """Return why a server cannot listen there: because of the host, or of the port."""
    number = error.errno if isinstance(error, OSError) and not isinstance(error, socket.gaierror) else None
    if number is None or number == errno.EADDRNOTAVAIL:  # asyncio gives no number where no address would do
        advice = "127.0.0.1 is for programs on this machine, 0.0.0.0 for others too."
        return InvalidParameterError("host", host, "a name or address of this machine to listen on", advice)
    return PortInUseError(host, port, os.strerror(number))
