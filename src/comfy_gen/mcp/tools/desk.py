"""What all tools share: the service that is asked, the folders that are open, and how long a call waits for a job."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from mcp_types import CallToolResult

from comfy_gen.errors import InvalidParameterError, JobNotFoundError, ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.answers import NextCall
from comfy_gen.mcp.enclosures import Enclosures, words
from comfy_gen.mcp.failures import naming
from comfy_gen.mcp.following import follow
from comfy_gen.mcp.options import LONGEST
from comfy_gen.mcp.places import Folders
from comfy_gen.mcp.results import is_unknown, job_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from mcp.server.mcpserver import Context
    from mcp_types import ContentBlock

    from comfy_gen.mcp.answers import Job
    from comfy_gen.mcp.options import McpOptions
    from comfy_gen.mcp.service import Service

MARGIN = 5.0
"""Seconds of a call that are left for fetching the pictures."""
_PAUSE = 1.0
"""Seconds until a request that nobody answered is sent once more: the service may be starting anew."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody wants who waits for a job."""

    timeout: float
    output_path: str = ""
    json_progress: bool = False
    deadline: float = 0.0
    """By the loop's clock; nothing of the call lasts longer."""

    def left(self) -> float:
        """Return the seconds for which the job may be followed."""
        now = asyncio.get_running_loop().time()
        return max(min(self.timeout, self.deadline - now - MARGIN), 0.0)


class Desk:
    """Where tools have things done."""

    def __init__(self, service_of: Callable[[Context[Any, Any]], Service], options: McpOptions) -> None:
        self.service = service_of
        self.folders = Folders(options.folders)
        self._options = options

    def waiting(self, timeout: float, output_path: str = "", *, json_progress: bool = False) -> Waiting:
        """Return how a call waits that begins now."""
        deadline = asyncio.get_running_loop().time() + LONGEST - 1
        return Waiting(min(timeout, self._options.patience), output_path, json_progress, deadline)

    async def made(
        self,
        ctx: Context[Any, Any],
        ask: Callable[[Service, str], Awaitable[dict[str, Any]]],
        waiting: Waiting,
        *,
        dress: Callable[[Job, dict[str, Any]], Job] = lambda job, _: job,
    ) -> CallToolResult:
        """Have a job accepted under an id that is chosen here, wait for it, and return the tool's answer.

        Args:
            ctx: The call.
            ask: Sends the request for the job of this id, as often as it is called, and returns the service's answer.
            waiting: How long, and for what.
            dress: Adds to the tool's answer what the service's answer to the request has.

        Raises:
            ToldError: it was not accepted, or nobody knows; the job's id is told.
        """
        place = await asyncio.to_thread(self._free_place, waiting.output_path)
        job_id, service = str(uuid4()), self.service(ctx)
        with naming(job_id):
            async with asyncio.timeout_at(waiting.deadline):
                answer = await _twice(lambda: ask(service, job_id))
            accepted = str(answer.get("generation_id") or answer.get("id") or job_id)
            job, enclosed = await self._outcome(ctx, service, accepted, waiting, place)
            job = dress(job.model_copy(update={"notes": _once([*answer.get("notes", ()), *job.notes])}), answer)
        return answer_of(job, enclosed)

    async def awaited(self, ctx: Context[Any, Any], job_id: str, waiting: Waiting) -> CallToolResult:
        """Wait for a job that was accepted before, and return the tool's answer."""
        place = await asyncio.to_thread(self._free_place, waiting.output_path)
        try:
            job, enclosed = await self._outcome(ctx, self.service(ctx), job_id, waiting, place)
        except ServiceProblemError as error:
            raise JobNotFoundError(job_id) if is_unknown(error) else error from error
        return answer_of(job, enclosed)

    async def _outcome(
        self, ctx: Context[Any, Any], service: Service, job_id: str, waiting: Waiting, place: Path | None
    ) -> tuple[Job, list[ContentBlock]]:
        reporter = Reporter(ctx)
        # The first that is told is the id: it is known then even to a client that gives up.
        await reporter({"message": f"Job {job_id} is accepted"}, 0.0)
        followed = await follow(service, job_id, patience=waiting.left(), on_update=reporter)
        job = job_of(followed, has_updates=waiting.json_progress)
        files = Enclosures(service, job.outputs)
        enclosed: list[ContentBlock] = []
        try:
            async with asyncio.timeout_at(waiting.deadline - 1):
                path = await files.save(self.folders, place) if place and job.outputs else None
                job = job.model_copy(update={"local_path": path})
                enclosed = await files.shown(self._options.image_budget)
        except TimeoutError:
            files.notes.append("fetching its files took too long; call wait for them")
        return _with_next(job, waiting, [*job.notes, *files.notes]), enclosed

    def _free_place(self, output_path: str) -> Path | None:
        """Return where to save; before anything is made, so that nothing is made in vain.

        Raises:
            InvalidParameterError: nothing may be saved there, or something is there.
        """
        if not output_path:
            return None
        place = self.folders.check(output_path)
        if place.exists():
            raise InvalidParameterError(
                "output_path", output_path, "the name of no file that is there", "choose another."
            )
        return place


class Reporter:
    """Tells a client how a call goes; the progress grows with each message, as the protocol demands."""

    def __init__(self, ctx: Context[Any, Any]) -> None:
        self._ctx = ctx
        self._last = -0.01

    async def __call__(self, update: dict[str, Any], overall: float) -> None:
        """Tell of one update."""
        self._last = max(overall, round(self._last + 0.01, 2))
        await self._ctx.report_progress(self._last, max(100.0, self._last), str(update.get("message", "")))


def answer_of(job: Job, enclosed: list[ContentBlock]) -> CallToolResult:
    """Return what a tool answers about a job."""
    return CallToolResult(content=[words(job), *enclosed], structured_content=job.model_dump(mode="json"))


def _with_next(job: Job, waiting: Waiting, notes: list[str]) -> Job:
    """Return a job that says what to call next so that nothing is lost of what this call was asked."""
    following = job.next
    if following is not None and following.tool == "wait":
        said = {"output_path": waiting.output_path, "json_progress": waiting.json_progress}
        asked = {name: value for name, value in said.items() if value}
        following = NextCall(tool="wait", arguments={**following.arguments, **asked}, reason=following.reason)
    return job.model_copy(update={"notes": notes, "next": following})


async def _twice(ask: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """Ask, and once more if nobody answers: the id makes it safe."""
    try:
        return await ask()
    except ServiceUnreachableError:
        await asyncio.sleep(_PAUSE)
        return await ask()


def _once(notes: list[str]) -> list[str]:
    return list(dict.fromkeys(notes))
