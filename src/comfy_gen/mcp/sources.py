"""Pictures that tools work on, by whatever an agent knows of them: an id, an address, or a file."""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING

from comfy_gen.errors import InvalidParameterError, ServiceProblemError
from comfy_gen.mcp.places import LARGEST
from comfy_gen.mcp.results import ARTIFACTS
from comfy_gen.mcp.service import path_to

if TYPE_CHECKING:
    from comfy_gen.mcp.places import Folders
    from comfy_gen.mcp.service import Service

OURS = "comfygen://"
JOBS = f"{OURS}jobs/"
UPLOADS = f"{OURS}uploads/"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ADDRESS = re.compile(r"(https?|comfygen)://", re.IGNORECASE)


async def image_of(service: Service, folders: Folders, reference: str, *, name: str) -> str:
    """Return what a workflow's input is told of a picture, which is given to the service where it has to be.

    Raises:
        InvalidParameterError: there is no such picture.
        ServiceError: the service cannot be asked.
    """
    bare = reference.strip()
    if identity := identity_of(bare):
        path = path_to("artifacts", await picture_of(service, identity, name=name))
        content, _ = await service.content(path, most=LARGEST)
    elif bare.startswith(OURS) and not bare.startswith(UPLOADS):
        raise InvalidParameterError(name, bare, "the id of a job or of one of its files", "call list_jobs for them.")
    elif _ADDRESS.match(bare) or not await asyncio.to_thread(_is_file, folders, bare, name):
        return bare  # a URL or an upload, which the service fetches, or a file that the engines have
    else:
        content = await asyncio.to_thread(folders.read, bare, name=name)
    return str((await service.upload(content))["image"])


def identity_of(reference: str) -> str:
    """Return the id of the job or artifact that is meant; empty, if it is something else that is."""
    bare = reference.strip().removeprefix(ARTIFACTS).removeprefix(JOBS)
    return bare if _ID.fullmatch(bare) else ""


async def picture_of(service: Service, identity: str, *, name: str) -> str:
    """Return the id of an artifact: of this one, or of the first picture of this job.

    Raises:
        InvalidParameterError: it is the id of a job without a picture.
    """
    try:
        job = await service.get(path_to("jobs", identity))
    except ServiceProblemError as error:
        if error.status == 404:
            return identity
        raise
    pictures = [one["id"] for one in job["output"] if one["media_type"].startswith("image/")]
    if not pictures:
        advice = "call wait until it has ended." if job.get("ended") is None else "choose another."
        raise InvalidParameterError(name, identity, "a job that has made a picture", advice)
    return str(pictures[0])


def _is_file(folders: Folders, path: str, name: str) -> bool:
    """Tell whether a path is to be taken for a file of the agent's; a bare name may be one that the engines have."""
    if "/" not in path and "\\" not in path:
        # `os.path`, because a Path raises where a name is too long.
        return any(os.path.isfile(root / path) for root in folders.roots)  # noqa: PTH113
    folders.check(path, name=name)
    return True
