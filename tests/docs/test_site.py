"""The site of the documentation: built without a warning, and shown without asking anybody else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.studio.browser import chromium, studio

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a link that leads nowhere, or a page that is not among the others, fails it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *_: object) -> None:  # noqa: A002  # what the base calls it
        pass


def test_site_asks_nobody_else(address):
    with chromium() as browser, studio(browser, address) as shown:
        page = shown.page
        page.goto(f"{address}/index.html")
        page.get_by_role("textbox", name="Search").fill("quarantined")
        page.locator(".md-search-result__link").first.wait_for()
        page.goto(f"{address}/architecture.html")
        page.get_by_role("heading", name="Layers").wait_for()
        shown.check_quiet()


def test_every_page_of_the_repository_is_on_the_site(site):
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert pages | {"contributing.html", "changelog.html"} <= built


def test_what_lies_elsewhere_is_shown(site):
    studio_page = (site / "studio.html").read_text(encoding="utf-8")
    (link,) = re.findall(r'href="(source/src/comfy_gen/studio/static[^"]*)"', studio_page)
    assert "core/signals.js" in (site / link).read_text(encoding="utf-8")
    assert "stream" in (site / "source/examples/http/stream.mjs.html").read_text(encoding="utf-8")
