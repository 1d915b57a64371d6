"""ComfyUI's own page in a Chromium: it loads below a path, queues its default workflow, and shows the picture."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from comfy_gen.api.dialects.comfyui.frontend import PAGE, page_in
from comfy_gen.sandbox import SandboxOptions
from tests.background import BackgroundSandbox
from tests.components import require
from tests.served import ServedProcess, environment_of
from tests.studio.browser import PATIENCE, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Request, Response, WebSocket

KEY = "cg_for_the_page_of_a_test"
ABSENT = ("dir=workflows", "dir=subgraphs", "comfy.templates.json")
"""What the page asks for that nobody has saved yet: a ComfyUI, too, answers 404."""
ICONS = "/assets/"
"""Where the page looks for its icons, though it may be below a path."""
REPORTS = "api.comfy.org/releases"
"""Where the page would ask for newer versions of itself, if it were let."""
READY = "() => window.app?.graph?.nodes?.length > 0"
SHOWN = "() => window.app.graph.nodes.some((one) => one.type === 'SaveImage' && one.imgs?.[0]?.naturalWidth === 1024)"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service that asks for a key, and knows somebody who has seen the page before."""
    require(page_in(PAGE), PAGE, "uv sync --extra frontend")
    folder = tmp_path_factory.mktemp("page")
    more = {"COMFYGEN_API_KEY": KEY, "COMFYGEN_POLICY_CHECK_PICTURES": "no"}
    with (
        BackgroundSandbox(SandboxOptions(step_time=0.001)) as engine,
        ServedProcess(folder, environment_of(engine.url, folder, **more)) as served,
    ):
        said = json.dumps({"Comfy.TutorialCompleted": True}).encode()
        request = urllib.request.Request(f"{served.url}/comfyui/api/settings", said, {"X-API-Key": KEY})
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200
        yield served


@pytest.fixture(scope="module")
def browser(service: ServedProcess) -> Iterator[Browser]:
    """A Chromium."""
    del service  # it takes longest where there is no browser
    with chromium() as found:
        yield found


class Witness:
    """What a page asked whom, and what it said of that."""

    def __init__(self, page: Page, url: str) -> None:
        self._own = urlsplit(url).netloc
        self.elsewhere: list[str] = []
        self.refused: list[str] = []
        self.said: list[str] = []
        self.sockets: list[str] = []
        page.on("requestfinished", self._note_request)
        page.on("requestfailed", self._note_request)
        page.on("response", self._note_response)
        page.on("websocket", self._note_socket)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", lambda message: self._note_line(message.type, message.text, message.location.get("url", "")))

    def _note_request(self, request: Request) -> None:
        is_own = urlsplit(request.url).netloc in {"", self._own}
        if not is_own and request.failure != "csp":  # what the policy forbids is never sent
            self.elsewhere.append(request.url)

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and not _is_expected(response.url):
            self.refused.append(f"{response.status} {response.url}")

    def _note_socket(self, socket: WebSocket) -> None:
        self.sockets.append(socket.url)

    def _note_line(self, kind: str, text: str, where: str) -> None:
        if kind == "error" and REPORTS not in text and not _is_expected(where):
            self.said.append(f"{text} ({where})")


def _is_expected(url: str) -> bool:
    return any(part in url for part in ABSENT) or urlsplit(url).path.startswith(ICONS)


def test_default_workflow_is_queued_and_its_picture_shown(browser: Browser, service: ServedProcess) -> None:
    url = f"{service.url}/comfyui/"
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, http_credentials={"username": "anybody", "password": KEY}
    )
    page = context.new_page()
    page.set_default_timeout(3 * PATIENCE)
    witness = Witness(page, url)
    page.goto(url)
    page.wait_for_function(READY)
    page.get_by_label("Fit View (.)").click()  # only nodes that are in sight load their pictures
    page.get_by_test_id("queue-button").click()
    page.wait_for_function(SHOWN)
    assert witness.sockets[0].startswith(f"ws://{urlsplit(url).netloc}/comfyui/ws")
    assert witness.elsewhere == []
    assert witness.refused == []
    assert witness.said == []
    context.close()
