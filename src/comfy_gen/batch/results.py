"""Saves what jobs make as ``JOB-1.png`` and so on, each file whole or not at all."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.errors import NoOutputError
from comfy_gen.pipeline.files import fetch_whole, kept_files
from comfy_gen.pipeline.postprocess import save, unused
from comfy_gen.workflows.parameters import parameters_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from comfy_gen.batch.job import Job
    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.tracker import Outcome


class Results:
    """The outputs folder. A job replaces what it made itself, in an earlier attempt or run, and nothing else."""

    def __init__(self, folder: Path, own: Mapping[str, Iterable[str]] | None = None) -> None:
        self._folder = folder
        self._own = {job_id: {folder / name for name in names} for job_id, names in (own or {}).items()}

    async def collect(self, job: Job, outcome: Outcome, client: AsyncComfyUIClient) -> list[Path]:
        """Fetch and save a job's files and return their paths.

        Raises:
            NoOutputError: there are none.
            EngineError: the engine does not give them.
            CorruptOutputError: a picture does not open.
            OutputPathError: a file cannot be written.
        """
        files = kept_files(outcome.files)
        if not files:
            raise NoOutputError(outcome.prompt_id)
        own = self._own.setdefault(job.job_id, set())
        parameters = parameters_text(job.workflow)
        saved: list[Path] = []
        contents = [await fetch_whole(client, file) for file in files]  # all, before the first is saved: no halves
        for number, (file, content) in enumerate(zip(files, contents, strict=True), 1):
            suffix = PurePosixPath(file.filename).suffix
            wanted = self._folder / f"{job.job_id}-{number}{suffix}"
            path = wanted if wanted in own else unused(wanted)
            save(content, path, suffix=suffix, parameters=parameters)
            own.add(path)
            saved.append(path)
        return saved
