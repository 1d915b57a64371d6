"""Every error a caller can meet, in one tree.

    ComfyGenError
    ├── ConfigurationError            what the caller asked for or set up cannot work
    │   ├── WorkflowError
    │   │   ├── WorkflowNotFoundError     workflow_not_found    (also a FileNotFoundError)
    │   │   ├── WorkflowUnreadableError   workflow_unreadable
    │   │   ├── WorkflowSyntaxError       workflow_syntax       (also a json.JSONDecodeError)
    │   │   ├── WorkflowFormatError       workflow_format
    │   │   ├── WorkflowIsUiFormatError   workflow_format_ui
    │   │   ├── RoleNotFoundError         role_not_found
    │   │   └── InvalidWorkflowError      invalid_workflow
    │   ├── InvalidParameterError         invalid_parameter
    │   ├── InvalidRequestError           invalid_request       (several of the others at once)
    │   ├── ModelNotFoundError            missing_model
    │   ├── InputImageError               invalid_image
    │   ├── AssetFetchError               asset_fetch_failed
    │   ├── MetadataNotFoundError         no_metadata
    │   ├── OutputPathError               output_path
    │   ├── PortInUseError                port_in_use
    │   └── MissingExtraError             missing_extra
    ├── EngineError                   a ComfyUI did not do its part
    │   ├── EngineUnreachableError        engine_unreachable
    │   ├── EngineResponseError           engine_response
    │   ├── NotComfyUIError               not_comfyui
    │   ├── PromptRejectedError           prompt_rejected
    │   ├── EngineLostError               engine_lost
    │   ├── ClientClosedError             client_closed
    │   └── WaitTimeoutError              timeout               (also a TimeoutError)
    ├── GenerationError               the prompt ran and did not give what was asked
    │   ├── ExecutionFailedError          its failure class: out_of_memory, gpu_error, …
    │   ├── InterruptedPromptError        interrupted
    │   ├── NoOutputError                 no_output
    │   └── CorruptOutputError            corrupt_output
    └── StorageError                      storage_failed

An error has a stable ``code``, its facts as attributes, a ``message`` computed from them that says what is wrong,
and a ``hint`` that says what to do. ``str(error)`` is the message alone; faces add the hint.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class ComfyGenError(Exception):
    """Base of all errors that ComfyGen raises on purpose."""

    code: ClassVar[str] = "internal"

    @property
    def message(self) -> str:
        """What is wrong, as a sentence without a closing stop."""
        return type(self).__doc__ or type(self).__name__

    @property
    def hint(self) -> str:
        """What to do about it; empty where there is nothing better than the message."""
        return ""

    def __str__(self) -> str:
        return self.message


def listing(names: Sequence[str], *, limit: int = 5) -> str:
    """Return the names as a person would list them, the rest counted: ``a, b, c and 4 more``."""
    shown = ", ".join(names[:limit])
    rest = len(names) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown


# --- what the caller asked for or set up cannot work ---------------------------------------------------------


class ConfigurationError(ComfyGenError):
    """What was asked for, or how things are set up, cannot work; trying again will not help."""

    code = "configuration"


class WorkflowError(ConfigurationError):
    """A workflow cannot be used."""

    code = "workflow"


@dataclass(eq=False)
class WorkflowNotFoundError(WorkflowError, FileNotFoundError):
    """No workflow file or shipped template has this name."""

    name: str
    nearest: Sequence[str] = ()
    code: ClassVar[str] = "workflow_not_found"

    @property
    def message(self) -> str:
        return f"there is no workflow {self.name!r}, neither a file nor a shipped template"

    @property
    def hint(self) -> str:
        if self.nearest:
            return f"nearest: {listing(self.nearest)}. `comfygen templates` lists all that are shipped."
        return "give the path of an API-format JSON file, or a name that `comfygen templates` lists."


@dataclass(eq=False)
class WorkflowUnreadableError(WorkflowError):
    """The workflow file is there and cannot be read."""

    source: str
    reason: str
    code: ClassVar[str] = "workflow_unreadable"

    @property
    def message(self) -> str:
        return f"cannot read {self.source}: {self.reason}"

    @property
    def hint(self) -> str:
        return "give the path of a file that you may read."


class WorkflowSyntaxError(WorkflowError, json.JSONDecodeError):
    """The workflow file is not JSON."""

    code = "workflow_syntax"

    def __init__(self, source: str, cause: json.JSONDecodeError) -> None:
        json.JSONDecodeError.__init__(self, cause.msg, cause.doc, cause.pos)
        self.source = source

    @property
    def message(self) -> str:
        return f"{self.source} is not valid JSON: {self.msg} at line {self.lineno}, column {self.colno}"

    @property
    def hint(self) -> str:
        return "export the workflow again from ComfyUI with “Export (API)”."


@dataclass(eq=False)
class WorkflowFormatError(WorkflowError):
    """The JSON is not a workflow in API format."""

    source: str
    reason: str
    code: ClassVar[str] = "workflow_format"

    @property
    def message(self) -> str:
        return f"{self.source} is not a workflow in API format: {self.reason}"

    @property
    def hint(self) -> str:
        return 'API format is an object of nodes: {"3": {"class_type": "KSampler", "inputs": {…}}, …}.'


@dataclass(eq=False)
class WorkflowIsUiFormatError(WorkflowError):
    """The file is what ComfyUI's editor saves, not what its server runs."""

    source: str
    code: ClassVar[str] = "workflow_format_ui"

    @property
    def message(self) -> str:
        return f"{self.source} is in ComfyUI's UI format (it has `nodes` and `links`), which a server cannot run"

    @property
    def hint(self) -> str:
        return "in ComfyUI choose Workflow → Export (API) and use that file."


@dataclass(eq=False)
class RoleNotFoundError(WorkflowError):
    """The workflow has no input that plays the wanted role."""

    role: str
    reason: str = "no sampler leads to one"
    code: ClassVar[str] = "role_not_found"

    @property
    def message(self) -> str:
        return f"this workflow has no {self.role}: {self.reason}"

    @property
    def hint(self) -> str:
        return f"leave {self.role} out, or choose a workflow that has it."


@dataclass(eq=False)
class InvalidWorkflowError(WorkflowError):
    """The workflow has problems that the engine would refuse; ``problems`` has one sentence for each."""

    problems: Sequence[str]
    code: ClassVar[str] = "invalid_workflow"

    @property
    def message(self) -> str:
        if len(self.problems) == 1:
            return f"the engine cannot run this workflow: {self.problems[0]}"
        lines = "".join(f"\n  - {problem}" for problem in self.problems)
        return f"the engine cannot run this workflow; {len(self.problems)} problems:{lines}"

    @property
    def hint(self) -> str:
        return "mend the workflow or choose other values; nothing was sent."


@dataclass(eq=False)
class InvalidParameterError(ConfigurationError):
    """A value is outside what can work."""

    name: str
    value: object
    expected: str
    advice: str = ""
    others: Sequence[InvalidParameterError] = ()
    """More values of the same request that are wrong."""
    code: ClassVar[str] = "invalid_parameter"

    @property
    def message(self) -> str:
        own = f"{self.name} is {self.value!r}, but must be {self.expected}"
        return "; ".join([own, *(other.message for other in self.others)])

    @property
    def hint(self) -> str:
        return " ".join(filter(None, [self.advice, *(other.hint for other in self.others)]))


@dataclass(eq=False)
class InvalidRequestError(ConfigurationError):
    """Several things that were asked for cannot work; ``errors`` has each of them."""

    errors: Sequence[ComfyGenError]
    code: ClassVar[str] = "invalid_request"

    @property
    def message(self) -> str:
        lines = [line for error in self.errors for line in _lines(error)]
        return f"{len(lines)} things in this request cannot work:" + "".join(f"\n  - {line}" for line in lines)

    @property
    def hint(self) -> str:
        return "change them all; nothing was sent."


def _lines(error: ComfyGenError) -> Sequence[str]:
    """Return what is wrong, each with what to do about it."""
    if isinstance(error, InvalidWorkflowError):
        return error.problems
    return [f"{error.message} ({error.hint.rstrip('.')})" if error.hint else error.message]


@dataclass(eq=False)
class ModelNotFoundError(ConfigurationError):
    """The engine has no model file of this name."""

    name: str
    folder: str
    nearest: Sequence[str] = ()
    code: ClassVar[str] = "missing_model"

    @property
    def message(self) -> str:
        return f"the engine has no {self.name!r} in its {self.folder}"

    @property
    def hint(self) -> str:
        if self.nearest:
            return f"nearest that it has: {listing(self.nearest)}."
        return f"put the file into ComfyUI's models/{self.folder} folder."


@dataclass(eq=False)
class InputImageError(ConfigurationError):
    """An input picture cannot be used."""

    source: str
    reason: str
    code: ClassVar[str] = "invalid_image"

    @property
    def message(self) -> str:
        return f"cannot use {self.source} as an input picture: {self.reason}"

    @property
    def hint(self) -> str:
        return "give a PNG, JPEG or WebP that an image viewer opens."


@dataclass(eq=False)
class AssetFetchError(ConfigurationError):
    """What a URL points to cannot be had."""

    url: str
    reason: str
    code: ClassVar[str] = "asset_fetch_failed"

    @property
    def message(self) -> str:
        return f"cannot fetch {self.url}: {self.reason}"

    @property
    def hint(self) -> str:
        return "download it yourself and give the file's path."


@dataclass(eq=False)
class MetadataNotFoundError(ConfigurationError):
    """A picture carries no record of how it was made."""

    source: str
    code: ClassVar[str] = "no_metadata"

    @property
    def message(self) -> str:
        return f"{self.source} carries neither a ComfyUI workflow nor generation parameters"

    @property
    def hint(self) -> str:
        return "use the file as ComfyUI or ComfyGen saved it: chat programs and image editors strip this data."


@dataclass(eq=False)
class OutputPathError(ConfigurationError):
    """The place for the result cannot be written."""

    path: Path
    reason: str
    code: ClassVar[str] = "output_path"

    @property
    def message(self) -> str:
        return f"cannot write {self.path}: {self.reason}"

    @property
    def hint(self) -> str:
        return "choose an existing, writable folder with room on its disk."


@dataclass(eq=False)
class PortInUseError(ConfigurationError):
    """A server cannot listen where it was told to."""

    host: str
    port: int
    reason: str
    code: ClassVar[str] = "port_in_use"

    @property
    def message(self) -> str:
        return f"cannot listen on {self.host} port {self.port}: {self.reason}"

    @property
    def hint(self) -> str:
        return "choose another port with --port, or stop the program that has this one."


@dataclass(eq=False)
class MissingExtraError(ConfigurationError):
    """A feature needs an optional dependency that is not installed."""

    feature: str
    extra: str
    code: ClassVar[str] = "missing_extra"

    @property
    def message(self) -> str:
        return f"{self.feature} needs the optional extra {self.extra!r}, which is not installed"

    @property
    def hint(self) -> str:
        return f"pip install 'comfygen-server[{self.extra}]'"


# --- a ComfyUI did not do its part ---------------------------------------------------------------------------


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
            "start ComfyUI there (python main.py --port 8188), name another with --engine URL or COMFYUI_API_BASE, "
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
class ClientClosedError(EngineError):
    """The client that followed the prompt was closed; the prompt goes on."""

    prompt_id: str
    code: ClassVar[str] = "client_closed"

    @property
    def message(self) -> str:
        return f"the client that followed prompt {self.prompt_id} was closed"

    @property
    def hint(self) -> str:
        return "follow it with another client: attach(prompt_id)."


@dataclass(eq=False)
class WaitTimeoutError(EngineError, TimeoutError):
    """The prompt did not end in the time the caller gave; it was not cancelled."""

    prompt_id: str
    seconds: float
    code: ClassVar[str] = "timeout"

    @property
    def message(self) -> str:
        return f"prompt {self.prompt_id} did not end within {self.seconds:g} s; it may still be running"

    @property
    def hint(self) -> str:
        return f"wait longer, or cancel it: comfygen generate --cancel {self.prompt_id}"


# --- the prompt ran and did not give what was asked ----------------------------------------------------------


class GenerationError(ComfyGenError):
    """The prompt was run and did not give what was asked."""

    code = "generation"


@dataclass(eq=False)
class ExecutionFailedError(GenerationError):
    """A node raised while it ran. ``code`` is the failure class (see ``comfyui.failures``)."""

    prompt_id: str
    failure: str
    node_id: str
    node_type: str
    reason: str
    traceback: Sequence[str] = ()
    advice: str = ""

    @property
    def code(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  # differs by instance here
        """The failure class: out_of_memory, gpu_error, missing_model, invalid_input or internal."""
        return self.failure

    @property
    def message(self) -> str:
        return f"node {self.node_id} ({self.node_type}) failed: {self.reason.strip()}"

    @property
    def hint(self) -> str:
        return self.advice


@dataclass(eq=False)
class InterruptedPromptError(GenerationError):
    """Somebody stopped the prompt: this caller, another one, or a person in ComfyUI."""

    prompt_id: str
    code: ClassVar[str] = "interrupted"

    @property
    def message(self) -> str:
        return f"prompt {self.prompt_id} was interrupted before it was done"


@dataclass(eq=False)
class NoOutputError(GenerationError):
    """The prompt succeeded and left no file to take."""

    prompt_id: str
    code: ClassVar[str] = "no_output"

    @property
    def message(self) -> str:
        return f"prompt {self.prompt_id} succeeded but saved nothing"

    @property
    def hint(self) -> str:
        return "the workflow needs an output node such as SaveImage."


@dataclass(eq=False)
class CorruptOutputError(GenerationError):
    """The engine gave a file that is damaged."""

    filename: str
    reason: str
    code: ClassVar[str] = "corrupt_output"

    @property
    def message(self) -> str:
        return f"the engine's file {self.filename} is damaged: {self.reason}"

    @property
    def hint(self) -> str:
        return "look at the disk of the machine that ComfyUI runs on, then run the same command again."


@dataclass(eq=False)
class StorageError(ComfyGenError):
    """A finished result could not be stored."""

    target: str
    reason: str
    code: ClassVar[str] = "storage_failed"

    @property
    def message(self) -> str:
        return f"could not store {self.target}: {self.reason}"
