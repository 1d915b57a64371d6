"""Follows one job through its events: what a person who watches it is shown. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from comfy_gen.jobs import result
from comfy_gen.jobs.job import MADE, JobState
from comfy_gen.pipeline.judgement import finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.engines.durations import Estimate
    from comfy_gen.jobs.job import Event, Job

PATIENCE: Final = 5.0
"""Seconds that the next in line may wait, with nothing running, before somebody should look for a worker."""


class JobView:
    """What is known of one job by now."""

    def __init__(self, job: Job) -> None:
        self.job_id = job.job_id
        self.title = job.title
        self.state = job.state
        self.engine = job.engine or ""
        self.is_held = job.is_held
        self.fraction = job.progress or 0.0
        self.detail = ""
        self.failure = job.failure.message if job.failure and job.state.is_end else ""
        self.attempt = job.attempt
        self.quality: Mapping[str, Any] | None = job.quality
        """What was found of its pictures so far, in all; None where nobody judges them, or has yet to."""
        self.found = "" if job.state.is_end else _best(job.quality or {})
        """What was found of the newest take, while another is to follow."""
        self.position: int | None = None
        self.eta: Estimate | None = None
        self.queued = job.queued
        self.last_event = job.last_event
        """Events with higher numbers are news."""

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        if self.state in MADE | {JobState.POSTPROCESSING}:
            return 1.0
        return self.fraction if self.state is JobState.GENERATING else 0.0

    def feed(self, event: Event) -> bool:
        """Take in an event and tell whether somebody who sees no bar should be told of it, too."""
        data = event.data
        if event.type == "progress":
            self.fraction = data.get("progress") or self.fraction
            self.detail = _doing(data)
            return False
        if event.type == "note":
            self.detail = str(data.get("text", ""))
            self.is_held = {"held": True, "released": False}.get(self.detail, self.is_held)
            return True
        self._move(event.at, data)
        return True

    def _move(self, at: float, data: Mapping[str, Any]) -> None:
        self.state = JobState(data["state"])
        self.attempt = data.get("attempt", self.attempt)
        self.engine = data.get("engine", self.engine)
        failure: Mapping[str, Any] = data.get("failure") or {}
        self.failure = str(failure.get("message", ""))
        self.quality = data.get("quality", self.quality)
        take: Mapping[str, Any] | None = data.get("take")
        if self.state is JobState.QUEUED or self.state.is_end:
            self.found = "" if take is None or self.state.is_end else _take(take)
        self.detail = ""
        self.position = self.eta = None
        if self.state is JobState.QUEUED:
            self.fraction, self.queued, self.engine = 0.0, at, ""

    @property
    def shortfall(self) -> str:
        """Why its pictures are not good enough, though it is done; nothing where they are, or nobody judges them."""
        return shortfall_of(self.quality) if self.state in MADE else ""

    def line(self) -> str:
        """Return how it is, for who sees no bar."""
        said = {
            JobState.GENERATING: f"generating on {self.engine}",
            JobState.QUEUED: "queued for another take" if self.found else f"queued{' again' if self.attempt else ''}",
        }.get(self.state, str(self.state))
        found = self.found if self.state is JobState.QUEUED else self.shortfall
        return ": ".join(filter(None, [said, self.failure or self.detail or found]))


def shortfall_of(quality: Mapping[str, Any] | None) -> str:
    """Return what is to be said of pictures that did not pass, or could not be judged; nothing of others."""
    said = result.shortfall_of(quality)
    if quality is None or not said:
        return ""
    best = f", take {quality['take']} is the best of {quality['takes']}" if quality["takes"] > 1 else ""
    return f"{said}{best}: {quality['reason']}"


def _best(quality: Mapping[str, Any]) -> str:
    """Return what was found of the best take so far; nothing before there is any."""
    return _take({**quality, "number": quality["take"]}) if quality.get("takes") else ""


def _take(take: Mapping[str, Any]) -> str:
    """Return what was found of a take, as an event tells it."""
    return f"take {take['number']}: {finding(take['passed'], take['score'], take['reason'])}"


def _doing(data: Mapping[str, Any]) -> str:
    """Return what an engine does with a job, by what it reported last."""
    if data.get("ahead"):
        return f"{data['ahead']} ahead on the engine"
    node = str(data.get("class_type") or data.get("node_id") or "")
    steps = f"{data['step']}/{data['steps']}" if data.get("steps") else ""
    return " ".join(filter(None, [node, steps]))


def advice(views: list[JobView], *, is_idle: bool, is_paused: bool, now: float) -> str:
    """Return what keeps jobs from starting, if it looks as if something did; ``is_idle``: no job is active at all."""
    waiting = [view for view in views if view.state is JobState.QUEUED and not view.is_held]
    if not waiting:
        return ""
    if is_paused:
        return "The queue is paused; `comfygen jobs resume --queue` lets it go on."
    if is_idle and any(view.position == 1 and now - view.queued > PATIENCE for view in waiting):
        return (
            "Nothing runs: is there a worker (`comfygen worker`), and does an engine answer (`comfygen engines list`)?"
        )
    return ""
