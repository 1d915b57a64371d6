from __future__ import annotations

import pytest

from comfy_gen.errors import (
    ComfyGenError,
    ModelDownloadError,
    ModelSourceError,
)
from comfy_gen.models.download import DownloadOptions, download
from tests.models.bad_server import (
    BreakOff,
    Garbage,
    Packed,
    Status,
    WrongRange,
    bad_server,
)
from tests.models.fetched import CONTENT, OPTIONS, fetch, names, offered


@pytest.mark.parametrize("status", [429, 503])
async def test_server_that_asks_for_patience_gets_it(target, status):
    waited = []

    async def wait(seconds):
        waited.append(seconds)

    async with bad_server(CONTENT, Status(status, (("Retry-After", "7"),))) as server:
        await download(offered(server.url), target, OPTIONS, pause=wait)
    assert waited == [7.0]


@pytest.mark.parametrize(("status", "says"), [(401, "login"), (403, "login"), (404, "no such file"), (451, "451")])
async def test_refusal_is_told_and_not_argued_with(target, status, says):
    async with bad_server(CONTENT, Status(status)) as server:
        with pytest.raises(ModelSourceError, match=says):
            await fetch(offered(server.url), target)
    assert len(server.requests) == 1
    assert names(target) == []


async def test_login_goes_to_the_first_host_and_no_further(target):
    async with bad_server(CONTENT) as there, bad_server() as here:
        here.routes = {"/file": (302, "/on"), "/on": (307, there.url)}
        await fetch(offered(here.url, headers={"Authorization": "Bearer secret"}), target)
    assert all(headers["authorization"] == "Bearer secret" for _, headers in here.requests)
    assert not any("authorization" in headers for _, headers in there.requests)
    assert {path for path, _ in here.requests} == {"/file", "/on"}


async def test_redirects_have_an_end(target):
    async with bad_server() as server:
        server.routes = {"/file": (302, "/file")}
        with pytest.raises(ModelSourceError, match="redirects more than 10 times"):
            await fetch(offered(server.url), target)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://127.1/", "", "http://["])
async def test_redirect_that_leads_astray_is_refused(target, location):
    async with bad_server() as server:
        server.routes = {"/file": (302, location)}
        with pytest.raises(ModelSourceError):
            await fetch(offered(server.url), target)
    assert names(target) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1"])
async def test_addresses_of_this_network_are_not_asked_unless_allowed(target, host):
    async with bad_server(CONTENT) as server:
        url = server.url.replace("127.0.0.1", host)
        with pytest.raises(ModelSourceError, match="public") as raised:
            await fetch(offered(url), target, DownloadOptions())
    assert "--allow-private" in raised.value.hint
    assert server.requests == []


async def test_login_in_a_url_is_told_to_nobody(target):
    told = []
    for fault in (Garbage(), Status(403), WrongRange(), Packed(), BreakOff()):
        async with bad_server(CONTENT, *[fault] * 99) as server:
            with pytest.raises(ComfyGenError) as raised:
                await fetch(offered(f"{server.url}?token=secret"), target, on_progress=told.append)
        assert "secret" not in f"{raised.value} {raised.value.hint}"
    assert "secret" not in str(told)
    assert "the server answers with what is no HTTP" in {one.note for one in told}


async def test_server_that_is_not_there_is_given_up(target):
    async with bad_server() as server:
        pass
    with pytest.raises(ModelDownloadError, match="connection refused"):
        await fetch(offered(server.url), target)


async def test_proxy_that_is_not_used_is_told_where_no_connection_is_made(target, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    async with bad_server() as server:
        pass
    with pytest.raises(ModelDownloadError) as raised:
        await fetch(offered(server.url), target)
    assert raised.value.hint.endswith("this machine has to reach the server.")
