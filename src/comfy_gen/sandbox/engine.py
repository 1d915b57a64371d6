"""One life of a sandbox server: what is in its memory and its one worker. A restart makes a new one."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from comfy_gen.sandbox import catalog
from comfy_gen.sandbox.executor import Executor
from comfy_gen.sandbox.frames import status
from comfy_gen.sandbox.log import Log
from comfy_gen.sandbox.queue import History, Item, PromptQueue
from comfy_gen.sandbox.sockets import Sockets
from comfy_gen.sandbox.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.sandbox.faults import FaultScript
    from comfy_gen.sandbox.files import Files
    from comfy_gen.sandbox.options import SandboxOptions
    from comfy_gen.workflows.checks.answers import Accepted

_SECRETS = ("auth_token_comfy_org", "api_key_comfy_org")


class Engine:
    """Queue, history, sockets and executor, and the loop that runs one prompt after the other."""

    def __init__(
        self, options: SandboxOptions, files: Files, faults: FaultScript, die: Callable[[float | None], None]
    ) -> None:
        self.options = options
        self.files = files
        self.faults = faults
        self.queue = PromptQueue()
        self.history = History()
        self.sockets = Sockets()
        self.log = Log(self.sockets)
        self.executor = Executor(options, files, self.sockets)
        self.numbers = 0
        """How many prompts have been asked for, refused ones among them: the next one's number."""
        self.executed = 0
        """How many prompts have run to an end, good or bad."""
        self._die = die
        self._freeing: dict[str, bool] = {}
        self._wake = asyncio.Event()
        self._object_info: tuple[list[str], dict[str, catalog.ClassInfo]] | None = None

    def object_info(self) -> dict[str, catalog.ClassInfo]:
        """Return what this engine's nodes are like, with the models and input files that it has now."""
        names = self.files.names()
        if self._object_info is None or self._object_info[0] is not names:
            self._object_info = (names, catalog.object_info(self.options.models, names))
        return self._object_info[1]

    def submit(self, body: dict[str, Any], accepted: Accepted, number: float) -> Item:
        """Queue a prompt that was found good."""
        extra = {key: value for key, value in dict(body.get("extra_data") or {}).items() if key not in _SECRETS}
        if "client_id" in body:
            extra["client_id"] = body["client_id"]
        extra["create_time"] = time.time_ns() // 1_000_000
        prompt_id = str(body["prompt_id"]) if "prompt_id" in body else str(uuid4())
        item = Item(number, prompt_id, accepted.prompt, extra, accepted.outputs_to_execute)
        self.queue.put(item)
        self.announce_queue()
        self._wake.set()
        return item

    def take_number(self, body: Any) -> float:
        """Return the place in the queue that a body asks for, and count it.

        Raises:
            ValueError, TypeError: the body's ``number`` is none.
        """
        if "number" in body:
            return float(body["number"])
        number = self.numbers if "front" not in body or not body["front"] else -self.numbers
        self.numbers += 1
        return number

    def announce_queue(self) -> None:
        """Tell everybody how many prompts run or wait."""
        self.sockets.send("status", status(self.queue.remaining), to=None)

    def interrupt(self, prompt_id: str | None = None) -> None:
        """Stop the running prompt, or only this one if it is the one that runs."""
        running = self.queue.running
        if running and prompt_id in {None, running.prompt_id}:
            self.executor.interrupt()

    def free(self, *, models: bool, memory: bool) -> None:
        """Forget models and results as soon as no prompt runs."""
        self._freeing = {"models": models, "memory": memory}
        self._wake.set()

    async def run(self) -> None:
        """Run what is queued, until cancelled."""
        while True:
            self._apply_free()
            item = self.queue.take()
            if item is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._run(item)

    async def _run(self, item: Item) -> None:
        self.announce_queue()
        started = time.monotonic()
        run = await self.executor.execute(item, Trouble(self.faults.on_prompt(), self.sockets, self._die))
        # As on a real server the entry is written after execution_success has gone out; 0 only lets others go first.
        await asyncio.sleep(self.options.history_delay)
        self.executed += 1
        self.log.write(f"Prompt executed in {time.monotonic() - started:.2f} seconds")
        self.queue.finish()
        self.history.add(item.prompt_id, run.entry())
        self.announce_queue()
        if item.client_id is not None:
            self.sockets.send("executing", {"node": None, "prompt_id": item.prompt_id}, to=item.client_id)

    def _apply_free(self) -> None:
        if self._freeing:
            self.executor.free(**self._freeing)
            self._freeing = {}
