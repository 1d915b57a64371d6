"""Jobs, the queue that holds them, the database that keeps it and the engines that serve it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from comfy_gen.errors.base import ComfyGenError, ConfigurationError, listing

if TYPE_CHECKING:
    from collections.abc import Sequence


class JobError(ComfyGenError):
    """The queue cannot do this with a job."""

    code = "job"


@dataclass(eq=False)
class JobNotFoundError(JobError):
    """No job has this id, or several begin with it."""

    job_id: str
    candidates: Sequence[str] = ()
    """The ids that begin with what was given, where there are several."""
    code: ClassVar[str] = "job_not_found"

    @property
    def message(self) -> str:
        if self.candidates:
            return f"several jobs begin with {self.job_id!r}: {listing(self.candidates)}"
        return f"no job has the id {self.job_id!r}"

    @property
    def hint(self) -> str:
        return "give more of the id." if self.candidates else "list them: comfygen jobs list"


@dataclass(eq=False)
class JobStateError(JobError):
    """What was asked for does not fit the state that the job is in."""

    job_id: str
    state: str
    verb: str
    """What was to be done with it, such as ``retry``."""
    allowed: Sequence[str]
    """The states in which that can be done."""
    code: ClassVar[str] = "job_state"

    @property
    def message(self) -> str:
        return f"job {self.job_id} is {self.state}: it is too late, or too early, to {self.verb} it"

    @property
    def hint(self) -> str:
        return f"that can be done while a job is {' or '.join(self.allowed)}."


@dataclass(eq=False)
class QueueFullError(JobError):
    """So many jobs wait already that no more are accepted."""

    waiting: int
    limit: int
    code: ClassVar[str] = "queue_full"

    @property
    def message(self) -> str:
        return f"the queue is full: {self.waiting:,} jobs wait, and it takes {self.limit:,}"

    @property
    def hint(self) -> str:
        return "send it again later, add engines, or raise MAX_QUEUE_SIZE."


@dataclass(eq=False)
class IdempotencyConflictError(JobError):
    """An Idempotency-Key was used before, for something else."""

    key: str
    job_id: str
    code: ClassVar[str] = "idempotency_conflict"

    @property
    def message(self) -> str:
        return f"the idempotency key {self.key!r} belongs to job {self.job_id}, which asks for something else"

    @property
    def hint(self) -> str:
        return "take a fresh key for each request, and the same one only to repeat it."


@dataclass(eq=False)
class QuarantinedError(JobError):
    """A job failed on its engines through what looked like their fault; it gets no more of them."""

    job_id: str
    engines: Sequence[str]
    reason: str
    """Of the last failure."""
    code: ClassVar[str] = "quarantined"

    @property
    def message(self) -> str:
        where = listing(sorted(set(self.engines)))
        if len(self.engines) > 1:
            return f"{len(self.engines)} attempts failed, on {where}; the last: {self.reason}"
        return f"the job failed{where and f' on {where}'}: {self.reason}"

    @property
    def hint(self) -> str:
        return "its attempts tell more: comfygen jobs show; once the cause is mended: comfygen jobs retry"


@dataclass(eq=False)
class StuckPromptError(JobError):
    """A prompt made no progress for longer than such prompts take."""

    prompt_id: str
    engine: str
    seconds: float
    code: ClassVar[str] = "stuck"

    @property
    def message(self) -> str:
        return f"prompt {self.prompt_id} made no progress on {self.engine} for {self.seconds:.0f} s"

    @property
    def hint(self) -> str:
        return "see that ComfyUI's log; other engines get the job meanwhile."


@dataclass(eq=False)
class NoCapableEngineError(JobError):
    """No engine has what a workflow needs."""

    lacking: Sequence[str]
    """By engine, what it lacks."""
    code: ClassVar[str] = "no_capable_engine"

    @property
    def message(self) -> str:
        return "\n- ".join(["no engine can run this workflow", *self.lacking])

    @property
    def hint(self) -> str:
        return "install what is missing on one of them, or add an engine that has it: comfygen engines add"


@dataclass(eq=False)
class EngineNotFoundError(ConfigurationError):
    """No engine of the fleet has this name."""

    name: str
    known: Sequence[str] = ()
    code: ClassVar[str] = "engine_not_found"

    @property
    def message(self) -> str:
        return f"no engine is called {self.name!r}"

    @property
    def hint(self) -> str:
        if self.known:
            return f"there are {listing(self.known)}."
        return "there is none yet; add one: comfygen engines add"


@dataclass(eq=False)
class DuplicateEngineError(ConfigurationError):
    """An engine of this name is in the fleet already."""

    name: str
    code: ClassVar[str] = "duplicate_engine"

    @property
    def message(self) -> str:
        return f"an engine is called {self.name!r} already"

    @property
    def hint(self) -> str:
        return "remove it first, or give this one another name."


class DatabaseError(ComfyGenError):
    """The database that keeps the jobs does not do its part."""

    code = "database"


@dataclass(eq=False)
class DatabaseUnavailableError(DatabaseError):
    """The database cannot be opened, read or written. What was acknowledged before is safe."""

    database: str
    """Without its password."""
    reason: str
    code: ClassVar[str] = "database_unavailable"

    @property
    def message(self) -> str:
        return f"the database {self.database} cannot be used: {self.reason}"

    @property
    def hint(self) -> str:
        return "see that its server runs, its disk has room and its folder can be written; nothing accepted is lost."


@dataclass(eq=False)
class DatabaseVersionError(DatabaseError):
    """The database was written by a newer program."""

    database: str
    found: str
    code: ClassVar[str] = "database_version"

    @property
    def message(self) -> str:
        return f"the database {self.database} has the schema {self.found}, which this version does not know"

    @property
    def hint(self) -> str:
        return "run the newer version that wrote it, or name another database."


@dataclass(eq=False)
class WorkerRunningError(DatabaseError):
    """Another worker has this SQLite database, and only one at a time can."""

    database: str
    code: ClassVar[str] = "worker_running"

    @property
    def message(self) -> str:
        return f"another worker runs on {self.database}"

    @property
    def hint(self) -> str:
        return "several workers need PostgreSQL: set COMFYGEN_JOBS_DATABASE to postgresql://…, or stop the other one."
