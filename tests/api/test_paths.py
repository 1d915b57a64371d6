from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from comfy_gen.api.paths import path_of

if TYPE_CHECKING:
    from tests.api.conftest import Served


@pytest.mark.parametrize(
    ("root", "path", "found"),
    [
        ("", "/session", "/session"),
        ("/images", "/images/session", "/session"),
        ("/images/", "/images/session", "/session"),
        ("/images", "/session", "/session"),
        ("/images", "/images2/session", "/images2/session"),
        ("/images", "/images", "/images"),
    ],
)
def test_path_is_that_of_the_route(root, path, found):
    assert path_of({"path": path, "root_path": root}) == found


async def test_service_behind_a_proxy_lets_a_browser_in_and_takes_uploads(served: Served):
    _, key = await served.service.keys.create("anna", now=1.0)
    transport = httpx.ASGITransport(served.app, root_path="/images")
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/images") as browser:
        assert (await browser.post("/session", json={"key": key})).status_code == 204
        said = {"Content-Type": "application/octet-stream"}
        assert (await browser.post("/uploads", content=b"no picture", headers=said)).status_code == 422
        assert (await browser.get("/session")).json()["with"] == "cookie"
