"""What somebody sends to ``POST /prompt``, read as a ComfyUI reads it. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from comfy_gen.api.dialects.comfyui.numbers import wanted_place
from comfy_gen.api.dialects.comfyui.refusals import refusal
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.ids import JobId, check_job_id
from comfy_gen.workflows.checks.answers import Refused
from comfy_gen.workflows.checks.declarations import Declarations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.workflows.graph import Workflow


_NO_ID = (
    "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A prompt with all that was said of it."""

    body: Mapping[str, Any] = field(repr=False)
    """As it came: it has a ``prompt``, of any shape."""
    place: Mapping[str, Any]
    """What was said of its place in the queue."""
    job_id: JobId | None
    client_id: str | None
    extra_data: Mapping[str, Any] = field(repr=False)

    def digest(self, owner: str) -> str:
        """Return a hash of what is to be made, and for whom: the same, if they send it again by another connection."""
        asked = [self.body["prompt"], self.body.get("partial_execution_targets"), self.extra_data, owner]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    @property
    def kept(self) -> dict[str, Any]:
        """What is to be found again with its job."""
        workflow_id = _workflow_id(self.extra_data)
        said = {"client_id": self.client_id, "workflow_id": workflow_id}
        return {**self.place, **{name: value for name, value in said.items() if value is not None}}


class Slot(NamedTuple):
    """An input that is given the name of a file."""

    node_id: str
    input_name: str
    name: str


def read(body: Mapping[str, Any]) -> Sent | Refused:
    """Return what a body says, or what is wrong with it, but for the graph."""
    try:
        place = wanted_place(body)
    except (TypeError, ValueError):
        return Refused(400, refusal("invalid_number", "number is no number", repr(body["number"])[:100]))
    if "prompt" not in body:
        return Refused(400, refusal("no_prompt", "No prompt provided", "No prompt provided"))
    given: object = body.get("prompt_id")
    try:
        check_job_id(cast("str", given)) if given is not None else None
    except InvalidParameterError:
        return Refused(400, refusal("invalid_prompt_id", "prompt_id must be a valid UUID", _NO_ID))
    extra: object = body.get("extra_data") or {}
    if not isinstance(extra, dict):
        return Refused(400, refusal("invalid_extra_data", "extra_data is no object"))
    others = {name: value for name, value in cast("dict[str, Any]", extra).items() if name != "client_id"}
    client_id = body.get("client_id", cast("dict[str, Any]", extra).get("client_id"))
    return Sent(body, place, cast("JobId | None", given), client_id if isinstance(client_id, str) else None, others)


def file_slots(prompt: object, object_info: Mapping[str, Any]) -> list[Slot]:
    """Return the inputs of a graph, of any shape, that are given names of files which people upload."""
    return [*_file_slots(prompt, Declarations(object_info))]


def with_references(graph: Workflow, slots: list[Slot], references: Mapping[str, str]) -> Workflow:
    """Return a graph with references in the place of the names that have one."""
    changed = dict(graph)
    for node_id, input_name, name in slots:
        if name in references:
            node = changed[node_id]
            changed[node_id] = {**node, "inputs": {**node["inputs"], input_name: references[name]}}
    return changed


def names_in(slots: list[Slot], references: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return by node and input the names that were replaced."""
    names: dict[str, dict[str, str]] = {}
    for node_id, input_name, name in slots:
        if name in references:
            names.setdefault(node_id, {})[input_name] = name
    return names


def _file_slots(prompt: object, declarations: Declarations) -> Iterator[Slot]:
    for node_id, node in _items(prompt):
        fields = dict(_items(node))
        class_type, inputs = fields.get("class_type"), dict(_items(fields.get("inputs")))
        if not isinstance(class_type, str) or class_type not in declarations:
            continue
        for declared in declarations.inputs(class_type):
            name = inputs.get(declared.name)
            takes_file = declared.is_upload or declarations.file_check(class_type, declared.name)
            if takes_file and isinstance(name, str):
                yield Slot(node_id, declared.name, name)


def _items(value: object) -> Iterator[tuple[str, Any]]:
    yield from cast("dict[str, Any]", value).items() if isinstance(value, dict) else ()


def _workflow_id(extra_data: Mapping[str, Any]) -> str | None:
    """Return the id that the editor gave the workflow of which this is a prompt."""
    found: object = extra_data
    for name in ("extra_pnginfo", "workflow", "id"):
        found = dict(_items(found)).get(name)
    return found if isinstance(found, str) else None
