"""Says what becomes of a job whose attempt failed: tried again, and how, or ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comfy_gen.engines.verdict import Verdict, backoff, judge, may_lack
from comfy_gen.errors import (
    EngineLostError,
    InterruptedPromptError,
    PromptRejectedError,
    QuarantinedError,
    StuckPromptError,
)
from comfy_gen.jobs.failure import JobFailure, failure_of

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class RetryOptions:
    """How patient a queue is with engines; times in seconds."""

    max_attempts: int = 3
    """After so many failures through an engine's fault a job is quarantined."""
    most_attempts: int = 30
    """And after so many of whatever kind: it may be what brings down workers, or engines before it is seen to start."""
    delay: float = 1.0
    """Before a job is tried again; twice as long after each further failure."""
    delay_max: float = 60.0


@dataclass(frozen=True, slots=True)
class Again:
    """The job waits for another attempt."""

    failure: JobFailure
    delay: float = 0.0
    """Seconds before it may start."""
    is_strike: bool = False
    """Whether the failure counts towards its quarantine."""
    avoided: str | None = None
    """The engine that it is kept away from while there is another."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The job has failed."""

    failure: JobFailure


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an attempt was like."""

    job_id: str
    engine: str
    strikes: int
    """How many attempts failed through an engine's fault before this one."""
    attempt: int = 1
    """Its number."""
    failed_on: Sequence[str] = ()
    """The engines of these attempts."""
    has_started: bool = False
    """Whether the engine had begun to run it."""
    has_others: bool = False
    """Whether another engine could run it that has not failed it yet."""


def rule(error: Exception, case: Circumstances, options: RetryOptions) -> Again | Failed:
    """Return what becomes of the job.

    - Nobody took it: it waits, as if nothing had been tried.
    - The engine refused it for what it has not: another that has it may take the job. Whatever else it was refused
      for is the request's fault, and no engine takes it.
    - The engine failed while it ran, or through it: a strike, and after enough of them the quarantine, for a job that
      brings down one engine after the other must not get them all. An engine that was lost while the job had yet to
      start says nothing of the job.
    - Anything else would fail again.
    """
    failure = failure_of(error)
    if case.attempt >= options.most_attempts:
        return _quarantine(case, failure)
    verdict = Verdict.ENGINE if isinstance(error, StuckPromptError) else judge(error)
    if verdict is Verdict.NOT_SENT:
        return Again(failure)
    if isinstance(error, PromptRejectedError) and may_lack(error) and case.has_others:
        return Again(failure, avoided=case.engine)
    if verdict is not Verdict.ENGINE or isinstance(error, InterruptedPromptError):
        return Failed(failure)
    if isinstance(error, EngineLostError) and not case.has_started:
        return Again(failure)
    strikes = case.strikes + 1
    if strikes >= options.max_attempts:
        return _quarantine(case, failure)
    return Again(
        failure,
        delay=backoff(strikes, first=options.delay, longest=options.delay_max),
        is_strike=True,
        avoided=case.engine,
    )


def _quarantine(case: Circumstances, last: JobFailure) -> Failed:
    quarantined = failure_of(QuarantinedError(case.job_id, [*case.failed_on, case.engine], last.message))
    return Failed(replace(quarantined, details={**quarantined.details, "last": last.as_json()}))
