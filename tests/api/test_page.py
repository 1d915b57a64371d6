from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest
from fastapi import FastAPI

from comfy_gen.api import page
from tests.components import require


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [(tag, value) for name, value in attrs if name in {"href", "src", "action"}]


@pytest.fixture
async def client():
    app = FastAPI(docs_url=None, redoc_url=None)
    app.include_router(page.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here:8000") as client:
        yield client


@pytest.fixture
def swagger():
    require("swagger-ui.css" in page.assets(), "Swagger UI", "pip install fastapi-swagger")


async def test_start_page_says_how_to_begin(client):
    answer = await client.get("/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "curl -sS 'http://here:8000/generate/sync?timeout=300'" in answer.text
    assert ("a", "docs") in Links(answer.text).found
    assert "$" not in answer.text


async def test_host_of_the_request_is_no_html(client):
    answer = await client.get("/", headers={"Host": "<script>alert(1)</script>"})
    assert "<script>" not in answer.text


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_pages_ask_nobody_else(client, path):
    answer = await client.get(path)
    assert not [link for link in Links(answer.text).found if re.match(r"(https?:)?//", link[1])]
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy
    assert "script-src 'unsafe" not in policy


async def test_documentation_loads_what_is_there(client, swagger):
    loaded = [link for _, link in Links((await client.get("/docs")).text).found if "assets" in link]
    assert len(loaded) == 3
    for link in loaded:
        answer = await client.get(f"/{link}")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(("text/css", "text/javascript", "application/javascript"))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["nothing", "start.html", "..%2Fpage.py", "%2Fetc%2Fpasswd"])
async def test_nothing_else_is_handed_out(client, name):
    assert (await client.get(f"/docs/assets/{name}")).status_code == 404


async def test_pages_are_no_part_of_the_api(client):
    assert (await client.get("/openapi.json")).json()["paths"] == {}
