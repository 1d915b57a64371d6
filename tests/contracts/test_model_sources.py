"""What every source of models does, on the servers that each of them asks."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from comfy_gen.errors import ModelReferenceError, ModelSourceError
from comfy_gen.models.reference import CivitaiVersion, HuggingFaceFile, WebFile, parse_reference
from comfy_gen.models.sources.civitai import CivitaiSource
from comfy_gen.models.sources.huggingface import HuggingFaceSource
from comfy_gen.models.sources.web import WebSource
from tests.models.sources.servers import civitai, hugging_face, served, web_server

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from comfy_gen.models.sources.source import Source


class Place(NamedTuple):
    """A source, and what is there and what is not."""

    source: Source[Any]
    there: HuggingFaceFile | CivitaiVersion | WebFile
    astray: HuggingFaceFile | CivitaiVersion | WebFile
    """A model whose server calls its file a path out of the folder."""
    missing: HuggingFaceFile | CivitaiVersion | WebFile


@asynccontextmanager
async def hub() -> AsyncGenerator[Place]:
    async with served(hugging_face()) as url:
        there, astray, missing = (HuggingFaceFile(f"maker/{name}") for name in ("styles", "evil", "nothing"))
        yield Place(HuggingFaceSource(url), there, astray, missing)


@asynccontextmanager
async def versions() -> AsyncGenerator[Place]:
    async with served(civitai()) as url:
        yield Place(CivitaiSource(url), CivitaiVersion(7), CivitaiVersion(8), CivitaiVersion(1))


@asynccontextmanager
async def addresses() -> AsyncGenerator[Place]:
    async with served(web_server()) as url:
        there, astray, missing = (WebFile(f"{url}/{path}") for path in ("vae/plain.safetensors", "download", "gone"))
        yield Place(WebSource(allow_private=True), there, astray, missing)


@pytest.fixture(params=[hub, versions, addresses])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """One of the sources."""
    async with request.param() as one:
        yield one


async def test_offer_says_what_comes_and_how_it_is_asked_for(place: Place) -> None:
    offer = await place.source.find(place.there)
    assert offer.model.file.endswith(".safetensors")
    assert offer.url.startswith("http://127.0.0.1:")
    assert offer.model.page


async def test_source_of_an_offer_leads_to_the_same_model_again(place: Place) -> None:
    offer = await place.source.find(place.there)
    assert await place.source.find(parse_reference(offer.model.source)) == offer


async def test_name_of_a_file_is_never_a_path(place: Place) -> None:
    name = (await place.source.find(place.astray)).model.file
    assert name
    assert not set(name) & set("/\\")
    assert not name.startswith(".")


async def test_what_is_not_there_is_refused_with_a_reason(place: Place) -> None:
    with pytest.raises((ModelSourceError, ModelReferenceError)) as caught:
        await place.source.find(place.missing)
    assert caught.value.message


async def test_what_a_search_tells_can_be_found(place: Place) -> None:
    for found in await place.source.search("styles", limit=5):
        assert (await place.source.find(parse_reference(found.model.source))).model.file == found.model.file


async def test_search_tells_no_more_than_asked_for(place: Place) -> None:
    assert len(await place.source.search("maker", limit=1)) <= 1
