from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI

from comfy_gen import studio
from comfy_gen.api import studio as routes


@pytest.fixture(params=["", "/images"], ids=["at the root", "behind a proxy"])
async def client(request):
    app = FastAPI()
    app.include_router(routes.router)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, root_path=request.param), base_url="http://here"
    ) as client:
        client.root = request.param
        yield client


def in_page(text):
    return re.findall(r'(?:href|src)="([^"]+)"', text)


async def test_studio_begins_with_its_first_view(client):
    answer = await client.get("/studio")
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{client.root}/studio/create")


@pytest.mark.parametrize("view", studio.VIEWS)
async def test_each_view_is_the_page_and_all_that_it_loads_is_there(client, view):
    answer = await client.get(f"/studio/{view}")
    assert answer.status_code == 200
    assert "$" not in answer.text
    assert f'data-root="{client.root}"' in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"
    loaded = in_page(answer.text)
    assert len(loaded) > 5
    for address in loaded:
        assert address.startswith(f"{client.root}/studio/files/")
        assert (await client.get(address.removeprefix(client.root))).status_code == 200


async def test_page_trusts_nobody_and_nothing_that_is_written_into_it(client):
    answer = await client.get("/studio/create")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", answer.text)


async def test_other_addresses_are_not_found(client):
    for path in ("/studio/nothing", "/studio/files/x/nothing.js", "/studio/files/x/../../__init__.py"):
        assert (await client.get(path)).status_code == 404


async def test_files_are_kept_for_ever_under_their_stamp_and_asked_for_under_another(client):
    now = await client.get(f"/studio/files/{studio.stamp()}/main.js")
    assert now.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    before = await client.get("/studio/files/0123456789ab/main.js")
    assert (before.status_code, before.headers["Cache-Control"]) == (200, "no-cache")
    again = await client.get("/studio/files/0123456789ab/main.js", headers={"If-None-Match": before.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_files_are_sent_small_to_those_who_can_read_that(client):
    path = f"/studio/files/{studio.stamp()}/core/signals.js"
    small = await client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert small.content == plain.content
    assert int(small.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
    assert small.headers["Content-Type"] == "text/javascript; charset=utf-8"
