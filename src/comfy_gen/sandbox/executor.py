"""Runs prompts one after the other: in topological order, with ComfyUI's caching, telling what happens as it does."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from PIL import Image

from comfy_gen.sandbox import catalog, nodes
from comfy_gen.sandbox.metadata import png_metadata
from comfy_gen.sandbox.nodes.node import ReportedError, Shown
from comfy_gen.sandbox.plan import Plan, signatures
from comfy_gen.sandbox.run import Run
from comfy_gen.sandbox.values import Latent
from comfy_gen.workflows.graph import is_link

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.sandbox.files import Files
    from comfy_gen.sandbox.nodes.node import Outputs
    from comfy_gen.sandbox.options import SandboxOptions
    from comfy_gen.sandbox.queue import Item
    from comfy_gen.sandbox.sockets import Sockets
    from comfy_gen.sandbox.trouble import Trouble
    from comfy_gen.workflows.graph import Workflow

INLINE_PIXELS = 128 * 128
"""Nodes that touch more pixels than this work in a thread, so that the server answers meanwhile."""


class PromptInterruptedError(Exception):
    """Somebody asked to stop the prompt that runs."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a node gave: its values, or what it shows."""

    values: tuple[Any, ...] = ()
    ui: dict[str, Any] | None = None


class Executor:
    """The one worker of an engine: its cache, its loaded models and its interrupt."""

    def __init__(self, options: SandboxOptions, files: Files, sockets: Sockets) -> None:
        self.options = options
        self.files = files
        self.sockets = sockets
        self.loaded: set[str] = set()
        """The models in memory, by name."""
        self.run_now: Run | None = None
        """The prompt that runs."""
        self._cache: dict[str, Result] = {}
        self._interrupt = asyncio.Event()

    def interrupt(self) -> None:
        """Stop the running prompt at its next step or node; an idle executor is not affected."""
        self._interrupt.set()

    def free(self, *, models: bool, memory: bool) -> None:
        """Forget the loaded models, and with ``memory`` all cached results."""
        if models or memory:
            self.loaded.clear()
        if memory:
            self._cache.clear()

    async def pause(self, seconds: float) -> None:
        """Let time pass, unless somebody interrupts.

        Raises:
            PromptInterruptedError: somebody did.
        """
        if seconds > 0:
            try:
                # Not by `wait_for`, which before Python 3.12 may forget that it was cancelled.
                async with asyncio.timeout(seconds):
                    await self._interrupt.wait()
            except TimeoutError:
                return
        self.check_interrupt()

    def check_interrupt(self) -> None:
        """Raise ``PromptInterruptedError`` if somebody asked to stop."""
        if self._interrupt.is_set():
            raise PromptInterruptedError

    async def execute(self, item: Item, trouble: Trouble) -> Run:
        """Run one prompt to its end, whichever that is."""
        self._interrupt.clear()
        self.sockets.muted = False
        run = self.run_now = Run(item, self.sockets.send)
        run.begin()
        job = _Job(self, run, trouble)
        try:
            await job.execute(self._cache)
            run.succeed()
        except PromptInterruptedError:
            run.interrupt()
        except Exception as error:  # noqa: BLE001  # a node may raise anything; the server has to live on
            run.fail(job.describe(error))
        finally:
            self.run_now = None
        return run


class _Job:
    """One prompt's way through the executor; what its nodes see of the engine."""

    def __init__(self, executor: Executor, run: Run, trouble: Trouble) -> None:
        self.files = executor.files
        self.metadata = png_metadata(run.item)
        self.corrupts_output = trouble.corrupts_output
        self._executor = executor
        self._run = run
        self._prompt = run.item.prompt
        self._trouble = trouble
        self._inputs: dict[str, Any] = {}

    async def execute(self, cache: dict[str, Result]) -> None:
        """Run what is not cached, in order."""
        signed = signatures(self._prompt, _fingerprints(self._prompt, self.files))
        for old in cache.keys() - set(signed.values()):
            del cache[old]  # ComfyUI keeps what the newest prompt still has, nothing else
        self._run.skip([node_id for node_id in self._prompt if signed[node_id] in cache])
        plan = Plan(
            self._prompt,
            self._run.item.outputs,
            is_output=lambda node_id: catalog.is_output(self._prompt[node_id]["class_type"]),
            is_cached=lambda node_id: signed[node_id] in cache,
        )
        while plan:
            node_id = plan.next()
            if signed[node_id] in cache:
                self._run.recall_node(node_id, cache[signed[node_id]].ui)
            else:
                result = await self._execute_node(
                    node_id, {source: cache[signed[source]] for source in signed if signed[source] in cache}
                )
                cache[signed[node_id]] = result
            plan.done(node_id)

    async def _execute_node(self, node_id: str, results: dict[str, Result]) -> Result:
        self._run.start_node(node_id)
        class_type = self._prompt[node_id]["class_type"]
        self._inputs = _inputs(self._prompt[node_id]["inputs"], class_type, results)
        self._executor.check_interrupt()
        await self._trouble.strike(0)
        await self._executor.pause(self._trouble.delay)
        outputs = await self._call(class_type)
        result = Result(ui=outputs.ui) if isinstance(outputs, Shown) else Result(values=outputs)
        self._run.finish_node(node_id, result.ui)
        return result

    async def _call(self, class_type: str) -> Outputs:
        if class_type in nodes.TIMED:
            return await nodes.TIMED[class_type](self, **self._inputs)
        if class_type in nodes.WORKING:
            call = partial(nodes.WORKING[class_type], self, **self._trouble.spoil(self._inputs))
        else:
            call = partial(nodes.PURE[class_type], **self._inputs)
        return await asyncio.to_thread(call) if _pixels(self._inputs) > INLINE_PIXELS else call()

    def describe(self, error: Exception) -> dict[str, Any]:
        """Return what ``execution_error`` says of an exception."""
        kind = type(error)
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        return {
            "exception_message": f"{error}\n",
            "exception_type": error.name if isinstance(error, ReportedError) else name,
            "traceback": traceback.format_tb(error.__traceback__),
            "current_inputs": {key: [_shown(value)] for key, value in self._inputs.items()},
            "current_outputs": list(self._prompt),
        }

    def say(self, text: str) -> None:
        """Show a line of text on the running node, to those that read such frames."""
        self._executor.sockets.send_text(text, node_id=str(self._run.node_id), to=self._run.item.client_id)

    async def load(self, name: str) -> None:
        """Take the time that loading takes, unless the model is loaded."""
        if name not in self._executor.loaded:
            await self._executor.pause(self._executor.options.load_time)
            self._executor.loaded.add(name)

    async def step(self, value: int, most: int, look: Callable[[], Image.Image]) -> None:
        """Take a step's time, then report it, with a preview if anybody gets one."""
        await asyncio.sleep(0)
        await self._trouble.strike(value)
        await self._executor.pause(self._executor.options.step_time + self._trouble.delay)
        self._run.report_step(value, most)
        # The order of the two differs with what the client can read; both were seen on a real server.
        if self._executor.sockets.wants_metadata(self._run.item.client_id):
            self._preview(look)
            self._run.report_progress(value, most)
        else:
            self._run.report_progress(value, most)
            self._preview(look)

    def _preview(self, look: Callable[[], Image.Image]) -> None:
        item, sockets = self._run.item, self._executor.sockets
        if self._executor.options.previews and sockets.has_receivers(item.client_id):
            buffer = BytesIO()
            look().save(buffer, "jpeg", quality=80)
            sockets.send_preview(
                buffer.getvalue(), node_id=str(self._run.node_id), prompt_id=item.prompt_id, to=item.client_id
            )


def _inputs(given: dict[str, Any], class_type: str, results: dict[str, Result]) -> dict[str, Any]:
    declared = catalog.input_names(class_type)
    return {
        name: results[value[0]].values[value[1]] if is_link(value) else value
        for name, value in given.items()
        if name in declared
    }


def _fingerprints(prompt: Workflow, files: Files) -> dict[str, str]:
    """Return for the nodes that load a picture what that file is now, so that another file of the name runs again."""
    marks: dict[str, str] = {}
    for node_id, node in prompt.items():
        if node["class_type"] in {"LoadImage", "LoadImageMask", "LoadImageOutput"}:
            marks[node_id] = _fingerprint(files, str(node["inputs"].get("image")))
    return marks


def _fingerprint(files: Files, name: str) -> str:
    path = files.annotated(name)
    try:
        stat = path.stat() if path else None
    except OSError:
        stat = None
    return f"{stat.st_mtime_ns}:{stat.st_size}" if stat else uuid4().hex


def _pixels(inputs: dict[str, Any]) -> int:
    width, height = inputs.get("width", 0), inputs.get("height", 0)
    total = int(width * height) if isinstance(width, (int, float)) and isinstance(height, (int, float)) else 0
    return total + sum(_size(value) for value in inputs.values())


def _size(value: object) -> int:
    if isinstance(value, Latent):
        return value.width * value.height * value.total
    if isinstance(value, tuple):
        return sum(_size(one) for one in cast("tuple[object, ...]", value))
    return value.width * value.height if isinstance(value, Image.Image) else 0


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
