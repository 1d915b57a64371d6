"""Galleries for tests: one of ten thousand pictures, small ones, and where things are on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.many_pictures import fill
from tests.served import ServedProcess, environment_of
from tests.studio.browser import Studio
from tests.studio.browser import opened as quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator

    from tests.background import BackgroundSandbox


MANY = 10_000
HOSTILE = ("<img src=x onerror=alert(1)>", '"><script>alert(1)</script>')


@pytest.fixture(scope="module")
def service(engine: BackgroundSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service with ten thousand generations."""
    folder = tmp_path_factory.mktemp("gallery")
    fill(folder / "data", MANY)
    with ServedProcess(folder, environment_of(engine.url, folder)) as served:
        yield served


@pytest.fixture(scope="module")
def small(engine: BackgroundSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service with few generations, of which a test may take some away, or add to them."""
    folder = tmp_path_factory.mktemp("few")
    (folder / "data").mkdir()
    with ServedProcess(folder, environment_of(engine.url, folder)) as served:
        yield served


@pytest.fixture
def few(browser: Browser, small: ServedProcess) -> Iterator[Studio]:
    """The studio of that service."""
    yield from quiet(browser, small.url)


def gallery(studio: Studio, query: str = "") -> Locator:
    """Show the gallery; return the list of pictures, once there are any."""
    page = studio.open("gallery", query)
    page.locator(".gallery-tile img[src]").first.wait_for()
    return page.get_by_role("listbox", name="Pictures")


def make(service: ServedProcess, prompt: str, **more: Any) -> str:
    """Have a picture made, and return its generation's id."""
    status, answer = service.ask("/generate", {"prompt": prompt, **more})
    assert status == 202, answer
    assert service.ended(answer["id"])["state"] == "completed"
    return str(answer["id"])
