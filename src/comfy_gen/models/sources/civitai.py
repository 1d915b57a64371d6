"""Civitai as a source of models, over its public REST API.

https://developer.civitai.com/site/reference/models and …/model-versions tell what it answers.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import aiohttp

from comfy_gen.errors import ModelReferenceError, ModelSourceError
from comfy_gen.models.hops import said_of
from comfy_gen.models.model import Offer
from comfy_gen.models.proxies import proxy_advice
from comfy_gen.models.reference import CivitaiVersion
from comfy_gen.models.sources.civitai_answers import (
    FOLDERS,
    best_file,
    entries,
    file_names,
    found_in,
    mapping,
    model_of,
    number,
    text,
)
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from comfy_gen.models.sources.civitai_answers import Json
    from comfy_gen.models.sources.source import Found

NAME = "Civitai"
OFFICIAL = "https://civitai.com"
TIMEOUT = 30.0
"""Seconds for an answer."""
MAX_BYTES = 16 * 2**20
"""Of an answer: a hundred models with all their versions are a few megabytes."""
MOST = 100
"""What the API gives at a time."""
_LOGIN = "make a key in your account on Civitai and put it in CIVITAI_TOKEN."


class CivitaiSource:
    """The models of Civitai, or of a server that speaks as it does."""

    def __init__(self, url: str = OFFICIAL, *, token: str = "") -> None:
        self._url = url.rstrip("/")
        self._token = token

    async def find(self, reference: CivitaiVersion) -> Offer:
        """Return a file of a version: the one that is named, or the one that is safest and that Civitai puts first.

        Raises:
            ModelReferenceError: the version has no such file.
            ModelSourceError: there is no such version, it is not for this account, or the server does not answer.
        """
        async with self._session() as session:
            version = reference.version or await self._newest(session, reference.model)
            told = await self._ask(session, f"/api/v1/model-versions/{version}", f"version {version}")
            model_id = number(told.get("modelId"))
            # The licence is the model's, and its type is told in both.
            model = await self._ask(session, f"/api/v1/models/{model_id}", f"model {model_id}") if model_id else {}
        return self._offer(reference, told, {**mapping(told.get("model")), **model})

    async def search(self, search: str, *, folder: str = "", limit: int = 20) -> list[Found]:
        """Return the models that a text finds, without those for adults.

        Raises:
            ModelSourceError: the server does not answer.
        """
        types = [kind for kind, where in FOLDERS.items() if folder in ("", where)]
        if not types:
            return []
        asked = {"query": search, "limit": str(min(limit, MOST)), "nsfw": "false", "types": ",".join(types)}
        async with self._session() as session:
            answer = await self._ask(session, "/api/v1/models", "such search", asked)
        clean = [item for item in entries(answer.get("items")) if item.get("nsfw") is not True]
        return [found for item in clean if (found := found_in(item))][:limit]

    async def _newest(self, session: aiohttp.ClientSession, model: int) -> int:
        told = await self._ask(session, f"/api/v1/models/{model}", f"model {model}")
        version = next((number(one.get("id")) for one in entries(told.get("modelVersions"))), 0)
        if not version:
            raise ModelSourceError(NAME, f"model {model} has no version", f"look at {OFFICIAL}/models/{model}")
        return version

    def _offer(self, reference: CivitaiVersion, version: Json, model: Mapping[str, Any]) -> Offer:
        file = best_file(version, reference.file)
        told = model_of(version, file, model)
        if not told.file:
            identity = number(version.get("id"))
            names = nearest_names(reference.file, file_names(version), 3)
            nearest = [str(CivitaiVersion(identity, name)) for name in names]
            raise ModelReferenceError(str(reference), "that version has no such file", nearest)
        # Civitai tells KiB with so many digits that it may be off by a byte: only the server that sends knows.
        url = urljoin(
            f"{self._url}/", text(file.get("downloadUrl"), 2000) or f"api/download/models/{version.get('id')}"
        )
        return Offer(model=told, url=url, headers=self._headers() if _is_of(url, self._url) else {})

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(trust_env=False, timeout=aiohttp.ClientTimeout(total=None))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    async def _ask(
        self, session: aiohttp.ClientSession, path: str, what: str, params: Mapping[str, str] | None = None
    ) -> Json:
        """Return an answer; redirects are not followed, for the API has none and the token would go along."""
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                session.get(
                    self._url + path, params=params, headers=self._headers(), allow_redirects=False
                ) as response,
            ):
                return await self._read(response, what)
        except (aiohttp.ClientError, OSError) as error:
            advice = "see whether this machine reaches it; models.civitai_url names another server."
            advice = f"{advice} {proxy_advice(error)}".rstrip()
            raise ModelSourceError(NAME, f"{self._url} does not answer: {said_of(error)}", advice) from error

    async def _read(self, response: aiohttp.ClientResponse, what: str) -> Json:
        match response.status:
            case 200:
                return self._parsed(await _bounded(response, self._url))
            case 404:
                raise ModelSourceError(NAME, f"it has no {what}", "copy the address of the model's page.")
            case 401 | 403:
                raise ModelSourceError(NAME, f"it gives {what} to accounts only (status {response.status})", _LOGIN)
            case 429:
                raise ModelSourceError(NAME, "it was asked too often", "try later.")
            case status:
                raise ModelSourceError(NAME, f"{self._url} answers with status {status}", "try later.")

    def _parsed(self, content: bytes) -> Json:
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise _unlike(self._url) from error
        if not isinstance(answer, dict):
            raise _unlike(self._url)
        return mapping(answer)  # pyright: ignore[reportUnknownArgumentType]  # foreign JSON


async def _bounded(response: aiohttp.ClientResponse, url: str) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > MAX_BYTES:
            raise _unlike(url)
    return bytes(content)


def _unlike(url: str) -> ModelSourceError:
    return ModelSourceError(NAME, f"{url} answers otherwise than Civitai does")


def _is_of(url: str, origin: str) -> bool:
    """Tell whether an address is of the server whose token it would get."""
    one, other = urlsplit(url), urlsplit(origin)
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)
