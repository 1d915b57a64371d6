"""A workflow cannot be used."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from comfy_gen.errors.base import ConfigurationError, listing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class WorkflowError(ConfigurationError):
    """A workflow cannot be used."""

    code = "workflow"


@dataclass(eq=False)
class WorkflowNotFoundError(WorkflowError, FileNotFoundError):
    """No workflow file or shipped template has this name."""

    name: str
    nearest: Sequence[str] = ()
    among: Literal["files", "kept", "all"] = "files"
    """Where it was looked for: files and what ships, what is kept by a name, or all of these."""
    code: ClassVar[str] = "workflow_not_found"

    @property
    def message(self) -> str:
        match self.among:
            case "kept":
                return f"no workflow is kept by the name {self.name!r}"
            case "all":
                return f"there is no workflow {self.name!r}, neither a file nor a shipped template nor one that is kept"
            case "files":
                return f"there is no workflow {self.name!r}, neither a file nor a shipped template"

    @property
    def hint(self) -> str:
        if self.among == "kept":
            nearest = f"nearest: {listing(self.nearest)}. " if self.nearest else ""
            return f"{nearest}`comfygen workflow list` lists all that are kept."
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
        return (
            "convert it (comfygen workflow convert FILE -o API.json), or in ComfyUI choose Workflow → Export (API), "
            "and use that file."
        )


@dataclass(eq=False)
class NotUiWorkflowError(WorkflowFormatError):
    """The JSON is not a workflow in UI format, or a damaged one."""

    code: ClassVar[str] = "not_ui_workflow"

    @property
    def message(self) -> str:
        return f"{self.source} is not a workflow in UI format: {self.reason}"

    @property
    def hint(self) -> str:
        return "UI format is what ComfyUI's “Save” writes: an object with `nodes` and `links`."


@dataclass(eq=False)
class TemplateCardError(WorkflowError):
    """The card of a template is not as it must be."""

    source: str
    reason: str
    code: ClassVar[str] = "template_card"

    @property
    def message(self) -> str:
        return f"{self.source} cannot be used: {self.reason}"

    @property
    def hint(self) -> str:
        return "compare it with a shipped one: comfygen templates sd15 --json"


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
class NodeNotFoundError(WorkflowError):
    """The workflow has no node of this id."""

    node_id: str
    nearest: Sequence[str] = ()
    """Nodes that it has, as a person would name them."""
    code: ClassVar[str] = "node_not_found"

    @property
    def message(self) -> str:
        return f"the workflow has no node {self.node_id!r}"

    @property
    def hint(self) -> str:
        return f"nearest: {listing(self.nearest)}." if self.nearest else ""


@dataclass(eq=False)
class InputNotFoundError(WorkflowError):
    """A node has no input of this name."""

    node_id: str
    class_type: str
    input_name: str
    nearest: Sequence[str] = ()
    code: ClassVar[str] = "input_not_found"

    @property
    def message(self) -> str:
        return f"node {self.node_id} ({self.class_type}) has no input {self.input_name!r}"

    @property
    def hint(self) -> str:
        return f"nearest: {listing(self.nearest)}." if self.nearest else "this node has no inputs at all."


@dataclass(eq=False)
class NotRegisteredError(WorkflowError):
    """Nothing was registered under this name."""

    kind: str
    """``workflow`` or ``template``."""
    name: str
    nearest: Sequence[str] = ()
    code: ClassVar[str] = "not_registered"

    @property
    def message(self) -> str:
        return f"no {self.kind} is registered under the name {self.name!r}"

    @property
    def hint(self) -> str:
        if self.nearest:
            return f"nearest: {listing(self.nearest)}."
        return f"register the {self.kind} before it is asked for."


@dataclass(eq=False)
class InvalidWorkflowError(WorkflowError):
    """The workflow has problems that the engine would refuse; ``problems`` has one sentence for each."""

    problems: Sequence[str]
    node_errors: Mapping[str, object] = field(default_factory=dict[str, object])
    """The same in ComfyUI's own words, node by node, where it was asked in those."""
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
