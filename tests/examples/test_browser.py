"""A page of another site, in a Chromium, that has a picture made and is told how it goes."""

from __future__ import annotations

import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from comfy_gen.sandbox import SandboxOptions
from tests.background import BackgroundSandbox
from tests.served import ServedProcess, environment_of
from tests.studio.browser import chromium

PAGE = Path(__file__).parents[2] / "examples" / "browser" / "page.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Another site: a folder that anybody may put a page in, and its address."""
    folder = tmp_path_factory.mktemp("site")

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, format, *args):  # noqa: A002  # as the base class calls it
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def address(site, tmp_path_factory):
    """The page's address, where it asks a service that lets pages of that site ask."""
    folder, origin = site
    (folder / "favicon.ico").touch()
    own = tmp_path_factory.mktemp("service")
    with (
        BackgroundSandbox(SandboxOptions(step_time=0.005)) as sandbox,
        ServedProcess(own, environment_of(sandbox.url, own, COMFYGEN_API_CORS_ORIGINS=origin)) as service,
    ):
        (folder / PAGE.name).write_text(service.here(PAGE.read_text()))
        yield f"{origin}/{PAGE.name}"


@pytest.fixture(scope="module")
def browser(address):
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser):
    """A window of its own; nothing may be on its console when the test ends."""
    context = browser.new_context()
    page = context.new_page()
    said = []
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


@pytest.mark.parametrize("key", ["", "any"], ids=["EventSource", "with a key"])
def test_page_of_another_site_shows_its_picture(page, address, key):
    page.goto(address)
    page.get_by_label("Key").fill(key)
    page.get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text("Generation completed")
    page.wait_for_function("() => document.querySelector('img').naturalWidth > 0")
    assert page.locator("progress").evaluate("bar => bar.value") == 100


def test_page_tells_why_nothing_is_made(page, address):
    page.goto(address)
    page.get_by_label("What it shows").fill("x" * 200_000)
    page.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("prompt")
