"""Those who listen to one owner's prompts, and what each is told. Does no I/O, and knows no clock but ``now``.

Whoever has no socket open is told nothing, as with a ComfyUI; when they come back, they are told which node runs.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.api.dialects.comfyui.frames import Picture
from comfy_gen.api.dialects.comfyui.narrator import executing, status
from comfy_gen.api.dialects.comfyui.outgoing import Outgoing
from comfy_gen.api.dialects.comfyui.story import Ending, Story
from comfy_gen.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comfy_gen.api.dialects.comfyui.frames import Message
    from comfy_gen.comfyui.messages import Frame, Raw
    from comfy_gen.jobs.history import History
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.live import LiveJob, Standing
    from comfy_gen.jobs.relay import Running

MOST_OVER = 4_096
"""Of so many jobs that ended it is known that this was told."""
_PRIVATE = frozenset(
    {"execution_start", "execution_cached", "executing", "executed", "execution_success", "execution_error"}
)
"""What a ComfyUI tells nobody of a prompt that names no client; the rest it tells everybody."""


@dataclass(frozen=True, slots=True)
class _Told:
    client_id: str | None
    story: Story


def is_native(job: Job) -> bool:
    """Tell whether a job was sent as a ComfyUI's prompt."""
    return isinstance(job.metadata.get("comfyui"), dict)


def client_of(job: Job) -> str | None:
    """Return the client that a prompt names; None if it names none."""
    named = cast("dict[str, Any]", job.metadata.get("comfyui") or {}).get("client_id")
    return named if isinstance(named, str) else None


class Audience:
    """The sockets of one owner's clients. Everything here happens at once, in the order of the calls."""

    def __init__(self) -> None:
        self.users = 0
        """How many have it be there: those who listen, and those who are about to."""
        self.has_learnt = False
        self._sockets: dict[str, list[Outgoing]] = {}
        self._waiting: set[JobId] = set()
        self._begun: set[JobId] = set()
        self._over: OrderedDict[JobId, None] = OrderedDict()
        self._told: dict[JobId, _Told] = {}

    @property
    def length(self) -> int:
        """How many jobs of the owner's wait or run."""
        return len(self._waiting) + len(self._begun)

    @property
    def begun(self) -> frozenset[JobId]:
        """Those that run, or did and wait to be tried again."""
        return frozenset(self._begun)

    # --- who listens

    def learn(self, standing: Standing) -> None:
        """Take in what there is when the first of them comes; what was told meanwhile is newer."""
        self.has_learnt = True
        self._over |= dict.fromkeys(standing.ended)
        self._begun |= standing.active - self._over.keys()
        self._waiting |= standing.waiting - self._over.keys() - self._begun

    def join(self, client_id: str, running: Iterable[Running]) -> Outgoing:
        """Have a socket be told from here on; ``running`` are jobs of the owner's that run."""
        outgoing = Outgoing()
        self._sockets.setdefault(client_id, []).append(outgoing)
        outgoing.tell(_text(status(self.length, client_id)))
        for one in running:
            if is_native(one.job) and client_of(one.job) == client_id:
                self._story(one.job, has_begun=one.has_started, node=one.node)
        for one in self._told.values():
            if one.client_id == client_id and one.story.node is not None:
                outgoing.tell(_text({"type": "executing", "data": {"node": one.story.node}}))
        return outgoing

    def leave(self, client_id: str, outgoing: Outgoing) -> None:
        """Tell a socket nothing more."""
        self._sockets[client_id].remove(outgoing)
        if not self._sockets[client_id]:
            del self._sockets[client_id]
            self._told = {job_id: told for job_id, told in self._told.items() if told.client_id != client_id}

    def listens_to(self, job: Job) -> bool:
        """Tell whether anybody is told of a job's messages."""
        return bool(self._listeners(job))

    def close(self) -> None:
        """Have all sockets end."""
        for outgoing in self._all():
            outgoing.close()

    # --- what happens to jobs

    def accept(self, job_id: JobId) -> None:
        """Take in that a job waits."""
        if job_id not in self._waiting and job_id not in self._begun:
            self._over.pop(job_id, None)
            self._waiting.add(job_id)
            self._tell_length()

    def begin(self, job_id: JobId) -> None:
        """Take in that a job runs."""
        if job_id not in self._begun:
            self.accept(job_id)
            self._waiting.discard(job_id)
            self._begun.add(job_id)
            self._tell_length()

    def hear(self, running: Running, frame: Frame) -> None:
        """Take in what an engine says of a job."""
        listeners = self._listeners(running.job)
        if listeners:
            story = self._story(running.job, has_begun=running.has_started, node=running.node)
            self._send(running.job, story.hear(frame), listeners)

    def again(self, job_id: JobId) -> None:
        """Take in that an attempt is over, and the job is not."""
        if job_id in self._told:
            self._told[job_id].story.again()

    def see(self, one: LiveJob, history: History | None, *, now: int) -> None:
        """Take in how a job is that others change; ``history`` is what its engine said, if it has ended."""
        job = one.job
        if job.state is JobState.QUEUED:
            (self.again if job.job_id in self._begun else self.accept)(job.job_id)
        elif job.state.is_active:
            self.begin(job.job_id)
            if listeners := self._listeners(job):
                self._send(job, self._story(job).see(one.progress, now=now), listeners)
        elif job.job_id not in self._over:
            self.end(job, Ending(job.state, job.failure, history), now=now)

    def end(self, job: Job, ending: Ending, *, now: int) -> None:
        """Take in that a job has ended, and the history has it."""
        (self.begin if job.attempt else self.accept)(job.job_id)
        if listeners := self._listeners(job):
            story = self._story(job)
            self._send(job, story.end(ending, now=now), listeners)
            self.forget(job.job_id)
            self._send(job, [executing(job.job_id, None)] if story.has_begun else [], listeners)
        else:
            self.forget(job.job_id)

    def forget(self, job_id: JobId) -> None:
        """Take in that a job waits no more, and does not run."""
        if job_id in self._waiting or job_id in self._begun:
            self._waiting.discard(job_id)
            self._begun.discard(job_id)
            self._told.pop(job_id, None)
            self._over[job_id] = None
            if len(self._over) > MOST_OVER:
                self._over.popitem(last=False)
            self._tell_length()

    def suspects(self, standing: Standing) -> frozenset[JobId]:
        """Return the jobs that are not as they are known to be, or may not be: those that run get on all the time."""
        active, waiting = standing.active, standing.waiting
        known = self._waiting | self._begun
        return active | (waiting - known) | (standing.ended - self._over.keys()) | (known - active - waiting)

    # --- how

    def _story(self, job: Job, *, has_begun: bool = False, node: str | None = None) -> Story:
        if job.job_id not in self._told:
            self._told[job.job_id] = _Told(client_of(job), Story(job.job_id, has_begun=has_begun, node=node))
        return self._told[job.job_id].story

    def _listeners(self, job: Job) -> Sequence[Outgoing]:
        if not is_native(job):
            return ()
        client_id = client_of(job)
        return self._all() if client_id is None else self._sockets.get(client_id, ())

    def _all(self) -> list[Outgoing]:
        return [outgoing for sockets in self._sockets.values() for outgoing in sockets]

    def _send(self, job: Job, messages: Iterable[Message], listeners: Sequence[Outgoing]) -> None:
        for message in messages:
            if isinstance(message, Picture):
                for outgoing in listeners:
                    outgoing.show(message)
            elif isinstance(message, bytes) or client_of(job) is not None or message.get("type") not in _PRIVATE:
                payload = message if isinstance(message, bytes) else _text(message)
                for outgoing in listeners:
                    outgoing.tell(payload)

    def _tell_length(self) -> None:
        text = _text(status(self.length))
        for outgoing in self._all():
            outgoing.tell(text)


def _text(message: Raw) -> str:
    return json.dumps(message)
