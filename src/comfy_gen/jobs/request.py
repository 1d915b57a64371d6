"""What was accepted: the request that a job is made of. Pure."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.composition.policy.checks import check_workflow
from comfy_gen.errors import InvalidParameterError, WorkflowFormatError
from comfy_gen.jobs.ids import check_job_id
from comfy_gen.storage.destination import Destination
from comfy_gen.validation.quality import Quality
from comfy_gen.workflows.graph import as_workflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.jobs.ids import JobId
    from comfy_gen.workflows.graph import Workflow

PRIORITIES = range(-100, 101)
_LONGEST = {"title": 500, "owner": 200, "idempotency_key": 255}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Whom to tell when the job has ended."""

    url: str
    extra_params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the receiver gets back as it is."""
    wants_progress: bool = False
    """Whether it is told of each stage and of progress, too."""
    shape: str = ""
    """In whose words it is told, as `jobs.announcement` knows them; empty: in ours."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "url": self.url,
            "extra_params": dict(self.extra_params),
            "wants_progress": self.wants_progress,
            **({"shape": self.shape} if self.shape else {}),  # digests of older requests stay as they were
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Webhook:
        """Return what `as_json` made this of."""
        wants_progress, shape = data.get("wants_progress", False), data.get("shape", "")
        return cls(data["url"], data.get("extra_params") or {}, wants_progress, shape)


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A workflow to run once, and how. Do not change what it holds once it is handed over."""

    workflow: Workflow = field(repr=False)
    title: str = ""
    owner: str = ""
    """Owners take turns."""
    priority: int = 0
    """From -100 to 100; the highest goes first."""
    idempotency_key: str | None = None
    """What is sent again under the same key of the same owner is the same job."""
    webhook: Webhook | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Whatever the caller wants to find here again."""
    tags: frozenset[str] = frozenset()
    """Only engines with all of these tags may run it."""
    job_id: JobId | None = None
    """A UUID4 of the caller's; otherwise one is made."""
    targets: tuple[str, ...] | None = None
    """Run only these output nodes, and what they need."""
    destination: Destination | None = None
    """A bucket of the caller's that gets a copy of each output."""
    asked: str = ""
    """A hash of what the caller sent, where the workflow was made of that with choices such as a random seed: who
    sends the same again means the same job, though another workflow would come of it."""

    recipe: Mapping[str, Any] | None = None
    """What the workflow was composed of, as `composition.recipe` writes it."""
    template: str = ""
    """The name of the workflow that was filled in; empty for one that somebody brought."""
    tier: str = ""
    """What its pictures may show: ``general``, ``mature`` or ``explicit``; empty: nobody said, and nobody looks."""
    repeats: JobId | None = None
    """The job that it is a repetition of."""
    quality: Quality | None = None
    """What is asked of its pictures; None: nobody judges them."""
    extra_data: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """What ComfyUI gets beside the workflow, its secrets sealed: see `jobs.extra_data`."""
    as_comfyui: bool = False
    """Whether a ComfyUI's ways are ours: files that nodes only show, such as PreviewImage's, are kept beside those
    that they save, and a workflow that leaves none is no failure."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        said = {
            "recipe": self.recipe and dict(self.recipe),
            "template": self.template,
            "tier": self.tier,
            "repeats": self.repeats,
            "quality": self.quality and self.quality.as_json(),
            "extra_data": dict(self.extra_data),
            "as_comfyui": self.as_comfyui,
        }
        return {
            **{name: value for name, value in said.items() if value},  # digests of older requests stay as they were
            "workflow": self.workflow,
            "title": self.title,
            "owner": self.owner,
            "priority": self.priority,
            "idempotency_key": self.idempotency_key,
            "webhook": self.webhook and self.webhook.as_json(),
            "metadata": dict(self.metadata),
            "tags": sorted(self.tags),
            "job_id": self.job_id,
            "targets": None if self.targets is None else list(self.targets),
            "destination": self.destination and self.destination.as_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> JobRequest:
        """Return what `as_json` made this of."""
        webhook, targets, destination = data.get("webhook"), data.get("targets"), data.get("destination")
        quality = data.get("quality")
        return cls(
            workflow=data["workflow"],
            title=data.get("title", ""),
            owner=data.get("owner", ""),
            priority=data.get("priority", 0),
            idempotency_key=data.get("idempotency_key"),
            webhook=webhook and Webhook.from_json(webhook),
            metadata=data.get("metadata") or {},
            tags=frozenset(data.get("tags") or ()),
            job_id=data.get("job_id"),
            targets=None if targets is None else tuple(targets),
            destination=destination and Destination.from_json(destination),
            recipe=data.get("recipe"),
            template=data.get("template", ""),
            tier=data.get("tier", ""),
            repeats=data.get("repeats"),
            quality=quality and Quality.from_json(quality),
            extra_data=data.get("extra_data") or {},
            as_comfyui=data.get("as_comfyui", False),
        )

    @property
    def digest(self) -> str:
        """A hash of what it asks for: equal for two requests that differ in id and key at most."""
        if self.asked:
            return self.asked
        asked = {name: value for name, value in self.as_json().items() if name not in {"job_id", "idempotency_key"}}
        if self.destination is not None:  # the same secret is sealed differently each time
            asked["destination"] = {**self.destination.as_json(), "sealed": ""}
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def check_request(request: JobRequest) -> None:
    """Do nothing, if the request can be accepted.

    Raises:
        InvalidParameterError: a value of it is outside what can work.
        WorkflowFormatError: its workflow is no graph in API format.
        WorkflowIsUiFormatError: it is what ComfyUI's editor saves.
        ForbiddenContentError: no tier allows what it asks for.
    """
    if as_workflow(request.workflow) is not request.workflow:
        raise WorkflowFormatError("the workflow", "it is a whole body of POST /prompt: give what its `prompt` holds")
    if type(cast("object", request.priority)) is not int or request.priority not in PRIORITIES:
        raise InvalidParameterError("priority", request.priority, "a whole number from -100 to 100")
    for name, longest in _LONGEST.items():
        _check_text(name, getattr(request, name), longest)
    if request.job_id is not None:
        check_job_id(request.job_id)
    _check_plain(request)
    check_workflow(request.workflow, request.owner)


def _check_text(name: str, value: object, longest: int) -> None:
    if value is None and name == "idempotency_key":
        return
    if not isinstance(value, str) or len(value) > longest:
        shown = f"{value[:50]} …" if isinstance(value, str) else value
        raise InvalidParameterError(name, shown, f"a text of {longest} characters at most")
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise InvalidParameterError(name, value.encode("unicode_escape").decode(), "text without control characters")
    if not value and name == "idempotency_key":
        raise InvalidParameterError(name, value, "a text that is not empty, or left out")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidParameterError(name, value, "text that UTF-8 can hold") from error


def _check_plain(request: JobRequest) -> None:
    try:
        json.dumps(request.as_json(), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidParameterError("the request", str(error), "plain JSON data") from error
