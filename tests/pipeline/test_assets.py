import socket

import pytest
from aiohttp import web

from comfy_gen.errors import AssetFetchError
from comfy_gen.pipeline.assets import FetchOptions, fetch, is_url

OPEN = FetchOptions(allow_private=True, max_bytes=1000, max_redirects=2)


async def answer(request):
    match request.match_info["name"]:
        case "picture":
            return web.Response(body=b"pixels")
        case "large":
            return web.Response(body=b"x" * 1001)
        case "moved":
            raise web.HTTPFound("/picture")
        case "round":
            raise web.HTTPFound("/round")
        case "away":
            raise web.HTTPFound("file:///etc/passwd")
        case _:
            raise web.HTTPNotFound


@pytest.fixture
async def origin():
    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize("path", ["/picture", "/moved"])
async def test_content_is_fetched_through_redirects(origin, path):
    assert await fetch(origin + path, OPEN) == b"pixels"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/large", "larger than 0 MiB"),
        ("/gone", "status 404"),
        ("/round", "redirects more than 2 times"),
        ("/away", "only http and https"),
    ],
)
async def test_what_cannot_be_had_says_why(origin, path, reason):
    with pytest.raises(AssetFetchError, match=reason):
        await fetch(origin + path, OPEN)


async def test_address_of_this_machine_is_refused_by_default(origin):
    with pytest.raises(AssetFetchError, match="not public"):
        await fetch(origin + "/picture")


async def test_address_in_fullwidth_digits_is_refused_by_default(origin):
    with pytest.raises(AssetFetchError, match="not public"):
        await fetch(origin.replace("127", "１２７") + "/picture")  # noqa: RUF001  # the point of it


async def test_name_that_stands_for_this_machine_is_refused_by_default(origin):
    with pytest.raises(AssetFetchError, match="localhost"):
        await fetch(origin.replace("127.0.0.1", "localhost") + "/picture")


async def test_nobody_there_says_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(AssetFetchError, match="connection refused"):
            await fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/x", OPEN)


async def test_patience_ends():
    with pytest.raises(AssetFetchError, match="more than 0 s"):
        await fetch("http://127.0.0.1:9/", FetchOptions(timeout=0.0, allow_private=True))


async def test_other_schemes_are_refused():
    with pytest.raises(AssetFetchError, match="only http and https"):
        await fetch("file:///etc/passwd", OPEN)


def test_what_has_a_scheme_is_a_url():
    assert is_url("https://example.org/a.png")
    assert is_url("FILE:///etc/passwd")
    assert not is_url("picture.png")
