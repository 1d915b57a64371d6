"""Makes the record of a generation while an engine is at work on it, so that the job's end waits for nothing.

The hashes of model files are asked of the engine meanwhile: what it has not said by the end is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.errors import EngineError
from comfy_gen.pipeline.record import hash_in, models_in, record_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.engines.engine import LiveEngine
    from comfy_gen.jobs.request import JobRequest
    from comfy_gen.pipeline.record import GenerationRecord, ModelFile
    from comfy_gen.workflows.graph import Workflow

log = logging.getLogger(__name__)

_MOST = 4096
"""Hashes that are remembered."""
_TOLD = (".safetensors", ".sft")
"""The endings of files that say something of themselves."""


class _Key(NamedTuple):
    url: str
    folder: str
    file: str


class Recorder:
    """Makes the records of one worker's jobs, and remembers what engines said of their files. Lives on one loop."""

    def __init__(self, *, is_tracked: bool = False) -> None:
        """``is_tracked`` says that MLflow is to be told of each generation."""
        self._is_tracked = is_tracked
        self._hashes: dict[_Key, str | None] = {}

    @asynccontextmanager
    async def recording(
        self, request: JobRequest, engine: LiveEngine, *, is_changed: bool = False
    ) -> AsyncGenerator[Recording]:
        """Make a record while the block runs; ``is_changed`` says that the workflow is not as its recipe has it."""
        making = asyncio.create_task(_make(request, is_changed=is_changed))
        asking = asyncio.create_task(self._ask(request.workflow, engine))
        try:
            yield Recording(self, engine, making)
        finally:
            for task in (making, asking):
                task.cancel()

    def complete(self, plain: GenerationRecord, engine: LiveEngine) -> GenerationRecord:
        """Return a record with what is known of the engine and of its files by now."""
        return replace(
            plain,
            models=tuple(replace(one, sha256=self._hashes.get(_key(engine, one))) for one in plain.models),
            engine=engine.name,
            comfyui_version=engine.version.removeprefix("ComfyUI "),
            is_tracked=self._is_tracked,
        )

    async def _ask(self, workflow: Workflow, engine: LiveEngine) -> None:
        """Learn the hashes of the files in a workflow. An engine that does not answer is asked for the next job."""
        with contextlib.suppress(EngineError):
            for one in models_in(workflow):
                key = _key(engine, one)
                if key not in self._hashes and one.file.endswith(_TOLD):
                    self._remember(key, hash_in(await engine.client.get_model_metadata(one.folder, one.file)))

    def _remember(self, key: _Key, value: str | None) -> None:
        if len(self._hashes) >= _MOST:
            del self._hashes[next(iter(self._hashes))]
        self._hashes[key] = value


class Recording:
    """The record of one job, in the making."""

    def __init__(self, recorder: Recorder, engine: LiveEngine, making: asyncio.Task[GenerationRecord | None]) -> None:
        self._recorder = recorder
        self._engine = engine
        self._making = making

    async def finished(self) -> GenerationRecord | None:
        """Return the record; None if a bug kept it from being made."""
        plain = await self._making
        return None if plain is None else self._recorder.complete(plain, self._engine)


async def _make(request: JobRequest, *, is_changed: bool) -> GenerationRecord | None:
    try:
        return await asyncio.to_thread(
            record_of,
            request.workflow,
            name=request.template,
            recipe=request.recipe,
            tier=request.tier,
            repeats=request.repeats,
            is_changed=is_changed,
        )
    except Exception:
        log.exception("a generation goes unrecorded")  # a bug of ours must not cost the pictures
        return None


def _key(engine: LiveEngine, model: ModelFile) -> _Key:
    return _Key(engine.client.url, model.folder, model.file)
