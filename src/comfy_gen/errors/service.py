"""What the HTTP service refuses, and whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from comfy_gen.errors.base import ComfyGenError, ConfigurationError, listing

if TYPE_CHECKING:
    from collections.abc import Sequence


class AccessError(ComfyGenError):
    """Who asks may not have this."""

    code = "access"


@dataclass(eq=False)
class UnauthorizedError(AccessError):
    """No key was given, or one that is not known (any more)."""

    reason: str = "a key is needed"
    code: ClassVar[str] = "unauthorized"

    @property
    def message(self) -> str:
        return self.reason

    @property
    def hint(self) -> str:
        return "send `Authorization: Bearer KEY` or `X-API-Key: KEY`; keys are made with: comfygen keys create"


@dataclass(eq=False)
class ForbiddenError(AccessError):
    """Who asks is known, and may not do this; or asks from a place that is not served."""

    reason: str
    advice: str = ""
    code: ClassVar[str] = "forbidden"

    @property
    def message(self) -> str:
        return self.reason

    @property
    def hint(self) -> str:
        return self.advice


@dataclass(eq=False)
class RateLimitError(AccessError):
    """Too many requests in too short a time."""

    limit: str
    """Such as ``600 per 1 minute``."""
    retry_after: float
    """Seconds."""
    code: ClassVar[str] = "rate_limited"

    @property
    def message(self) -> str:
        return f"more requests than {self.limit}"

    @property
    def hint(self) -> str:
        return f"wait {max(self.retry_after, 1):.0f} s."


@dataclass(eq=False)
class OwnerQueueFullError(AccessError):
    """So many jobs of one owner wait already that no more of them are accepted."""

    waiting: int
    limit: int
    code: ClassVar[str] = "owner_queue_full"

    @property
    def message(self) -> str:
        return f"{self.waiting:,} of your jobs wait, and {self.limit:,} may"

    @property
    def hint(self) -> str:
        return "send it again once some have ended, or cancel some."


@dataclass(eq=False)
class BodyTooLargeError(ConfigurationError):
    """A request is larger than the service reads."""

    limit: int
    """Bytes."""
    code: ClassVar[str] = "body_too_large"

    @property
    def message(self) -> str:
        return f"the body is larger than {self.limit / 2**20:g} MiB"

    @property
    def hint(self) -> str:
        return "name pictures by URL, upload them on their own, or raise COMFYGEN_API_MAX_BODY."


@dataclass(eq=False)
class UploadsFullError(ConfigurationError):
    """All uploads together are as many bytes as the service keeps."""

    size: int
    """Bytes of the one that was refused."""
    used: int
    limit: int
    code: ClassVar[str] = "uploads_full"

    @property
    def message(self) -> str:
        left = max(self.limit - self.used, 0)
        return f"no room for an upload of {self.size:,} bytes: {left:,} of {self.limit:,} are left for all together"

    @property
    def hint(self) -> str:
        return "name files by URL, delete assets that nobody needs, or raise COMFYGEN_API_MAX_UPLOADS."


@dataclass(eq=False)
class UnsupportedMediaError(ConfigurationError):
    """A body is of another kind than the service reads."""

    given: str
    """Its media type; empty where it named none."""
    wanted: str
    code: ClassVar[str] = "unsupported_media_type"

    @property
    def message(self) -> str:
        return f"the body is {self.given or 'of no stated type'}, and must be {self.wanted}"

    @property
    def hint(self) -> str:
        return f"send the header Content-Type: {self.wanted}."


@dataclass(eq=False)
class GraphTooLargeError(ConfigurationError):
    """A workflow has more nodes than the service takes."""

    nodes: int
    limit: int
    kind: str = "nodes"
    """What is counted: ``nodes``, or those of one sort."""
    code: ClassVar[str] = "graph_too_large"

    @property
    def message(self) -> str:
        return f"the workflow has {self.nodes:,} {self.kind}, and {self.limit:,} are taken"

    @property
    def hint(self) -> str:
        return "split it, or raise COMFYGEN_API_MAX_NODES." if self.kind == "nodes" else "split it."


@dataclass(eq=False)
class NodeNotAllowedError(ConfigurationError):
    """A workflow has nodes of classes that this service does not run."""

    classes: Sequence[str]
    code: ClassVar[str] = "blocked_by_policy"

    @property
    def message(self) -> str:
        return f"this service does not run {listing(self.classes)}"

    @property
    def hint(self) -> str:
        return (
            "take these nodes out; who runs the service decides: COMFYGEN_API_ALLOWED_NODES, COMFYGEN_API_DENIED_NODES."
        )


@dataclass(eq=False)
class ModifierNotFoundError(ConfigurationError):
    """No modifier has this name."""

    name: str
    known: Sequence[str] = ()
    """The names that come nearest."""
    code: ClassVar[str] = "modifier_not_found"

    @property
    def message(self) -> str:
        return f"no modifier is called {self.name!r}"

    @property
    def hint(self) -> str:
        return f"there are {listing(self.known, limit=12)}." if self.known else "there is none."


@dataclass(eq=False)
class ModifierError(ConfigurationError):
    """A modifier cannot be loaded, or failed at its work."""

    name: str
    reason: str
    code: ClassVar[str] = "modifier_failed"

    @property
    def message(self) -> str:
        return f"the modifier {self.name} failed: {self.reason}"

    @property
    def hint(self) -> str:
        return "look at what it was given, or have its author look at it."


@dataclass(eq=False)
class ArtifactNotFoundError(ComfyGenError):
    """No artifact has this id."""

    artifact_id: str
    code: ClassVar[str] = "artifact_not_found"

    @property
    def message(self) -> str:
        return f"no artifact has the id {self.artifact_id!r}"

    @property
    def hint(self) -> str:
        return "the job's result lists its artifacts."


@dataclass(eq=False)
class PreviewNotFoundError(ComfyGenError):
    """Nothing is to be seen of a job."""

    job_id: str
    code: ClassVar[str] = "preview_not_found"

    @property
    def message(self) -> str:
        return f"there is no preview of job {self.job_id}"

    @property
    def hint(self) -> str:
        return "previews come while an engine samples, and only to the process that drives it."


@dataclass(eq=False)
class KeyNotFoundError(ConfigurationError):
    """No API key has this id or name."""

    key: str
    known: Sequence[str] = ()
    code: ClassVar[str] = "key_not_found"

    @property
    def message(self) -> str:
        return f"there is no API key {self.key!r}"

    @property
    def hint(self) -> str:
        return f"there are {listing(self.known)}." if self.known else "make one: comfygen keys create"


@dataclass(eq=False)
class DeliveryNotFoundError(ConfigurationError):
    """No webhook has this id."""

    delivery_id: str
    code: ClassVar[str] = "webhook_not_found"

    @property
    def message(self) -> str:
        return f"no webhook has the id {self.delivery_id!r}"

    @property
    def hint(self) -> str:
        return "list them: comfygen webhooks list --all"


@dataclass(eq=False)
class WorkflowNameTakenError(ConfigurationError):
    """A workflow of this name is there already, and is not to be replaced by who asks."""

    name: str
    reason: str
    code: ClassVar[str] = "workflow_name_taken"

    @property
    def message(self) -> str:
        return f"a workflow is called {self.name!r} already: {self.reason}"

    @property
    def hint(self) -> str:
        return "give it another name."


@dataclass(eq=False)
class PublicBindError(ConfigurationError):
    """The service would be open to everybody who reaches this machine."""

    host: str
    code: ClassVar[str] = "public_bind"

    @property
    def message(self) -> str:
        return f"at {self.host} others can reach the service, and it has no key yet"

    @property
    def hint(self) -> str:
        return "make one with `comfygen keys create`, or set COMFYGEN_API_ACCESS=open if everybody may use it."


@dataclass(eq=False)
class SealError(ConfigurationError):
    """A secret that was sealed cannot be opened."""

    what: str
    code: ClassVar[str] = "seal"

    @property
    def message(self) -> str:
        return f"{self.what} cannot be opened with this installation's secret key"

    @property
    def hint(self) -> str:
        return "give all machines the same COMFYGEN_API_SECRET_KEY, and send the job again."


@dataclass(eq=False)
class NoEngineError(ComfyGenError):
    """No engine answers, and one is needed to decide something."""

    need: str
    """What for."""
    code: ClassVar[str] = "no_engine"

    @property
    def message(self) -> str:
        return f"no engine answers, and one is needed to {self.need}"

    @property
    def hint(self) -> str:
        return "see that a ComfyUI runs, and what /engines says; or name the workflow."
