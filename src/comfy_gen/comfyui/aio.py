"""The asynchronous client of one ComfyUI.

    async with AsyncComfyUIClient(url="http://127.0.0.1:8188") as client:
        run = await client.submit(workflow)
        async for event in run.events():
            print(event)
        outcome = await run.result()

`ComfyUIClient` in ``client.py`` has the same methods for code without a loop.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from comfy_gen.comfyui.http import ClientOptions, EngineHttp
from comfy_gen.comfyui.messages import Executing, ExecutionStart, Frame, Message, Preview, Raw, Status, Text, Unknown
from comfy_gen.comfyui.recovery import find_answer
from comfy_gen.comfyui.routes import Routes
from comfy_gen.comfyui.run import Run
from comfy_gen.comfyui.socket import EngineSocket
from comfy_gen.comfyui.tracker import Outcome, State, Tracker
from comfy_gen.comfyui.watchdog import Watchdog
from comfy_gen.errors import ClientClosedError, EngineResponseError, EngineUnreachableError, NotComfyUIError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from comfy_gen.comfyui.routes.route import Json
    from comfy_gen.workflows.graph import Workflow

log = logging.getLogger(__name__)

UNCERTAIN_STATUSES = frozenset({502, 503, 504})
"""A proxy's answers that do not tell whether the engine got the request."""


class Cancellation(StrEnum):
    """What `AsyncComfyUIClient.cancel` did."""

    REMOVED = "removed"
    """It waited, and will not run."""
    INTERRUPTED = "interrupted"
    """It ran, and was told to stop; it does so at its next step."""
    ALREADY_ENDED = "already_ended"
    """It had ended before."""
    UNKNOWN = "unknown"
    """The engine does not know it."""


class AsyncComfyUIClient(Routes):
    """One engine: every route as a method, and prompts followed from submission to outcome.

    Use it as a context manager, or `close` it. The WebSocket is opened by the first prompt, reconnected with
    backoff, and never needed: what it does not tell is looked up in queue and history.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 8188,
        protocol: str = "http",
        *,
        url: str | None = None,
        options: ClientOptions | None = None,
    ) -> None:
        self.options = options or ClientOptions()
        self.http = EngineHttp(url or f"{protocol}://{host}:{port}", self.options)
        self._socket = EngineSocket(self.http, on_message=self._receive, on_gap=self._note_gap)
        self._runs: dict[str, Run] = {}
        self._observed: set[Run] = set()
        self._running: Run | None = None
        self._watchdog = Watchdog(self, self._runs)
        self._callbacks: dict[str, list[Callable[[Raw], object]]] = defaultdict(list)

    @property
    def url(self) -> str:
        """The engine's address, without a trailing slash."""
        return self.http.url

    @property
    def is_connected(self) -> bool:
        """Whether the WebSocket is open now."""
        return self._socket.is_connected

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close socket and session. Prompts go on; nobody follows them, which those who wait for them are told."""
        for run in self._runs.values():
            run.give_up(ClientClosedError(run.prompt_id))
        self._runs.clear()
        await self._watchdog.close()
        await self._socket.close()
        await self.http.close()

    # --- the socket

    async def connect_websocket(self, auto_reconnect: bool = True) -> None:  # noqa: FBT001, FBT002  # the documented signature
        """Open the WebSocket now rather than with the first prompt.

        Raises:
            EngineUnreachableError: nobody answers, or no WebSocket gets through.
        """
        await self._socket.open(reconnect=auto_reconnect)

    async def disconnect_websocket(self) -> None:
        """Close the WebSocket; open prompts are polled from now on."""
        await self._socket.close()
        self._note_gap()

    def on(self, event_type: str, callback: Callable[[Raw], object]) -> None:
        """Call back with every message of a type: ``progress``, ``executing``, ``executed``, ``execution_start`` ….

        The callback gets the server's own ``{"type": …, "data": {…}}``, and for ``preview`` a `Preview` as data. What
        it raises is logged and stops neither the others nor the socket.
        """
        self._callbacks[event_type].append(callback)

    async def subscribe_logs(self, *, enabled: bool = True) -> None:
        """Have the server send its log lines over the WebSocket, as messages of type ``logs``."""
        await self._socket.open()
        body = {"clientId": self._socket.client_id, "enabled": enabled}
        await self.http.request("PATCH", "/internal/logs/subscribe", body=body)

    # --- prompts

    async def submit(
        self,
        workflow: Workflow,
        *,
        prompt_id: str | None = None,
        front: bool = False,
        number: float | None = None,
        targets: Sequence[str] | None = None,
        extra_data: Mapping[str, Any] | None = None,
        previews: bool = False,
        heard: Callable[[Frame], object] | None = None,
        attempts: int = 3,
    ) -> Run:
        """Queue a workflow and follow it.

        Args:
            workflow: the graph in API format.
            prompt_id: a UUID; one is made if absent. It must never have been used on this engine.
            front: run it before all that wait.
            number: an explicit place; the lowest runs first.
            targets: ids of the output nodes to run; all by default.
            extra_data: stored with the prompt; ``{"extra_pnginfo": {"workflow": …}}`` ends up in the picture.
            previews: keep preview pictures as events.
            heard: is given all that the server says of it, as it came.
            attempts: how often to send it at most, where no answer comes and the engine turns out not to have it.

        Raises:
            PromptRejectedError: the engine's validation refused it.
            EngineUnreachableError: nobody answers. A prompt that may have arrived is looked for before it is sent
                again, so that it never runs twice.
        """
        given = {"number": number, "partial_execution_targets": targets, "extra_data": extra_data}
        fields: Json = {name: value for name, value in given.items() if value is not None}
        if front:
            fields["front"] = True
        await self._listen()
        run = self._follow(prompt_id or str(uuid.uuid4()), workflow, previews=previews)
        run.heard = heard
        try:
            answer = await self._send(run.prompt_id, workflow, fields, attempts=attempts)
        except BaseException:
            self._runs.pop(run.prompt_id, None)
            raise
        self._take_id(run, str(answer.get("prompt_id", run.prompt_id)))
        run.accept(answer)
        self._after(run)
        if not run.tracker.is_continuous:
            self._watchdog.wake()
        return run

    def attach(self, prompt_id: str) -> Run:
        """Follow a prompt that somebody else queued, or this client before a restart."""
        known = self._runs.get(prompt_id)
        if known is not None:
            return known
        run = self._follow(prompt_id, {}, previews=False)
        run.tracker.gap()
        run.is_accepted = True
        self._watchdog.wake()
        return run

    async def run_workflow(self, workflow: Workflow, *, timeout: float | None = None) -> Outcome:  # noqa: ASYNC109  # the caller's patience
        """Queue a workflow, wait for its end and return the outcome.

        Raises:
            ComfyGenError: as `submit` and `Outcome.raise_for_failure` do.
            WaitTimeoutError: it did not end within ``timeout`` seconds; it goes on.
        """
        outcome = await (await self.submit(workflow)).result(timeout)
        outcome.raise_for_failure()
        return outcome

    async def queue_prompt(self, workflow: Workflow) -> Json:
        """Queue a workflow and return ``prompt_id``, ``number`` and ``node_errors``."""
        run = await self.submit(workflow)
        return {"prompt_id": run.prompt_id, "number": run.number, "node_errors": dict(run.node_errors)}

    async def wait_for_completion(self, prompt_id: str, timeout: float | None = None) -> Json:  # noqa: ASYNC109  # the documented signature
        """Wait for the end of a prompt, whoever queued it, and return its history entry.

        Raises:
            ExecutionFailedError: a node raised.
            InterruptedPromptError: it was interrupted or removed.
            EngineLostError: the engine does not know it.
            WaitTimeoutError: it did not end within ``timeout`` seconds; it goes on.
        """
        outcome = await self.attach(prompt_id).result(timeout)
        outcome.raise_for_failure()
        return (await self.get_history(prompt_id)).get(prompt_id, {"outputs": dict(outcome.outputs)})

    async def find_prompt(self, prompt_id: str, *, targets: Sequence[str] | None = None) -> Json | None:
        """Return what the server answered to a prompt that it has, wherever it is by now; None if it has it not.

        It settles what became of a submission whose answer got lost. ``targets`` are those that it was sent with;
        ``node_errors`` says which outputs the server dropped, and not why.
        """
        return await find_answer(self, prompt_id, targets=targets)

    async def cancel(self, prompt_id: str) -> Cancellation:
        """Take one prompt out of the queue, or stop it if it runs; nobody else's prompt is touched."""
        was_there = prompt_id in self._runs or (await self.read_queue()).position(prompt_id) is not None
        await self.delete_from_queue([prompt_id])
        if (await self.read_queue()).position(prompt_id) is not None:
            await self.interrupt_execution(prompt_id)
            return Cancellation.INTERRUPTED
        if await self.find_history(prompt_id) is not None:
            return Cancellation.ALREADY_ENDED
        self._note_removal(prompt_id)
        return Cancellation.REMOVED if was_there else Cancellation.UNKNOWN

    async def cancel_all(self, prompt_ids: Sequence[str]) -> None:
        """Cancel many prompts with a few requests; nobody else's are touched, and those that ended stay as they are."""
        await self.delete_from_queue(prompt_ids)
        running = (await self.read_queue()).prompt_ids & set(prompt_ids)
        for prompt_id in running:
            await self.interrupt_execution(prompt_id)
        for run in [self._runs[prompt_id] for prompt_id in set(prompt_ids) - running if prompt_id in self._runs]:
            if run.tracker.state is State.QUEUED and run.tracker.is_continuous:
                self._note_removal(run.prompt_id)

    async def is_available(self) -> bool:
        """Tell whether a ComfyUI answers."""
        try:
            await self.get_queue_remaining()
        except (EngineUnreachableError, EngineResponseError, KeyError, TypeError):
            return False
        return True

    async def identify(self) -> str:
        """Return what the engine calls itself, such as ``ComfyUI 0.3.75``.

        Raises:
            EngineUnreachableError: nobody answers.
            EngineResponseError: it has trouble of its own, or a proxy before it has.
            NotComfyUIError: something else answers.
        """
        try:
            async with asyncio.timeout(2 * self.options.connect_timeout):
                system = (await self.get_system_stats())["system"]
        except EngineResponseError as error:
            if error.status >= 500:
                raise
            raise NotComfyUIError(self.url) from error
        except (KeyError, TypeError) as error:
            raise NotComfyUIError(self.url) from error
        except TimeoutError as error:
            raise EngineUnreachableError(self.url, "it takes the connection and says nothing") from error
        if "comfygen_sandbox" in system:
            return "the sandbox engine (pictures are painted, not diffused)"
        return f"ComfyUI {system.get('comfyui_version', '')}".strip()

    # --- inside

    async def _listen(self) -> None:
        """Have the socket open; an engine whose WebSocket does not get through is polled."""
        if not self.options.use_websocket:
            return
        try:
            await self._socket.open()
        except EngineUnreachableError as error:
            await self.get_queue_remaining()  # raises if it is not the socket alone
            log.info("%s; following prompts by polling", error)

    def _follow(self, prompt_id: str, workflow: Workflow, *, previews: bool) -> Run:
        now = asyncio.get_running_loop().time()
        tracker = Tracker(prompt_id, workflow, url=self.url)
        run = Run(tracker, previews=previews, now=now, observed=self._observed)
        self._runs[prompt_id] = run
        if not self._socket.is_connected:
            tracker.gap()
        self._watchdog.start()
        return run

    async def _send(self, prompt_id: str, workflow: Workflow, fields: Json, *, attempts: int) -> Json:
        """POST the prompt; where the answer got lost, find out whether it arrived before sending it once more."""
        for attempt in range(1, attempts + 1):
            try:
                client_id = self._socket.client_id
                return await self.post_prompt(workflow, client_id=client_id, prompt_id=prompt_id, **fields)
            except (EngineUnreachableError, EngineResponseError) as error:
                if attempt == attempts or not _may_have_arrived(error):
                    raise
                await asyncio.sleep(self.options.reconnect_delay)
                arrived = await self.find_prompt(prompt_id, targets=fields.get("partial_execution_targets"))
                if arrived is not None:
                    return arrived
        raise AssertionError("the last attempt returns or raises")

    def _receive(self, message: Message, frame: Frame) -> None:
        self._call_back(message, frame)
        if isinstance(message, Status):
            self._tell_waiting(message)
            return
        run = self._addressee(message)
        if run is not None:
            run.feed(message, now=asyncio.get_running_loop().time())
            self._after(run)
        hearer = run or self._bystander(message)
        if hearer is not None and hearer.heard is not None:
            hearer.heard(frame)

    def _addressee(self, message: Message) -> Run | None:
        if isinstance(message, Preview) and message.prompt_id is None:
            return self._running
        run = self._runs.get(getattr(message, "prompt_id", None) or "")
        if run is not None and isinstance(message, ExecutionStart | Executing):
            self._running = run
        return run

    def _bystander(self, message: Message) -> Run | None:
        """Return the run that a message of a custom node is about, which tells us nothing: the one that runs now."""
        running, names_none = self._running, getattr(message, "prompt_id", None) is None
        if running is None or not (isinstance(message, Text | Unknown) and names_none):
            return None
        return running if running.tracker.state is State.RUNNING else None

    def _tell_waiting(self, message: Status) -> None:
        """Tell those whose events somebody reads; thousands of others may wait and need not know."""
        now = asyncio.get_running_loop().time()
        for run in self._observed:
            if run.tracker.state is State.QUEUED and run.is_accepted:
                run.feed(message, now=now)

    def _take_id(self, run: Run, given: str) -> None:
        """File a run under the id that the server gave it: older ones do not take ours."""
        if given != run.prompt_id:
            self._runs.pop(run.prompt_id, None)
            run.rename(given)
            self._runs[given] = run

    def _note_removal(self, prompt_id: str) -> None:
        run = self._runs.pop(prompt_id, None)
        if run is not None:
            run.remove()

    def _after(self, run: Run) -> None:
        if run.tracker.state is State.ENDED:
            self._runs.pop(run.prompt_id, None)
        elif run.tracker.wants_history:
            self._watchdog.wake()

    def _call_back(self, message: Message, frame: Frame) -> None:
        told = frame if isinstance(frame, dict) else {"type": type(message).__name__.lower(), "data": message}
        for callback in self._callbacks.get(str(told["type"]), ()):
            try:
                callback(told)
            except Exception:  # a caller's bug must reach neither the other callbacks nor the socket
                log.exception("a callback for %s raised", told["type"])

    def _note_gap(self) -> None:
        for run in self._runs.values():
            run.gap()
        self._watchdog.wake()


def _may_have_arrived(error: EngineUnreachableError | EngineResponseError) -> bool:
    if isinstance(error, EngineUnreachableError):
        return error.may_have_arrived
    return error.status in UNCERTAIN_STATUSES
