"""Fetches what a workflow names by URL, and gives it to the engine that will run it, under names that it can load."""

from __future__ import annotations

import asyncio
import copy
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from comfy_gen.comfyui.bodies import FileRef
from comfy_gen.comfyui.outputs import KINDS
from comfy_gen.comfyui.routes.files import content_name
from comfy_gen.errors import (
    ArtifactGoneError,
    AssetFetchError,
    ComfyGenError,
    InputImageError,
    InvalidParameterError,
    StorageError,
)
from comfy_gen.pipeline.assets import FetchOptions, fetch
from comfy_gen.pipeline.media import is_picture, suffix_of
from comfy_gen.pipeline.preprocess import open_picture
from comfy_gen.pipeline.request import raise_all
from comfy_gen.workflows.graph import links
from comfy_gen.workflows.models import folder_of
from comfy_gen.workflows.roles import find_roles
from comfy_gen.workflows.slots import Slot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.pipeline.cache import AssetCache
    from comfy_gen.storage.store import ArtifactStore
    from comfy_gen.workflows.graph import Workflow

MAX_ASSETS = 100
"""More URLs in one workflow are no pictures to work on."""

UPLOADS = "comfygen://uploads/"
"""What begins the names of files that were uploaded to this service: whichever engine runs the job gets them."""
FOLDER = "uploads"
"""Where they lie in the store of artifacts."""

_URL = re.compile(rf"\s*((?:https?://|{re.escape(UPLOADS)})\S+)\s*", re.IGNORECASE)
_TEXTS = re.compile(
    r"(.*_)?(text|prompt|positive|negative|string|caption|tags|lyrics|prefix|suffix|delimiter|pattern)(_?[a-z0-9]{1,2})?"
    r"|find|replace|substring|clip_[lg]|t5xxl|llama|bert|mt5xl"
)
"""Inputs that are written or read as text, prompts above all."""
_ADDRESSES = re.compile(r".*urls?(_.*)?|(.*_)?(uri|endpoint|link|webhook|proxy|host|server)")
"""Inputs of nodes that want a URL, to ask it themselves."""
_UNSIGNED = KINDS["text"] | KINDS["3d"] | {".latent", ".exr", ".opus"}
"""Suffixes of files that begin with anything: here the URL's own suffix is believed."""


@dataclass(frozen=True, slots=True)
class GatherOptions:
    """How assets are fetched."""

    fetch: FetchOptions = field(default_factory=FetchOptions)
    at_once: int = 4
    """Of one workflow; each lies in memory while it is fetched."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A workflow whose assets are here, to be delivered to any engine."""

    workflow: Workflow
    """With the names that the files will have there."""
    uploads: Mapping[str, Path] = field(default_factory=dict[str, "Path"])
    """The files by these names."""
    places: Mapping[Slot, str] = field(default_factory=dict[Slot, str])
    """Where each name stands."""


def find_assets(workflow: Workflow) -> list[Slot]:
    """Return the places whose whole value is an http(s) URL of a file to work on, or names one that was uploaded.

    Left alone are texts, also those that are nothing but a URL, and inputs of nodes that want a URL. Names of models
    are too: an upload cannot put a model where it is looked for.
    """
    found = [
        Slot(node_id, name)
        for node_id, node in workflow.items()
        for name, value in node["inputs"].items()
        if isinstance(value, str) and _URL.fullmatch(value) and takes_file(str(node["class_type"]), name)
    ]
    if not found:
        return []  # as most workflows: there is no need to know its roles
    roles = find_roles(workflow)
    writers = {link.source for link in links(workflow) if _is_text(link.input_name)}
    return [slot for slot in found if slot not in {*roles.positive, *roles.negative} and slot.node_id not in writers]


def is_upload(url: str) -> bool:
    """Tell whether this names what was uploaded to this service, rather than what lies elsewhere."""
    return url.lower().startswith(UPLOADS)


def takes_file(class_type: str, input_name: str) -> bool:
    """Tell whether an input is one that is given files, as far as its name says."""
    return not (_is_text(input_name) or _ADDRESSES.fullmatch(input_name.lower()) or folder_of(class_type, input_name))


def _is_text(input_name: str) -> bool:
    return _TEXTS.fullmatch(input_name.lower()) is not None


async def gather(
    workflow: Workflow,
    cache: AssetCache,
    options: GatherOptions | None = None,
    *,
    store: ArtifactStore | None = None,
) -> Prepared:
    """Fetch every URL of a workflow once, and return it with the names of what was fetched in their places.

    What was uploaded is read from the ``store``.

    Raises:
        AssetFetchError, InputImageError: one URL gives nothing, or nothing that can be used.
        InvalidRequestError: several of them.
        StorageError: the cache does not take a file.
    """
    bounds = options or GatherOptions()
    slots = find_assets(workflow)
    if not slots:
        return Prepared(workflow)
    urls = {slot: str(slot.value(workflow)).strip() for slot in slots}
    files = await _fetch_all(list(dict.fromkeys(urls.values())), cache, bounds, store)
    prepared = copy.deepcopy(workflow)
    places = {slot: files[url].name for slot, url in urls.items()}
    for slot, name in places.items():
        slot.put(prepared, name)
    return Prepared(prepared, {path.name: path for path in files.values()}, places)


async def deliver(client: AsyncComfyUIClient, prepared: Prepared) -> Workflow:
    """Give an engine what it lacks of a workflow's assets, and return the workflow with the names that they got.

    Raises:
        EngineError: it does not take one.
        StorageError: one is not in the cache any more; gather again.
    """
    given = {name: await _upload(client, name, path) for name, path in prepared.uploads.items()}
    if all(name == new for name, new in given.items()):
        return prepared.workflow
    workflow = copy.deepcopy(prepared.workflow)
    for slot, name in prepared.places.items():
        slot.put(workflow, given[name])
    return workflow


async def _fetch_all(
    urls: Sequence[str], cache: AssetCache, bounds: GatherOptions, store: ArtifactStore | None
) -> dict[str, Path]:
    if len(urls) > MAX_ASSETS:
        raise AssetFetchError(urls[MAX_ASSETS], f"the workflow names more than {MAX_ASSETS} URLs")
    limit = asyncio.Semaphore(bounds.at_once)

    async def get(url: str) -> Path | ComfyGenError:
        async with limit:
            try:
                content = await _content(url, bounds, store)
                return await asyncio.to_thread(_keep, url, content, cache)
            except (AssetFetchError, InputImageError) as error:
                return error

    found = await asyncio.gather(*(get(url) for url in urls))
    raise_all([one for one in found if isinstance(one, ComfyGenError)])
    return {url: path for url, path in zip(urls, found, strict=True) if not isinstance(path, ComfyGenError)}


async def _content(url: str, bounds: GatherOptions, store: ArtifactStore | None) -> bytes:
    if not is_upload(url):
        return await fetch(url, bounds.fetch)
    if store is None:
        raise AssetFetchError(url, "nothing can be uploaded here")
    try:
        return b"".join([chunk async for chunk in store.read(f"{FOLDER}/{url[len(UPLOADS) :]}")])
    except (ArtifactGoneError, InvalidParameterError) as error:
        raise AssetFetchError(url, "nothing was uploaded under this name, or it was deleted") from error


def _keep(url: str, content: bytes, cache: AssetCache) -> Path:
    """Put what was fetched into the cache, once it is known to be of use; blocks."""
    name = name_of(content, source=url)
    if name is None:
        raise AssetFetchError(url, "what lies there is no picture, video, sound or other file that is known")
    return cache.keep(name, content)


def name_of(content: bytes, *, source: str) -> str | None:
    """Return the name that only this content has; None for what no workflow can use. Opens pictures, and blocks.

    Raises:
        InputImageError: it is a picture, and damaged or far too large.
    """
    suffix = usable_suffix(content, source=source)
    if is_picture(suffix):
        open_picture(content, source=source)
    return content_name(content, suffix=suffix) if suffix else None


def usable_suffix(head: bytes, *, source: str) -> str:
    """Return the suffix of a file that begins so and is called so; empty for what no workflow can use."""
    return suffix_of(head) or _believed(source)


def _believed(url: str) -> str:
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    return suffix if suffix in _UNSIGNED else ""


async def _upload(client: AsyncComfyUIClient, name: str, path: Path) -> str:
    """Return the name that an engine has a file under, uploaded if it lacks it."""
    if await client.has_file(FileRef(name, type="input")):
        return name
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise StorageError(name, error.strerror or str(error), "fetch it again.", "read") from error
    # Not over a file of this name: another job may have put it there meanwhile, and the engine may be reading it.
    answer = await client.upload_image(content, name=name)
    return "/".join(filter(None, (answer.get("subfolder"), answer.get("name")))) or name
