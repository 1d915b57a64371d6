"""A place on an engine for one job: from when it is chosen until the last of its files is fetched."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from comfy_gen.engines.verdict import Verdict, is_overdue, judge, may_be_there
from comfy_gen.errors import ComfyGenError

if TYPE_CHECKING:
    from types import TracebackType

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.tracker import Outcome
    from comfy_gen.engines.attempt import Attempt
    from comfy_gen.engines.engine import LiveEngine


@dataclass(frozen=True, slots=True)
class Stray:
    """A prompt that an engine may have, though nobody follows it."""

    prompt_id: str
    key: str = ""
    """Of the job that it was for."""
    is_welcome: bool = False
    """Whether its result would still do, if the job has found no other place."""
    attempt: Attempt | None = None

    @property
    def is_on_its_way(self) -> bool:
        """Whether the engine may get it yet."""
        return self.attempt is not None and self.attempt.is_sending


class Lease:
    """One job's place on one engine. Made by `Fleet.take`; close it, or use it as a context manager.

    It counts as one of the engine's prompts until `run` has ended or `vacate` is called. The engine's client stays
    open until the lease is closed, though the engine be removed from the fleet meanwhile.
    """

    def __init__(self, engine: LiveEngine, key: str, weights: tuple[str, ...]) -> None:
        self.engine = engine
        self.key = key
        self.weights = weights
        """What the engine will have loaded afterwards."""
        self.earlier = engine.welcome_strays(key)
        """Prompts of this job that the engine may have from before: give them to the attempt."""
        self.attempt: Attempt | None = None
        self.is_seated = True
        """Whether it takes one of the engine's places."""
        self._following: asyncio.Future[Outcome] | None = None
        self._reason: ComfyGenError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def client(self) -> AsyncComfyUIClient:
        """The engine's client."""
        return self.engine.client

    @property
    def is_posted(self) -> bool:
        """Whether the engine's own count of its prompts has this one in it, or is about to."""
        return self.attempt is not None and (self.attempt.is_sending or self.attempt.is_there)

    @property
    def is_running(self) -> bool:
        """Whether an attempt is followed now."""
        return self._following is not None and not self._following.done()

    async def run(self, attempt: Attempt) -> Outcome:
        """Follow an attempt to its end, and have the engine's health learn from it.

        Cancelling this leaves the prompt on the engine; `cancel` takes it back.

        Raises:
            ComfyGenError: as `Attempt.run` does; EngineLostError also where the fleet found the engine gone, and
                whatever `call_off` was given.
        """
        self.attempt = attempt
        try:
            outcome = await self._followed(attempt)
        except ComfyGenError as error:
            self._fail(attempt, error)
            raise
        else:
            self.engine.succeed(outcome.prompt_id, self.weights)
            return outcome
        finally:
            if attempt.run_handle is not None:
                self.engine.drop_strays(attempt.earlier)
            self.vacate()

    def call_off(self, error: ComfyGenError) -> None:
        """Have `run` raise this: nobody waits for the prompt any longer."""
        if self.is_running and self._following is not None:
            self._reason = error
            self._following.cancel()

    async def cancel(self) -> bool:
        """Have the engine drop the prompt; tell whether it could be told. One that could not is dropped later."""
        attempt = self.attempt
        if attempt is None:
            return True
        is_told = await attempt.cancel()
        if not is_told:
            self._stray(attempt, is_welcome=False)
        return is_told

    def vacate(self) -> None:
        """Let the engine have another prompt; the client stays open."""
        if self.is_seated:
            self.is_seated = False
            self.engine.change()

    def close(self) -> None:
        """Be done with the engine."""
        self.vacate()
        self.engine.let_go(self)

    async def _followed(self, attempt: Attempt) -> Outcome:
        self._following = asyncio.ensure_future(attempt.run())
        try:
            return await self._following
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._reason is None or (task is not None and task.cancelling()):
                raise
            raise self._reason from None

    def _fail(self, attempt: Attempt, error: ComfyGenError) -> None:
        if may_be_there(error):
            self._stray(attempt, is_welcome=not is_overdue(error))
        if judge(error) is not Verdict.REQUEST and attempt.run_handle is None:
            for prompt_id in attempt.earlier:  # it was not found out whether the engine has these
                self.engine.add_stray(Stray(prompt_id, self.key, is_welcome=True))
        self.engine.fail(error)

    def _stray(self, attempt: Attempt, *, is_welcome: bool) -> None:
        self.engine.add_stray(Stray(attempt.prompt_id, self.key, is_welcome=is_welcome, attempt=attempt))
