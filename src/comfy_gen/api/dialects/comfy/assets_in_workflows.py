"""What stands for files in a workflow that a client of the dialect sends, and the workflow with files in their places.

An input is given a file in one of these ways:

    {"__type": "core/ASSET", "info": {"id": …, "hash": …}}    an asset, or an output of a job; what the SDKs send
    "blake3:9f8a…"                                            the asset of this content
    "photo.png"                                               what was sent under this name, if anything was
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

from comfy_gen.api.dialects.comfy.assets_named import INPUTS
from comfy_gen.api.dialects.comfy.hashes import digest_in
from comfy_gen.app import assets
from comfy_gen.app.outputs import copied
from comfy_gen.comfyui.outputs import KINDS
from comfy_gen.errors import ArtifactGoneError, ArtifactNotFoundError, GraphTooLargeError, MissingAssetError
from comfy_gen.pipeline.inputs import MAX_ASSETS, takes_file
from comfy_gen.workflows.slots import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.workflows.graph import Workflow

TYPE = "core/ASSET"
_SUFFIXES = frozenset[str]().union(*KINDS.values(), {".latent"})
_MALFORMED = "<malformed core/ASSET: missing info>"
_UNNAMED = "<no id>"
_UNKNOWN = "it is no asset of yours"
_MISPLACED = "it stands where no file can"


@dataclass(frozen=True, slots=True)
class Mention:
    """What stands for a file."""

    asset_id: str | None = None
    """In one form, whatever the form it was written in."""
    digest: str | None = None
    name: str | None = None
    label: str = ""
    """What to call it where it is missing."""
    fault: str = ""
    """Why it cannot be a file; empty where it can."""


class Found(NamedTuple):
    """What was found of a mention: a reference, or why there is none; neither where it means nothing here."""

    reference: str | None = None
    fault: str = ""


async def resolved(service: Service, caller: Caller, workflow: Workflow) -> Workflow:
    """Return a workflow whose files whichever engine runs it is given. What is not a file of the caller's stays.

    Raises:
        MissingAssetError: assets are not there, or no workflow can work on them: all that are.
        GraphTooLargeError: it names more files than any workflow works on.
    """
    mentions = dict(mentions_in(workflow))
    wanted = dict.fromkeys(mentions.values())
    if len(wanted) > MAX_ASSETS:
        raise GraphTooLargeError(len(wanted), MAX_ASSETS, "files to work on")
    found = {mention: await _look_up(service, caller, mention) for mention in wanted}
    if missing := {mention.label: one.fault for mention, one in found.items() if one.fault}:
        raise MissingAssetError(missing)
    return with_files(workflow, {slot: found[mention].reference for slot, mention in mentions.items()})


def mentions_in(workflow: Workflow) -> Iterator[tuple[Slot, Mention]]:
    """Yield what stands for files in a workflow, and where; of what is no workflow, as much as looks like one."""
    for node_id, node in cast("Mapping[str, object]", workflow).items():
        for name, value in _object(_object(node).get("inputs")).items():
            is_for_files = takes_file(str(_object(node).get("class_type")), name)
            if mention := mention_in(value, is_for_files=is_for_files):
                yield Slot(node_id, name), mention


def mention_in(value: object, *, is_for_files: bool) -> Mention | None:
    """Return what the value of an input stands for; None where that is no file."""
    if isinstance(value, str):
        return _written(value.strip()) if is_for_files else None
    reference = _reference_in(value)
    if reference is None:
        return None
    mention = _meant(reference)
    is_placed = is_for_files and reference is value
    return mention if is_placed or mention.fault else Mention(label=mention.label, fault=_MISPLACED)


def with_files(workflow: Workflow, references: Mapping[Slot, str | None]) -> Workflow:
    """Return a workflow with references in these places; None leaves a place as it is. What changes is copied."""
    changed: dict[str, Any] = dict(workflow)
    for slot, reference in references.items():
        if reference is not None:
            node = changed[slot.node_id]
            changed[slot.node_id] = {**node, "inputs": {**node["inputs"], slot.input_name: reference}}
    return changed


def _reference_in(value: object) -> dict[str, Any] | None:
    """Return the reference to an asset that a value is, or the first that is in it."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return fields if fields.get("__type") == TYPE else _first_in(list(fields.values()))
    return _first_in(cast("list[object]", value)) if isinstance(value, list) else None


def _first_in(values: list[Any]) -> dict[str, Any] | None:
    return next(filter(None, map(_reference_in, values)), None)


def _meant(reference: Mapping[str, Any]) -> Mention:
    info = _object(reference.get("info"))
    if not info:
        return Mention(label=_MALFORMED, fault=_UNKNOWN)
    asset_id, said = _id_in(info.get("id")), info.get("hash")
    digest = digest_in(said) if isinstance(said, str) else None
    label = str(info.get("id") or said or _UNNAMED)[:100]
    return Mention(asset_id, digest, label=label, fault="" if asset_id or digest else _UNKNOWN)


def _object(value: object) -> Mapping[str, object]:
    """Return an object of JSON; an empty one where it is something else."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _written(text: str) -> Mention | None:
    if digest := digest_in(text):
        return Mention(digest=digest, label=text)
    path = PurePosixPath(text)
    is_name = "://" not in text and path.suffix.lower() in _SUFFIXES
    name = "/".join(path.parts[1:]) if path.parts[:1] == (INPUTS,) else text
    return Mention(name=name, label=text) if is_name else None


def _id_in(said: object) -> str | None:
    try:
        return str(UUID(said)) if isinstance(said, str) else None
    except ValueError:
        return None


async def _look_up(service: Service, caller: Caller, mention: Mention) -> Found:
    if mention.fault:
        return Found(fault=mention.fault)
    store = service.artifacts
    if mention.name is not None:
        asset = await assets.called(store, caller.owner, mention.name)
        return Found() if asset is None else Found(asset.kept.reference, asset.fault)
    asset = None if mention.asset_id is None else await assets.find(store, caller, mention.asset_id)
    if asset is None and mention.asset_id is not None:
        output = await _output(service, caller, mention.asset_id)
        if output is not None:
            return output
    if asset is None and mention.digest is not None:
        asset = await assets.by_digest(store, caller.owner, mention.digest)
    return Found(fault=_UNKNOWN) if asset is None else Found(asset.kept.reference, asset.fault)


async def _output(service: Service, caller: Caller, artifact_id: str) -> Found | None:
    """Return an output of a job of the caller's; None where there is none of this id."""
    try:
        artifact, owner = await service.queue.store.artifact(artifact_id)
    except ArtifactNotFoundError:
        return None
    if not caller.owns(owner):
        return None
    try:
        copy = await copied(service.artifacts, artifact, owner)
    except ArtifactGoneError:
        return Found(fault="its content is not there any more")
    return Found(copy.kept.reference, copy.fault)
