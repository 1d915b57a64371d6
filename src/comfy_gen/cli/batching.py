"""Does what ``comfygen batch`` was asked for, and shows how it goes."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from comfy_gen.batch.manifest import DONE, FAILED, PARTIAL, Manifest, Record, is_done, record_of
from comfy_gen.batch.queue import AsyncQueueManager
from comfy_gen.batch.results import Results
from comfy_gen.cli.batch_table import BatchTable
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.signals import run_interruptible
from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.config import read_settings
from comfy_gen.errors import EngineUnreachableError, InvalidParameterError, OutputPathError
from comfy_gen.pipeline.postprocess import Destination, check, made_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.batch.job import Job

STDERR = Console(stderr=True)
SHOWN = 5
"""How many failures or prompts are named at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How to run a batch; None leaves it to the configuration."""

    engines: tuple[str, ...] = ()
    folder: str | None = None
    concurrency: int | None = None
    timeout: float | None = None
    retries: int | None = None
    resume: bool = False
    quiet: bool = False
    as_json: bool = False

    @property
    def for_people(self) -> bool:
        """Whether words and tables are wanted."""
        return not (self.quiet or self.as_json)


def run(jobs: Sequence[Job], wanted: Wanted) -> int:
    """Run the jobs and return the exit code."""
    _check(wanted)
    folder = _prepared(Path(wanted.folder or read_settings().output.output_dir))
    return asyncio.run(_Batch(jobs, folder, wanted).interruptible())


class _Batch:
    """One call of the command."""

    def __init__(self, jobs: Sequence[Job], folder: Path, wanted: Wanted) -> None:
        self._wanted = wanted
        self._manifest = Manifest(folder)
        before = self._manifest.read() if wanted.resume else {}
        present = {path.name for path in folder.iterdir()}
        self._kept = [before[job.job_id] for job in jobs if is_done(job, before.get(job.job_id), present)]
        kept = {record.job for record in self._kept}
        self._jobs = [job for job in jobs if job.job_id not in kept]
        self._results = Results(folder, {job_id: record.files for job_id, record in before.items()})
        self._records: list[Record] = []
        self._queue: AsyncQueueManager | None = None
        self._fault: OutputPathError | None = None
        self._enough = asyncio.Event()
        self._began = time.monotonic()

    async def interruptible(self) -> int:
        """Work until it is done, or a signal ends it; nothing of it is left on the engines then, or it is said."""
        return await run_interruptible(self._run(), on_signal=self._tell_of_cancelling, on_end=self._tell_what_is_left)

    async def _run(self) -> int:
        if self._jobs:
            async with contextlib.AsyncExitStack() as stack:
                clients = await self._open(stack)
                await _identify(clients, self._wanted)
                await self._process(clients)
        if self._fault is not None:
            raise self._fault
        return self._summarize()

    async def _open(self, stack: contextlib.AsyncExitStack) -> list[AsyncComfyUIClient]:
        """Make a client for each engine, once for one that is named twice."""
        settings = read_settings()
        urls = self._wanted.engines or (settings.engine_url,)
        made = [AsyncComfyUIClient(url=url, options=settings.client_options()) for url in urls]
        return [await stack.enter_async_context(client) for client in {one.url: one for one in made}.values()]

    async def _process(self, clients: Sequence[AsyncComfyUIClient]) -> None:
        batch, wanted = read_settings().batch, self._wanted
        self._queue = AsyncQueueManager(
            clients,
            batch.max_concurrent if wanted.concurrency is None else wanted.concurrency,
            batch.retry_on_failure or wanted.retries is not None,
            batch.max_retries if wanted.retries is None else wanted.retries,
            timeout=read_settings().comfyui.timeout if wanted.timeout is None else wanted.timeout or None,
            collect=self._results.collect,
        )
        self._queue.on("job_completed", self._record)
        self._queue.on("job_failed", self._record)
        for job in self._jobs:
            self._queue.add(job)
        with BatchTable(STDERR, self._queue, is_shown=wanted.for_people):
            self._queue.start()
            try:
                await self._until_enough(self._queue)
            finally:
                await self._queue.stop(wait=False)

    async def _until_enough(self, queue: AsyncQueueManager) -> None:
        """Wait for all jobs, or for a reason to begin no more."""
        waits = {asyncio.ensure_future(queue.wait_for_completion()), asyncio.ensure_future(self._enough.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    def _record(self, job: Job) -> None:
        """Note how a job ended. What cannot be saved or noted ends the batch: all the others would fare the same."""
        record = record_of(job)
        self._records.append(record)
        self._show(record)
        try:
            self._manifest.append(record)
            if isinstance(job.error, OutputPathError):
                raise job.error
        except OutputPathError as error:
            self._fault = self._fault or error
            self._enough.set()
        job.packed = b""  # thousands of jobs later, nobody asks for its workflow

    def _show(self, record: Record) -> None:
        if self._wanted.quiet and not self._wanted.as_json:
            for name in record.files:
                sys.stdout.write(f"{self._manifest.path.parent / name}\n")
            sys.stdout.flush()  # who reads them works on them meanwhile
        elif self._wanted.for_people and record.error is not None:
            _say(f"[red]Failed[/] [bold]{escape(record.job)}[/]: {escape(record.error['message'])}")
        elif self._wanted.for_people and record.problems:
            _say(f"[yellow]Only in part[/] [bold]{escape(record.job)}[/]: {escape('; '.join(record.problems))}")

    # --- how it ended

    def _summarize(self) -> int:
        done, failed = self._count(DONE), self._count(FAILED) + self._count(PARTIAL)
        if self._wanted.as_json:
            print_json(self._as_json())
        elif self._wanted.for_people:
            self._print_summary()
        return EXIT_FAILURE if failed or done < len(self._jobs) else 0

    def _as_json(self) -> dict[str, Any]:
        engines: dict[str, Any] = self._queue.get_statistics()["engines"] if self._queue else {}
        return {
            "total": len(self._jobs) + len(self._kept),
            "done": self._count(DONE),
            "partial": self._count(PARTIAL),
            "failed": self._count(FAILED),
            "kept": len(self._kept),
            "elapsed_seconds": round(time.monotonic() - self._began, 3),
            "folder": str(self._manifest.path.parent),
            "engines": engines,
            "jobs": [record.as_json() for record in (*self._kept, *self._records)],
        }

    def _print_summary(self) -> None:
        seconds = time.monotonic() - self._began
        counts = [(self._count(DONE), "done"), (self._count(PARTIAL), "only in part"), (self._count(FAILED), "failed")]
        said = ", ".join(f"{count} {word}" for count, word in counts if count or word == "done")
        kept = f", {len(self._kept)} were done before" if self._kept else ""
        console = Console()
        console.print(
            f"[bold]{said}[/]{kept}. [dim]{seconds:.1f} s, in {escape(str(self._manifest.path.parent))}[/]",
            soft_wrap=True,
            highlight=False,
        )
        if self._count(DONE) < len(self._jobs):
            console.print("To run what failed: the same command with --resume.", highlight=False)

    def _count(self, status: str) -> int:
        return sum(record.status == status for record in self._records)

    # --- interrupted

    def _tell_of_cancelling(self) -> None:
        if self._queue is not None and self._wanted.for_people:
            STDERR.print("[yellow]Cancelling …[/]")

    def _tell_what_is_left(self) -> None:
        if self._wanted.quiet:
            return
        left = self._queue.left_behind if self._queue else []
        ended = len(self._records) + len(self._kept)
        _say(f"[yellow]Interrupted[/] after {ended} of {len(self._jobs) + len(self._kept)}; --resume runs the rest.")
        if left:
            _say(f"Engines may still work on {len(left)} that could not be cancelled; to cancel them:")
        for url, prompt_id in left[:SHOWN]:
            command = f"comfygen generate --cancel {prompt_id} --engine {url}"
            STDERR.print(command, markup=False, highlight=False, soft_wrap=True)


async def _identify(clients: Sequence[AsyncComfyUIClient], wanted: Wanted) -> None:
    """Make sure that an engine is there before anything is sent.

    Raises:
        EngineUnreachableError: none is.
        NotComfyUIError: something else answers at one of the addresses.
    """
    answers = await asyncio.gather(*(client.identify() for client in clients), return_exceptions=True)
    wrong = [answer for answer in answers if isinstance(answer, BaseException)]
    for error in wrong:
        if not isinstance(error, EngineUnreachableError) or len(wrong) == len(clients):
            raise error
        if wanted.for_people:
            _say(f"[yellow]{escape(error.message)}[/]; the others begin without it.")


def _check(wanted: Wanted) -> None:
    for name, value, lowest in (
        ("concurrency", wanted.concurrency, 1),
        ("retries", wanted.retries, 0),
        ("timeout", wanted.timeout, 0),
    ):
        if value is not None and not value >= lowest:
            raise InvalidParameterError(name, value, f"{lowest} or more")


def _prepared(folder: Path) -> Path:
    """Return the outputs folder, which is there and can be written to."""
    made_folder(folder)
    check(Destination(folder))
    return folder


def _say(text: str) -> None:
    STDERR.print(text, soft_wrap=True, highlight=False)
