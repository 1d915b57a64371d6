"""ComfyUI's own page is sent as browsers need it, and to nobody who may not look."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest

from comfy_gen.api.dialects.comfyui import frontend
from comfy_gen.api.dialects.comfyui.frontend import PAGE, folder_of, page_in, policy_of
from tests.components import require

if TYPE_CHECKING:
    import httpx

    from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def package() -> None:
    """The package that has the page."""
    require(page_in(PAGE), PAGE, "uv sync --extra frontend")


async def test_page_is_in_a_folder_of_its_own(desk: Served, ada: httpx.AsyncClient) -> None:
    answer = await desk.client.get("/comfyui")
    assert (answer.status_code, answer.headers["location"]) == (307, "/comfyui/")
    for path in ("", "index.html"):
        page = await ada.get(path)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert page.headers["cache-control"] == "no-cache"
        assert "ComfyUI" in page.text
        # It is below a folder here: all that it loads is named from where it is.
        assert not re.findall(r'(?:src|href)="/', page.text)
    assert (await ada.head("")).status_code == 200


async def test_page_asks_nobody_else_and_runs_what_is_written_into_it(ada: httpx.AsyncClient) -> None:
    policy = dict(
        one.strip().split(" ", 1) for one in (await ada.get("")).headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self' data: blob:"
    assert "unsafe-inline" not in policy["script-src"]
    assert "'sha256-" in policy["script-src"]
    assert not any("http" in value for value in policy.values())


async def test_script_of_the_page_is_known_by_its_digest() -> None:
    policy = policy_of("<script>a()</script><script src='b'></script><script>\nc()\n</script>")
    assert policy.count("'sha256-") == 2
    assert "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" in policy_of("<script>alert(1)</script>")


async def test_who_has_no_key_is_asked_for_one_as_a_browser_asks_for_a_password(
    desk: Served, ada: httpx.AsyncClient
) -> None:
    refused = await desk.client.get("/comfyui/")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (
        401,
        'Basic realm="ComfyGen", charset="UTF-8"',
    )
    assert refused.headers["content-type"] == "text/html; charset=utf-8"
    given = base64.b64encode(f"anybody:{ada.headers['x-api-key']}".encode()).decode()
    admitted = await desk.client.get("/comfyui/", headers={"Authorization": f"Basic {given}"})
    assert admitted.status_code == 200


async def test_what_the_page_loads_needs_no_key_and_is_loaded_once(desk: Served, ada: httpx.AsyncClient) -> None:
    script = re.findall(r'src="\./(assets/index-[^"]+\.js)"', (await ada.get("")).text)[0]
    loaded = await desk.client.get(f"/comfyui/{script}")
    assert (loaded.status_code, loaded.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "immutable" in loaded.headers["cache-control"]
    assert loaded.headers["x-content-type-options"] == "nosniff"
    known = await desk.client.get(f"/comfyui/{script}", headers={"If-None-Match": loaded.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    other = await desk.client.get("/comfyui/materialdesignicons.min.css")
    assert (other.headers["content-type"], other.headers["cache-control"]) == ("text/css; charset=utf-8", "no-cache")


@pytest.mark.parametrize("path", ["..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/etc/passwd", "assets/../../../x", "nope.js"])
async def test_what_is_no_file_of_the_page_is_not_found(desk: Served, path: str) -> None:
    answer = await desk.client.get(f"/comfyui/{path}")
    assert answer.status_code == 404


async def test_style_sheet_that_nobody_made_is_empty(desk: Served) -> None:
    answer = await desk.client.get("/comfyui/user.css")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/css")


async def test_workflows_are_offered_if_they_are_installed(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    require(folder_of(frontend.TEMPLATES[1], "templates"), frontend.TEMPLATES[1], "make install")
    listed = (await desk.client.get("/comfyui/templates/index.json")).json()
    name = listed[0]["templates"][0]["name"]
    assert "nodes" in (await desk.client.get(f"/comfyui/templates/{name}.json")).json()
    monkeypatch.setattr(frontend, "TEMPLATES", ("no_such_package",))
    assert (await desk.client.get("/comfyui/templates/index.json")).json() == []
    assert (await desk.client.get(f"/comfyui/templates/{name}.json")).status_code == 404


async def test_who_installed_no_page_is_told_how_to(
    desk: Served, ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontend, "PAGE", "no_such_package")
    answer = await ada.get("")
    assert (answer.status_code, "comfygen-server[frontend]" in answer.text) == (200, True)
    assert (await desk.client.get("/comfyui/assets/x.js")).status_code == 404
