import socket

import pytest
from aiohttp import web

from comfy_gen.errors import AssetFetchError
from comfy_gen.pipeline.assets import FetchOptions, GuardedResolver, fetch, is_public, is_url

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


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_public(address, public):
    assert is_public(address) is public


async def test_resolver_gives_private_addresses_only_where_allowed():
    resolver = GuardedResolver(allow_private=True)
    assert (await resolver.resolve("localhost", 80))[0]["host"] == "127.0.0.1"
    await resolver.close()


async def test_other_schemes_are_refused():
    with pytest.raises(AssetFetchError, match="only http and https"):
        await fetch("file:///etc/passwd", OPEN)


def test_what_has_a_scheme_is_a_url():
    assert is_url("https://example.org/a.png")
    assert is_url("FILE:///etc/passwd")
    assert not is_url("picture.png")
