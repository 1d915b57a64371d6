"""Takes what an attempt made off its engine, has it looked at, and keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.comfyui.tracker import Ending
from comfy_gen.pipeline.collect import collect
from comfy_gen.pipeline.copies import copied
from comfy_gen.pipeline.inspection import Inspection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.comfyui.tracker import Outcome
    from comfy_gen.engines.lease import Lease
    from comfy_gen.jobs.records import Claimed
    from comfy_gen.jobs.work.bench import Bench
    from comfy_gen.jobs.work.taking import Taking
    from comfy_gen.pipeline.artifact import Artifact
    from comfy_gen.validation.safety import SafetyCheck
    from comfy_gen.workflows.graph import Workflow


class Keeping:
    """What one attempt made, on its way into the store. Make one for each attempt."""

    def __init__(self, bench: Bench, claimed: Claimed, safety: SafetyCheck | None) -> None:
        self.taking: Taking | None = None
        """The take that it is, of a job whose pictures are judged."""
        self.kept: Sequence[Artifact] = ()
        """The result: what the attempt made, or what an earlier take made that was better."""
        self.made: Sequence[Artifact] = ()
        """What the attempt made."""
        self.inspection: Inspection | None = None
        """What was found of the attempt's pictures; None where nobody looked at them."""
        self._bench = bench
        self._job_id = claimed.job.job_id
        self._number = claimed.attempt
        self._destination = claimed.request.destination
        self._as_comfyui = claimed.request.as_comfyui
        self._safety = safety

    async def keep(self, lease: Lease, outcome: Outcome, workflow: Workflow) -> None:
        """Store what a prompt made; where it settles what the result is, copy that to its bucket.

        Raises:
            PictureWithheldError: no picture may be shown.
            ComfyGenError: something cannot be fetched or stored.
        """
        async with self._bench.pools.postprocess:
            self.made = self.kept = await self._bench.with_room(
                self._job_id, lambda: self._collect(lease, outcome, workflow)
            )
            if self.taking is not None:
                await self._judge(self.taking, outcome, lease.engine.name)
            if self.taking is None or not self.taking.goes_on:
                await self._settle()

    async def _collect(self, lease: Lease, outcome: Outcome, workflow: Workflow) -> Sequence[Artifact]:
        if self.taking is not None:
            self.inspection = self.taking.inspection(self._safety)
        elif self._safety is not None:
            self.inspection = Inspection(self._safety)
        return await collect(
            lease.client,
            outcome,
            job_id=self._job_id,
            store=self._bench.artifacts,
            workflow=workflow,
            inspection=self.inspection,
            take=1 if self.taking is None else self.taking.number,
            as_comfyui=self._as_comfyui,
        )

    async def _judge(self, taking: Taking, outcome: Outcome, engine: str) -> None:
        if self.inspection is None:
            return
        dropped = outcome.problems if outcome.ending is Ending.PARTIAL else ()
        take = await taking.judge(self.inspection, dropped=dropped, attempt=self._number, engine=engine)
        if not taking.goes_on and taking.chosen is not take:
            await self._choose_earlier()

    async def keep_earlier(self) -> None:
        """Have the best of the earlier takes be the result, for this one could not be made.

        Raises:
            ComfyGenError: it cannot be copied to its bucket.
        """
        await self._choose_earlier()
        await self._settle()

    async def _choose_earlier(self) -> None:
        self.kept = await self._bench.persist(lambda _: self._bench.store.artifacts(self._job_id))

    async def _settle(self) -> None:
        """Have something to show, and put copies into the bucket that the request names.

        A copy that fails costs the job, but not what it made.
        """
        if self.inspection is not None and (self.kept is self.made or not self.kept):
            self.inspection.check_any_left()
        if self._destination is None:
            return
        target = await self._bench.requested.open(self._destination)
        copies: list[Artifact] = []
        async for copy in copied(self.kept, source=self._bench.artifacts, target=target):
            copies.append(copy)
            self.kept = [*copies, *self.kept[len(copies) :]]
