"""Tools that watch jobs, and stop them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.server.mcpserver import Context  # noqa: TC002  # the SDK reads the annotations when it runs
from pydantic import Field

from comfy_gen.errors import ServiceProblemError
from comfy_gen.mcp.answers import Cancellation, JobLine, Jobs, NextCall, Progress, status_of
from comfy_gen.mcp.failures import naming
from comfy_gen.mcp.following import follow
from comfy_gen.mcp.results import ENDS, eta_of, is_unknown, next_after, position_of
from comfy_gen.mcp.service import path_to
from comfy_gen.mcp.tools import parameters as p
from comfy_gen.mcp.tools.offering import READS, STOPS, tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.mcp.following import Followed
    from comfy_gen.mcp.tools.desk import Desk

CANCEL_PATIENCE = 10.0
"""Seconds in which an engine lets go of what it runs, as a rule."""
_STATES = {
    "pending": ["queued"],
    "running": ["preprocessing", "generating", "postprocessing"],
    "completed": ["completed", "partial"],
    "failed": ["failed"],
    "cancelled": ["cancelled"],
}


class Watching:
    """What agents can learn of jobs."""

    def __init__(self, desk: Desk, *, cancel_patience: float = CANCEL_PATIENCE) -> None:
        self._desk = desk
        self._cancel_patience = cancel_patience

    @tool("Look at progress", READS)
    async def get_progress(
        self,
        *,
        ctx: Context[Any, Any],
        prompt_id: Annotated[
            str, Field(max_length=64, description="The prompt_id that a call answered. Empty: the queue as a whole.")
        ] = "",
    ) -> Progress:
        """Tell at once how a job is, or how the queue is where no prompt_id is given.

        Use it for a quick look, or when you have lost track of a job. To have the picture, call wait: it answers as
        soon as the job has ended, which spares you from asking again and again.

        Answers with status (pending, running, completed, failed, cancelled, not_found), position and queue_length.
        """
        service = self._desk.service(ctx)
        queue = await service.get("/queue-info")
        if not prompt_id:
            return Progress(status=_state_of(queue), queue_length=queue["queue_size"], message=_said_of(queue))
        try:
            job = await service.get(path_to("jobs", prompt_id))
        except ServiceProblemError as error:
            if not is_unknown(error):
                raise
            return _unknown(prompt_id, queue["queue_size"])
        return _progress_of(job, queue["queue_size"])

    @tool("Wait for a job", READS)
    async def wait(
        self,
        *,
        ctx: Context[Any, Any],
        prompt_id: p.JobId,
        timeout: p.Timeout = p.WAIT,  # noqa: ASYNC109  # what agents know
        output_path: p.OutputPath = "",
        json_progress: p.JsonProgress = False,
    ) -> p.Answer:
        """Wait until a job has ended, and fetch what came of it: the picture, its url, or why it failed.

        Use it after any call whose status was pending or running, as often as it takes: the job loses nothing by your
        waiting in pieces. It also fetches the pictures of a job that ended long ago.
        """
        waiting = self._desk.waiting(timeout, output_path, json_progress=json_progress)
        return await self._desk.awaited(ctx, prompt_id, waiting)

    @tool("Cancel a job", STOPS)
    async def cancel(self, ctx: Context[Any, Any], prompt_id: p.JobId) -> Cancellation:
        """Cancel a job, and tell what really became of it.

        One that waits is cancelled at once. One that runs ends as soon as its engine lets go of it, which is
        watched for some seconds: `still_running` means that it was asked to stop and has not yet. One that had ended
        stays as it is (`already_completed` and so on).
        """
        service = self._desk.service(ctx)
        with naming(prompt_id):
            try:
                await service.post(path_to("jobs", prompt_id, "cancel"))
            except ServiceProblemError as error:
                if is_unknown(error):
                    return _cancellation(prompt_id, "not_found", f"there is no job {prompt_id}; nothing was cancelled")
                if error.status != 409:
                    raise
                return _was_over(await service.get(path_to("jobs", prompt_id)))
            return _came_of(await follow(service, prompt_id, patience=self._cancel_patience))

    @tool("List jobs", READS)
    async def list_jobs(
        self,
        *,
        ctx: Context[Any, Any],
        status: Annotated[
            Literal["pending", "running", "completed", "failed", "cancelled"] | None,
            Field(description="Those of this status alone."),
        ] = None,
        text: Annotated[
            str, Field(max_length=200, description="A part of the title, or the beginning of the id.")
        ] = "",
        limit: p.Limit = 20,
        cursor: p.Cursor = "",
    ) -> Jobs:
        """List jobs, the newest first.

        Use it to find a job whose prompt_id you have lost, or to see what is going on. For finished pictures by what
        they show, use search_library.
        """
        service = self._desk.service(ctx)
        states = _STATES[status] if status else None
        page, queue = await asyncio.gather(
            service.get("/jobs", state=states, text=text, limit=limit, cursor=cursor or None),
            service.get("/queue-info"),
        )
        lines = [_line_of(job) for job in page["jobs"]]
        return Jobs(jobs=lines, queue_length=queue["queue_size"], cursor=page["next"])


def _state_of(queue: Mapping[str, Any]) -> Literal["paused", "running", "pending", "idle"]:
    if queue["is_paused"]:
        return "paused"
    return "running" if queue["running"] else "pending" if queue["waiting"] else "idle"


def _said_of(queue: Mapping[str, Any]) -> str:
    return f"{queue['running']} running, {queue['waiting']} waiting" + (
        ", and no job starts" if queue["is_paused"] else ""
    )


def _unknown(prompt_id: str, queue_length: int) -> Progress:
    return Progress(
        status="not_found",
        prompt_id=prompt_id,
        job_id=prompt_id,
        queue_length=queue_length,
        message="no job has this id: it was never accepted, or has been deleted",
        next=NextCall(tool="list_jobs", reason="it lists the jobs that there are."),
    )


def _progress_of(job: Mapping[str, Any], queue_length: int) -> Progress:
    status = status_of(job)
    following = next_after(job)
    if status == "completed":
        following = NextCall(tool="wait", arguments={"prompt_id": job["id"]}, reason="it fetches the pictures.")
    return Progress.model_validate(
        {
            "status": status,
            "prompt_id": job["id"],
            "job_id": job["id"],
            "position": position_of(job),
            "queue_length": queue_length,
            "percent": job["progress"],
            "eta_seconds": eta_of(job),
            "message": job["message"],
            "next": following,
        }
    )


def _line_of(job: Mapping[str, Any]) -> JobLine:
    return JobLine(
        job_id=job["id"],
        prompt_id=job["id"],
        status=status_of(job),
        title=job["title"],
        message=job["message"],
        percent=job["progress"],
        created=job["created"],
        ended=job["ended"],
    )


def _cancellation(prompt_id: str, status: str, message: str, following: NextCall | None = None) -> Cancellation:
    facts = {"status": status, "prompt_id": prompt_id, "job_id": prompt_id, "message": message, "next": following}
    return Cancellation.model_validate(facts)


def _was_over(job: Mapping[str, Any]) -> Cancellation:
    status = status_of(job)
    if status not in ENDS:
        return _cancellation(job["id"], "still_running", "it could not be cancelled as it is now", next_after(job))
    return _cancellation(job["id"], f"already_{status}", f"it had ended before: {job['message']}", next_after(job))


def _came_of(followed: Followed) -> Cancellation:
    """Return what became of a job that was asked to stop: what was seen of it, and no more."""
    job = followed.job
    status, look = status_of(job), NextCall(tool="get_progress", arguments={"prompt_id": job["id"]})
    if status == "cancelled":
        return _cancellation(job["id"], "cancelled", "it was cancelled, and does not run any more")
    if status in ENDS:
        return _cancellation(job["id"], f"already_{status}", f"it ended before it could be stopped: {job['message']}")
    if status == "unknown":
        told = "it was asked to stop, and the service cannot be asked what came of it"
        return _cancellation(job["id"], "unknown", told, look)
    told = "it was asked to stop, but its engine has not let go of it yet"
    return _cancellation(job["id"], "still_running", told, look)
