import socket

import pytest

from comfy_gen.errors import ModelSourceError
from comfy_gen.models.model import Model
from comfy_gen.models.reference import WebFile
from comfy_gen.models.sources import web as source
from comfy_gen.models.sources.web import WebSource
from tests.models.bad_server import Garbage, bad_server
from tests.models.sources.servers import CONTENT, served, web_server

OPEN = WebSource(allow_private=True)


@pytest.fixture
async def url():
    async with served(web_server()) as url:
        yield url


async def test_file_is_found_by_its_address(url):
    offer = await OPEN.find(WebFile(f"{url}/vae/plain.safetensors"))
    assert offer.model == Model(
        file="plain.safetensors",
        folder="vae",
        source=f"{url}/vae/plain.safetensors",
        size=len(CONTENT),
        page="http://127.0.0.1",
    )
    assert (offer.url, dict(offer.headers)) == (f"{url}/vae/plain.safetensors", {})


async def test_name_that_the_server_gives_is_made_plain(url):
    model = (await OPEN.find(WebFile(f"{url}/download"))).model
    assert model.file.endswith("named.safetensors")
    assert "/" not in model.file
    assert model.size == len(CONTENT)


async def test_name_of_the_place_that_it_moved_to_is_better_than_none(url):
    offer = await OPEN.find(WebFile(f"{url}/moved"))
    assert (offer.model.file, offer.url) == ("plain.safetensors", f"{url}/moved")


async def test_length_that_is_not_told_is_not_known(url):
    assert (await OPEN.find(WebFile(f"{url}/odd.safetensors"))).model.size is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/gone", "status 404"),
        ("/round", "redirects more than 5 times"),
        ("/to-file", "only http and https"),
        ("/page.safetensors", "a page there"),
        ("/", "what the file is called"),
    ],
)
async def test_what_is_no_file_says_why(url, path, reason):
    with pytest.raises(ModelSourceError) as caught:
        await OPEN.find(WebFile(url + path))
    assert reason in caught.value.message


async def test_address_of_this_machine_is_refused_by_default(url):
    with pytest.raises(ModelSourceError) as caught:
        await WebSource().find(WebFile(f"{url}/vae/plain.safetensors"))
    assert "not public" in caught.value.message
    assert "--allow-private" in caught.value.hint


async def test_nobody_there_says_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ModelSourceError, match="connection refused"):
            await OPEN.find(WebFile(f"http://127.0.0.1:{taken.getsockname()[1]}/x.safetensors"))


async def test_silent_server_is_given_up(monkeypatch):
    monkeypatch.setattr(source, "TIMEOUT", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(ModelSourceError, match="nothing came for too long"):
            await OPEN.find(WebFile(f"http://127.0.0.1:{silent.getsockname()[1]}/x.safetensors"))


async def test_search_finds_nothing():
    assert await OPEN.search("anything") == []


async def test_name_of_this_machine_is_refused_as_such_and_not_as_unknown(url):
    with pytest.raises(ModelSourceError, match="localhost has no public address") as caught:
        await WebSource().find(WebFile(f"{url.replace('127.0.0.1', 'localhost')}/vae/plain.safetensors"))
    assert "--allow-private" in caught.value.hint


async def test_login_in_an_address_is_told_to_nobody():
    async with bad_server(b"", Garbage()) as server:
        with pytest.raises(ModelSourceError) as caught:
            await OPEN.find(WebFile(f"{server.url}?token=secret"))
    assert "secret" not in f"{caught.value} {caught.value.hint}"
    assert "what is no HTTP" in caught.value.message


async def test_proxy_that_is_not_used_is_told_where_no_connection_is_made(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    with pytest.raises(ModelSourceError) as caught:
        await OPEN.find(WebFile("http://127.0.0.1:9/x.safetensors"))
    assert "HTTPS_PROXY is set" in caught.value.hint
