"""A ComfyUI did not do its part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from comfy_gen.errors.base import ComfyGenError

if TYPE_CHECKING:
    from collections.abc import Sequence


class EngineError(ComfyGenError):
    """A ComfyUI did not do its part; another engine, or the same one later, may."""

    code = "engine"


@dataclass(eq=False)
class EngineUnreachableError(EngineError):
    """No ComfyUI answers at the address."""

    url: str
    reason: str
    may_have_arrived: bool = False
    """True when the request was on its way before the connection broke: the server may have acted on it."""
    code: ClassVar[str] = "engine_unreachable"

    @property
    def message(self) -> str:
        if self.may_have_arrived:
            return f"the ComfyUI at {self.url} broke off: {self.reason}"
        return f"no ComfyUI answers at {self.url}: {self.reason}"

    @property
    def hint(self) -> str:
        if self.may_have_arrived:
            return "look whether it still runs and what its log says, then run the same command again."
        return (
            "start ComfyUI there (comfygen service start), name another with --engine URL or COMFYUI_API_BASE, "
            "or try without one: comfygen sandbox --port 8188"
        )


@dataclass(eq=False)
class EngineResponseError(EngineError):
    """The server answered with something that this request should not get."""

    url: str
    status: int
    body: str = ""
    code: ClassVar[str] = "engine_response"

    @property
    def message(self) -> str:
        if self.status < 300:
            return f"{self.url} answered with something that is not what a ComfyUI answers"
        text = " ".join(self.body.split())[:200]
        said = "" if not text or text.startswith("<") else f": {text}"
        return f"{self.url} answered with status {self.status}{said}"

    @property
    def hint(self) -> str:
        return "see the log of the ComfyUI at that address; check that it is a ComfyUI and not a proxy's page."


@dataclass(eq=False)
class NotComfyUIError(EngineError):
    """Something answers at the address, and it is no ComfyUI."""

    url: str
    code: ClassVar[str] = "not_comfyui"

    @property
    def message(self) -> str:
        return f"what answers at {self.url} is not a ComfyUI"

    @property
    def hint(self) -> str:
        return "name the address of a ComfyUI with --engine URL or COMFYUI_API_BASE, with its path if it has one."


@dataclass(eq=False)
class PromptRejectedError(EngineError):
    """The engine's own validation refused the workflow; ``node_errors`` is its answer, node by node."""

    type: str
    reason: str
    problems: Sequence[str] = ()
    node_errors: dict[str, object] = field(default_factory=dict[str, object])
    code: ClassVar[str] = "prompt_rejected"

    @property
    def message(self) -> str:
        lines = "".join(f"\n  - {problem}" for problem in self.problems)
        return f"ComfyUI refused the workflow: {self.reason}{lines}"

    @property
    def hint(self) -> str:
        return "change the inputs it names; nothing was queued."


@dataclass(eq=False)
class EngineLostError(EngineError):
    """The engine forgot the prompt or stopped answering while it had it."""

    url: str
    prompt_id: str
    reason: str
    code: ClassVar[str] = "engine_lost"

    @property
    def message(self) -> str:
        return f"the ComfyUI at {self.url} lost prompt {self.prompt_id}: {self.reason}"

    @property
    def hint(self) -> str:
        return "it was probably restarted; run the same command again."


@dataclass(eq=False)
class PromptNotFoundError(EngineError):
    """The engine remembers no prompt of this id among those that ended."""

    prompt_id: str
    url: str
    code: ClassVar[str] = "prompt_not_found"

    @property
    def message(self) -> str:
        return f"the ComfyUI at {self.url} remembers no prompt {self.prompt_id} that ended"

    @property
    def hint(self) -> str:
        return "it may still wait or run (comfygen queue), or the engine was restarted since."


@dataclass(eq=False)
class ClientClosedError(EngineError):
    """The client that followed the prompt was closed; the prompt goes on."""

    prompt_id: str = ""
    """Empty where none was sent yet."""
    code: ClassVar[str] = "client_closed"

    @property
    def message(self) -> str:
        if not self.prompt_id:
            return "the client was closed"
        return f"the client that followed prompt {self.prompt_id} was closed"

    @property
    def hint(self) -> str:
        return "follow it with another client: attach(prompt_id)."


@dataclass(eq=False)
class WaitTimeoutError(EngineError, TimeoutError):
    """The prompt did not end in the time the caller gave."""

    prompt_id: str
    seconds: float
    cancelled: bool = False
    """Whether it was cancelled then; otherwise it goes on."""
    code: ClassVar[str] = "timeout"

    @property
    def message(self) -> str:
        if self.cancelled:
            return f"it did not end within {self.seconds:g} s and was cancelled"
        return f"prompt {self.prompt_id} did not end within {self.seconds:g} s; it may still be running"

    @property
    def hint(self) -> str:
        if self.cancelled:
            return "give it more time, or less to do."
        return f"wait longer, or cancel it: comfygen generate --cancel {self.prompt_id}"
