"""Finds in the names that a workflow has for files those that mean uploads and outputs of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.api.dialects.comfyui import uploads
from comfy_gen.api.dialects.comfyui.names import named
from comfy_gen.api.dialects.comfyui.places import place_of
from comfy_gen.app import uploading
from comfy_gen.app.outputs import copied
from comfy_gen.errors import ArtifactGoneError, ArtifactNotFoundError, JobNotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from comfy_gen.api.dialects.comfyui.names import Name
    from comfy_gen.api.dialects.comfyui.places import Place
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.jobs.job import Artifact


async def references(service: Service, caller: Caller, names: Collection[str]) -> Mapping[str, str]:
    """Return those of these names that mean files of the caller's, each with what names the file in a job of ours.

    Names are as `LoadImage` takes them: ``cat.png``, ``pets/cat.png [input]``, and ``JOB/NODE/cat.png [output]`` for
    an output of a job. What is left out an engine may have, or nobody.
    """
    meant = {said: name for said in names if (name := named(said)) is not None}
    if not meant:
        return {}
    uploaded = await _uploaded(service, caller, {*meant.values()})
    others = {name: await _other(service, caller, name) for name in {*meant.values()} - {*uploaded}}
    found = {**others, **uploaded}
    return {said: reference for said, name in meant.items() if (reference := found[name]) is not None}


async def _uploaded(service: Service, caller: Caller, names: Collection[Name]) -> dict[Name, str | None]:
    files = await service.named_files.find_all(caller.owner, {name.path for name in names})
    known = {(file.place, file.path): file for file in files}
    return {name: uploads.reference_of(known[name]) for name in names if name in known}


async def _other(service: Service, caller: Caller, name: Name) -> str | None:
    """Return what names a file that the caller never gave this name."""
    subfolder, filename = name.parts
    if name.kind == "input":
        return None if subfolder else await _by_content(service, caller, filename)
    place = place_of(filename, subfolder)
    output = None if place is None else await _output(service, caller, place)
    return None if output is None else await _copied(service, caller, output)


async def _by_content(service: Service, caller: Caller, filename: str) -> str | None:
    """Return what names an upload by the name that engines are given it under: pictures that they make tell of that."""
    try:
        return (await uploading.find(service.artifacts, caller, filename)).reference
    except ArtifactNotFoundError:
        return None


async def _output(service: Service, caller: Caller, place: Place) -> Artifact | None:
    store = service.queue.store
    try:
        job = await store.get(place.job_id)
        outputs = await store.artifacts(place.job_id) if caller.owns(job.owner) else ()
    except JobNotFoundError:
        return None
    return next((one for one in outputs if (one.node_id, one.filename) == place[1:]), None)


async def _copied(service: Service, caller: Caller, output: Artifact) -> str | None:
    try:
        copy = await copied(service.artifacts, output, caller.owner)
    except ArtifactGoneError:
        return None
    return None if copy.fault else copy.kept.reference
