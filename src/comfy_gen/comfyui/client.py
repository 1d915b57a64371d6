"""The synchronous client of one ComfyUI: `AsyncComfyUIClient`, run on a loop of its own in a background thread.

    with ComfyUIClient(host="127.0.0.1", port=8188) as client:
        prompt_id = client.queue_prompt(workflow)["prompt_id"]
        history = client.wait_for_completion(prompt_id)

It decides nothing: each method hands its arguments to the method of the same name. It may be used by several threads
at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from comfy_gen.comfyui.aio import AsyncComfyUIClient, Cancellation

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import TracebackType

    from comfy_gen.comfyui.bodies import FileRef
    from comfy_gen.comfyui.http import ClientOptions
    from comfy_gen.comfyui.messages import Raw
    from comfy_gen.comfyui.run import Run
    from comfy_gen.comfyui.tracker import Event, Outcome

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class BackgroundLoop:
    """An event loop in a daemon thread, started by the first call."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end and return what it returns; Ctrl-C here cancels it there."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._started())
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Stop the loop and its thread; a later `run` starts another."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_serve, args=(self._loop,), name="comfyui-client", daemon=True).start()
            return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:  # somebody waits for each of them in another thread
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _twin(
    method: Callable[Concatenate[AsyncComfyUIClient, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[ComfyUIClient, P], T]:
    """Make the synchronous method from the asynchronous one."""

    @functools.wraps(method)
    def call(self: ComfyUIClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.loop.run(method(self.aio, *args, **kwargs))

    return call


class SyncRun:
    """The handle of one prompt: `Run` for code without a loop."""

    def __init__(self, client: ComfyUIClient, run: Run) -> None:
        self._client = client  # held, for a client that nobody holds is closed
        self._loop = client.loop
        self._run = run

    @property
    def prompt_id(self) -> str:
        """The id under which the server knows it."""
        return self._run.prompt_id

    @property
    def outcome(self) -> Outcome | None:
        """The outcome, once there is one."""
        return self._run.outcome

    def result(self, timeout: float | None = None) -> Outcome:
        """Wait for the end and return the outcome; see `Run.result`."""
        return self._loop.run(self._run.result(timeout))

    def events(self) -> Iterator[Event]:
        """Yield every event from the first one on; see `Run.events`."""
        events = self._run.events()

        async def following() -> Event | None:
            return await anext(events, None)

        while (event := self._loop.run(following())) is not None:
            yield event


class ComfyUIClient:
    """One engine, without a loop of the caller's; see `AsyncComfyUIClient` for what the methods do."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 8188,
        protocol: str = "http",
        *,
        url: str | None = None,
        options: ClientOptions | None = None,
    ) -> None:
        self.loop = BackgroundLoop()
        self.aio = self.loop.run(_make(host, port, protocol, url=url, options=options))
        self._callers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="comfyui-callbacks")
        self._finish = weakref.finalize(self, _finish, self.loop, self.aio)
        """Closes it at the latest when the program ends: the documented scripts never do."""

    @property
    def url(self) -> str:
        """The engine's address, without a trailing slash."""
        return self.aio.url

    @property
    def is_connected(self) -> bool:
        """Whether the WebSocket is open now."""
        return self.aio.is_connected

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close socket, session and background thread. Prompts go on; nobody follows them."""
        self._finish()
        self._callers.shutdown(wait=False)

    def on(self, event_type: str, callback: Callable[[Raw], object]) -> None:
        """Call back with every message of a type; see `AsyncComfyUIClient.on`.

        Callbacks run one after another on a thread of their own, so that they may use this client.
        """

        def hand_over(raw: Raw) -> None:
            with contextlib.suppress(RuntimeError):  # the client is being closed
                self._callers.submit(_guarded, callback, raw)

        self.aio.on(event_type, hand_over)

    def submit(self, *args: Any, **kwargs: Any) -> SyncRun:
        """Queue a workflow and follow it; see `AsyncComfyUIClient.submit`."""
        return SyncRun(self, self.loop.run(self.aio.submit(*args, **kwargs)))

    def attach(self, prompt_id: str) -> SyncRun:
        """Follow a prompt that somebody else queued."""

        async def attach() -> Run:
            return self.aio.attach(prompt_id)

        return SyncRun(self, self.loop.run(attach()))

    def stream_file(self, file: FileRef) -> Iterator[bytes]:
        """Yield a file piece by piece."""
        chunks = self.aio.stream_file(file)

        async def following() -> bytes | None:
            return await anext(chunks, None)

        while (chunk := self.loop.run(following())) is not None:
            yield chunk

    connect_websocket = _twin(AsyncComfyUIClient.connect_websocket)
    disconnect_websocket = _twin(AsyncComfyUIClient.disconnect_websocket)
    subscribe_logs = _twin(AsyncComfyUIClient.subscribe_logs)
    run_workflow = _twin(AsyncComfyUIClient.run_workflow)
    queue_prompt = _twin(AsyncComfyUIClient.queue_prompt)
    wait_for_completion = _twin(AsyncComfyUIClient.wait_for_completion)
    find_prompt = _twin(AsyncComfyUIClient.find_prompt)
    cancel = _twin(AsyncComfyUIClient.cancel)
    cancel_all = _twin(AsyncComfyUIClient.cancel_all)
    is_available = _twin(AsyncComfyUIClient.is_available)
    identify = _twin(AsyncComfyUIClient.identify)

    post_prompt = _twin(AsyncComfyUIClient.post_prompt)
    get_queue = _twin(AsyncComfyUIClient.get_queue)
    read_queue = _twin(AsyncComfyUIClient.read_queue)
    get_queue_remaining = _twin(AsyncComfyUIClient.get_queue_remaining)
    clear_queue = _twin(AsyncComfyUIClient.clear_queue)
    delete_from_queue = _twin(AsyncComfyUIClient.delete_from_queue)
    interrupt_execution = _twin(AsyncComfyUIClient.interrupt_execution)
    get_history = _twin(AsyncComfyUIClient.get_history)
    find_history = _twin(AsyncComfyUIClient.find_history)
    clear_history = _twin(AsyncComfyUIClient.clear_history)
    delete_history = _twin(AsyncComfyUIClient.delete_history)
    get_jobs = _twin(AsyncComfyUIClient.get_jobs)
    get_job = _twin(AsyncComfyUIClient.get_job)
    cancel_job = _twin(AsyncComfyUIClient.cancel_job)

    get_system_stats = _twin(AsyncComfyUIClient.get_system_stats)
    get_features = _twin(AsyncComfyUIClient.get_features)
    free = _twin(AsyncComfyUIClient.free)
    get_object_info = _twin(AsyncComfyUIClient.get_object_info)
    get_models = _twin(AsyncComfyUIClient.get_models)
    get_model_folders = _twin(AsyncComfyUIClient.get_model_folders)
    get_model_details = _twin(AsyncComfyUIClient.get_model_details)
    get_model_preview = _twin(AsyncComfyUIClient.get_model_preview)
    get_model_metadata = _twin(AsyncComfyUIClient.get_model_metadata)
    get_embeddings = _twin(AsyncComfyUIClient.get_embeddings)
    get_extensions = _twin(AsyncComfyUIClient.get_extensions)
    get_workflow_templates = _twin(AsyncComfyUIClient.get_workflow_templates)
    get_translations = _twin(AsyncComfyUIClient.get_translations)
    get_global_subgraphs = _twin(AsyncComfyUIClient.get_global_subgraphs)
    get_global_subgraph = _twin(AsyncComfyUIClient.get_global_subgraph)
    get_node_replacements = _twin(AsyncComfyUIClient.get_node_replacements)
    get_logs = _twin(AsyncComfyUIClient.get_logs)
    get_raw_logs = _twin(AsyncComfyUIClient.get_raw_logs)
    get_folder_paths = _twin(AsyncComfyUIClient.get_folder_paths)
    get_files = _twin(AsyncComfyUIClient.get_files)

    upload_image = _twin(AsyncComfyUIClient.upload_image)
    upload_unique = _twin(AsyncComfyUIClient.upload_unique)
    has_file = _twin(AsyncComfyUIClient.has_file)
    upload_mask = _twin(AsyncComfyUIClient.upload_mask)
    get_image = _twin(AsyncComfyUIClient.get_image)
    get_file = _twin(AsyncComfyUIClient.get_file)
    download = _twin(AsyncComfyUIClient.download)

    get_users = _twin(AsyncComfyUIClient.get_users)
    create_user = _twin(AsyncComfyUIClient.create_user)
    get_settings = _twin(AsyncComfyUIClient.get_settings)
    get_setting = _twin(AsyncComfyUIClient.get_setting)
    set_settings = _twin(AsyncComfyUIClient.set_settings)
    set_setting = _twin(AsyncComfyUIClient.set_setting)
    list_userdata = _twin(AsyncComfyUIClient.list_userdata)
    browse_userdata = _twin(AsyncComfyUIClient.browse_userdata)
    get_userdata = _twin(AsyncComfyUIClient.get_userdata)
    store_userdata = _twin(AsyncComfyUIClient.store_userdata)
    delete_userdata = _twin(AsyncComfyUIClient.delete_userdata)
    move_userdata = _twin(AsyncComfyUIClient.move_userdata)

    has_asset = _twin(AsyncComfyUIClient.has_asset)
    list_assets = _twin(AsyncComfyUIClient.list_assets)
    get_asset = _twin(AsyncComfyUIClient.get_asset)
    get_asset_content = _twin(AsyncComfyUIClient.get_asset_content)
    upload_asset = _twin(AsyncComfyUIClient.upload_asset)
    create_asset_from_hash = _twin(AsyncComfyUIClient.create_asset_from_hash)
    update_asset = _twin(AsyncComfyUIClient.update_asset)
    delete_asset = _twin(AsyncComfyUIClient.delete_asset)
    add_asset_tags = _twin(AsyncComfyUIClient.add_asset_tags)
    remove_asset_tags = _twin(AsyncComfyUIClient.remove_asset_tags)
    list_tags = _twin(AsyncComfyUIClient.list_tags)
    refine_tags = _twin(AsyncComfyUIClient.refine_tags)
    seed_assets = _twin(AsyncComfyUIClient.seed_assets)
    cancel_asset_seed = _twin(AsyncComfyUIClient.cancel_asset_seed)
    get_asset_seed_status = _twin(AsyncComfyUIClient.get_asset_seed_status)
    prune_assets = _twin(AsyncComfyUIClient.prune_assets)
    download_asset = _twin(AsyncComfyUIClient.download_asset)
    get_task = _twin(AsyncComfyUIClient.get_task)
    cancel_task = _twin(AsyncComfyUIClient.cancel_task)


async def _make(
    host: str, port: int, protocol: str, *, url: str | None, options: ClientOptions | None
) -> AsyncComfyUIClient:
    """Make the client on the loop that it will live on."""
    return AsyncComfyUIClient(host, port, protocol, url=url, options=options)


def _finish(loop: BackgroundLoop, aio: AsyncComfyUIClient) -> None:
    loop.run(aio.close())
    loop.close()


def _guarded(callback: Callable[[Raw], object], raw: Raw) -> None:
    try:
        callback(raw)
    except Exception:  # a caller's bug must not vanish with the thread's future
        log.exception("a callback for %s raised", raw.get("type"))


__all__ = ["Cancellation", "ComfyUIClient", "SyncRun"]
