"""What stands between an agent and the service that answers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from comfy_gen.errors.base import ComfyGenError

if TYPE_CHECKING:
    from collections.abc import Mapping


class ServiceError(ComfyGenError):
    """A ComfyGen service did not do what it was asked."""

    code = "service"


@dataclass(eq=False)
class ServiceProblemError(ServiceError):
    """A service answered, and refused."""

    status: int
    service_code: str
    """The code by which the service itself calls it: ``job_not_found``, ``rate_limit`` …"""
    said: str
    """What is wrong, in the service's words."""
    advice: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    retry_after: float | None = None
    """In how many seconds it may be asked again, where it says so."""
    code: ClassVar[str] = "service_refused"

    @property
    def message(self) -> str:
        return self.said

    @property
    def hint(self) -> str:
        return self.advice


@dataclass(eq=False)
class ServiceUnreachableError(ServiceError):
    """Nobody answers where a service should be, or it stopped in the middle of its answer."""

    url: str
    reason: str
    is_ending: bool = False
    """Whether it says so itself, because it is about to end: nobody need ask again from within it."""
    code: ClassVar[str] = "service_unreachable"

    @property
    def message(self) -> str:
        return f"the ComfyGen service at {self.url} does not answer: {self.reason}"

    @property
    def hint(self) -> str:
        return "what it has accepted goes on; ask again in a moment, or start it: comfygen serve"
