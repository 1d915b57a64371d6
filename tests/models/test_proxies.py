from __future__ import annotations

import aiohttp
import pytest

from comfy_gen.models.proxies import proxy_advice

NAMES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
REFUSED = aiohttp.ClientConnectorError(None, ConnectionRefusedError())


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
@pytest.mark.parametrize("error", [REFUSED, aiohttp.ConnectionTimeoutError(), TimeoutError()])
def test_proxy_that_is_not_used_is_told_where_a_connection_is_not_made(monkeypatch, name, error):
    monkeypatch.setenv(name, "http://user:secret@proxy:3128")
    said = proxy_advice(error)
    assert said.startswith("HTTPS_PROXY is set, and files are fetched without a proxy")
    assert "secret" not in said


def test_nothing_is_said_of_proxies_where_none_is_set():
    assert proxy_advice(REFUSED) == ""


def test_nothing_is_said_of_proxies_where_the_server_was_reached(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "http://proxy:3128")
    assert proxy_advice(aiohttp.ServerDisconnectedError()) == ""
    assert proxy_advice(REFUSED).startswith("ALL_PROXY")
