"""Queue, history and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.comfyui.bodies import HistoryEntry, QueueSnapshot, parse_history, parse_queue
from comfy_gen.comfyui.routes.route import Json, RouteGroup, segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.workflows.graph import Workflow


class QueueRoutes(RouteGroup):
    """What runs, what waits, what ended."""

    async def post_prompt(self, workflow: Workflow, *, client_id: str, prompt_id: str, **fields: Any) -> Json:
        """Queue a workflow and return ``prompt_id``, ``number`` and ``node_errors``; `submit` does more.

        ``fields`` go into the body: ``front``, ``number``, ``extra_data``, ``partial_execution_targets``.

        Raises:
            PromptRejectedError: the server's validation refused it.
        """
        body = {"prompt": workflow, "client_id": client_id, "prompt_id": prompt_id, **fields}
        return await self.http.json("POST", "/prompt", kind=dict, body=body)

    async def get_queue(self) -> Json:
        """Return ``queue_running`` and ``queue_pending`` as the server has them (pending is not sorted)."""
        return await self.http.json("GET", "/queue", kind=dict)

    async def read_queue(self) -> QueueSnapshot:
        """Return the queue as a type, pending in running order."""
        return parse_queue(await self.get_queue())

    async def get_queue_remaining(self) -> int:
        """Return how many prompts run or wait."""
        return (await self.http.json("GET", "/prompt"))["exec_info"]["queue_remaining"]

    async def clear_queue(self) -> None:
        """Remove every waiting prompt, whoever queued it; the running one goes on."""
        await self.http.request("POST", "/queue", body={"clear": True})

    async def delete_from_queue(self, prompt_ids: Sequence[str]) -> None:
        """Remove these waiting prompts; running and unknown ones are silently left alone."""
        await self.http.request("POST", "/queue", body={"delete": list(prompt_ids)})

    async def interrupt_execution(self, prompt_id: str | None = None) -> None:
        """Interrupt this prompt if it is the one that runs; without an id, whatever runs, whoever queued it."""
        body = {"prompt_id": prompt_id} if prompt_id is not None else {}
        await self.http.request("POST", "/interrupt", body=body)

    async def get_history(
        self, prompt_id: str | None = None, *, max_items: int | None = None, offset: int | None = None
    ) -> Json:
        """Return history entries by prompt id, oldest first: one, all, the last ``max_items``, or a page of them."""
        if prompt_id is not None:
            return await self.http.json("GET", f"/history/{segment(prompt_id)}", kind=dict)
        wanted = {"max_items": max_items, "offset": offset}
        params = {name: str(value) for name, value in wanted.items() if value is not None}
        return await self.http.json("GET", "/history", kind=dict, params=params)

    async def find_history(self, prompt_id: str) -> HistoryEntry | None:
        """Return what the server remembers of a prompt that ended; None while it waits or runs, or if unknown."""
        return parse_history(await self.get_history(prompt_id)).get(prompt_id)

    async def clear_history(self) -> None:
        """Make the server forget all that ended; its files stay."""
        await self.http.request("POST", "/history", body={"clear": True})

    async def delete_history(self, prompt_ids: Sequence[str]) -> None:
        """Make the server forget these prompts."""
        await self.http.request("POST", "/history", body={"delete": list(prompt_ids)})

    async def get_jobs(self, **filters: str) -> Json:
        """Return jobs of all states: status, sort_by, sort_order, limit, offset (servers from December 2025)."""
        return await self.http.json("GET", "/api/jobs", params=filters)

    async def get_job(self, job_id: str) -> Json | None:
        """Return one job, or None (servers from December 2025)."""
        return await self.http.json_if_found(f"/api/jobs/{segment(job_id)}")

    async def cancel_job(self, job_id: str) -> bool:
        """Cancel one job, waiting or running, in one step (servers from June 2026); `cancel` works on all."""
        return (await self.http.json("POST", f"/api/jobs/{segment(job_id)}/cancel"))["cancelled"]
