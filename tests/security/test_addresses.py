"""Nobody makes this service ask its own network for anything, however the address is written."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from comfy_gen.errors import AssetFetchError
from comfy_gen.guard import GuardedResolver
from comfy_gen.pipeline.assets import fetch
from comfy_gen.webhooks.delivery import Deliverer
from comfy_gen.webhooks.schedule import Delivery
from tests.api.conftest import picture_graph
from tests.security.operations import DOCUMENT
from tests.served import Elsewhere

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0x7f000001",
    "①②⑦.⓪.⓪.①",
    "１２７.０.０.１",  # noqa: RUF001  # the point of it
    "127。0。0。1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[2002:7f00:1::]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::127.0.0.1]",
    "[2001:0:7f00:1::]",
    "[fe80::1%25lo]",
    "[fe80::1]",
    "[fec0::1]",
    "[fd00::1]",
    "[ff02::1]",
    "localhost",
    "LOCALHOST.",
    "me:pw@127.0.0.1",
    "example.com@127.0.0.1",
    "example.com:80@[::1]",
    "127.0.0.1#@example.com",
    "127.0.0.1?@example.com",
    "127.0.0.1\\@example.com",
]
SCHEMES = [
    "file:///etc/passwd",
    "gopher://127.0.0.1/_x",
    "ftp://127.0.0.1/x",
    "data:image/png;base64,AA==",
    "//127.0.0.1/x",
]
WRITTEN = [*(f"http://{host}/a.png" for host in PRIVATE), *SCHEMES]


NAMES = {"localhost", "LOCALHOST.", "0x7f.0.0.1", "0x7f000001", "127.0.0.1\\@example.com"}
"""What is a name to whoever reads it, so that the resolver says where it leads."""


def hook(url: str) -> Delivery:
    return Delivery("one", "job", url, b"{}", attempts=0, next_at=0.0)


@pytest.fixture
def resolved(monkeypatch) -> list[str]:
    """Names that were asked for; only those of this machine are known, as the system's resolver knows them."""
    asked: list[str] = []
    really = socket.getaddrinfo

    def look_up(host: str, *args: Any, **options: Any) -> Any:
        asked.append(host)
        if host.lower().rstrip(".") == "localhost" or not host.rstrip(".").replace(".", "").isalpha():
            return really(host, *args, **options)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("url", WRITTEN)
async def test_nothing_is_fetched_from_this_network(resolved, url):
    with pytest.raises(AssetFetchError):
        await fetch(url)


@pytest.mark.parametrize("url", WRITTEN)
async def test_no_webhook_is_sent_into_this_network(resolved, url):
    async with Deliverer() as deliverer:
        result = await deliverer.send(hook(url), 1.0)
    assert result.status is None
    assert result.error


async def test_site_on_this_machine_hears_nothing(resolved):
    with Elsewhere() as site:
        port = site.url.rpartition(":")[2]
        for host in PRIVATE:
            url = f"http://{host}:{port}/a.png" if "@" not in host[-12:] else f"http://{host}/a.png"
            with pytest.raises(AssetFetchError):
                await fetch(url)
            async with Deliverer() as deliverer:
                await deliverer.send(hook(url), 1.0)
    assert (site.fetched, site.told.qsize()) == ([], 0)


async def test_address_of_this_network_is_refused_before_there_is_a_job(served):
    login = {"access_key_id": "a", "secret_access_key": "b", "bucket_name": "bucket"}
    for host in [host for host in PRIVATE if host not in NAMES]:
        for said in ({"webhook": {"url": f"http://{host}/x"}}, {"s3": {**login, "endpoint_url": f"http://{host}/x"}}):
            answer = await served.client.post("/generate", json={"input": {"workflow_json": picture_graph(), **said}})
            assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_parameter"), said
            answer = await served.client.post("/compose", json={"input": "@cat", **said})
            assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_parameter"), said
    assert (await served.client.get("/jobs")).json()["jobs"] == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
async def test_picture_of_this_network_fails_the_job_and_is_not_asked_for(served, host):
    with Elsewhere() as site:
        url = f"http://{host}:{site.url.rpartition(':')[2]}/a.png"
        loaded = {
            "1": {"class_type": "LoadImage", "inputs": {"image": url}},
            "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
        }
        bodies = [
            {"input": {"workflow_json": loaded}},
            {"input": {"modifier": "Image2Image", "modifications": {"prompt": "x", "input_image": url}}},
            {"prompt": "x", "input_image": url},
        ]
        for body in bodies:
            answer = await served.client.post("/generate/sync", json=body)
            assert answer.status_code == 422 or answer.json()["error"]["code"] == "asset_fetch_failed", answer.text
    assert site.fetched == []


async def test_picture_is_asked_for_neither_to_be_validated_nor_to_be_scored(served):
    with Elsewhere() as site:
        url = f"{site.url}/a.png"
        checked = await served.client.post("/workflows/validate", json={"prompt": "x", "input_image": url})
        scored = await served.client.post("/score", json={"prompt": "x", "image": url})
    assert (checked.status_code, scored.status_code) == (200, 422), checked.text + scored.text
    assert site.fetched == []


async def test_name_that_changes_its_mind_is_looked_at_each_time(monkeypatch):
    answers = iter(["93.184.216.34", "127.0.0.1", "::1"])

    def look_up(host: str, port: int, *_: Any, **__: Any) -> Any:
        address = next(answers)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port, 0, 0) if ":" in address else (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    resolver = GuardedResolver(allow_private=False)
    assert [one["host"] for one in await resolver.resolve("rebind.example", 80)] == ["93.184.216.34"]
    for _ in range(2):
        with pytest.raises(OSError, match="no public address"):
            await resolver.resolve("rebind.example", 80)
    await resolver.close()


async def test_of_a_name_with_both_kinds_of_addresses_only_the_public_are_used(monkeypatch):
    def look_up(host: str, port: int, *_: Any, **__: Any) -> Any:
        hosts = ("127.0.0.1", "93.184.216.34", "169.254.169.254")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in hosts]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    resolver = GuardedResolver(allow_private=False)
    assert [one["host"] for one in await resolver.resolve("both.example", 80)] == ["93.184.216.34"]
    await resolver.close()


def test_everything_that_takes_an_address_is_known_here():
    """A new field with a URL in it needs a test above, and this one then its name."""
    schemas = DOCUMENT["components"]["schemas"]
    taken = {
        f"{kind}.{name}"
        for kind, schema in schemas.items()
        if kind.endswith(("Body", "Input"))
        for name in schema.get("properties", {})
        if "url" in name or "uri" in name or "endpoint" in name or "image" in name
    }
    pictures = {"PromptBody.input_image", "ScoreBody.image", "ValidateBody.input_image"}
    assert taken == {"EngineBody.url", "S3Body.endpoint_url", "WebhookBody.url", *pictures}
