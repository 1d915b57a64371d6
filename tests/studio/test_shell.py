"""The studio as a whole: it loads, leads from view to view, lets in whom it should, and asks nobody but its service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from comfy_gen.studio import VIEWS
from tests.served import ServedProcess, environment_of
from tests.studio.browser import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.background import BackgroundSandbox
    from tests.studio.browser import Studio

FIRST_LOAD = 150_000
"""Bytes that may come over the network before the first view can be used."""


def transferred(studio: Studio) -> list[int]:
    """Return a list that grows by the bytes of each answer, as the network had them."""
    found: list[int] = []
    network = studio.context.new_cdp_session(studio.page)
    network.send("Network.enable")

    def heard(said: dict[str, Any]) -> None:
        found.append(said["encodedDataLength"])

    network.on("Network.loadingFinished", heard)
    return found


def test_first_load_is_small(studio: Studio) -> None:
    found = transferred(studio)
    page = studio.open()
    expect(page.get_by_role("textbox").first).to_be_visible()
    page.wait_for_timeout(0)
    assert 10_000 < sum(found) < FIRST_LOAD, sum(found)


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_can_be_reached_by_its_address(studio: Studio, view: str) -> None:
    page = studio.open(view)
    assert page.title().endswith("ComfyGen Studio")
    assert page.locator("h1").count() == 1
    assert page.locator("nav a[aria-current=page]").count() == 1


def test_views_are_reached_by_links_and_the_browser_goes_back(studio: Studio) -> None:
    page = studio.open("create")
    page.get_by_role("link", name="Gallery").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gallery")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.go_back()
    expect(page.get_by_role("link", name="Create")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("heading", level=1)).to_have_text("Create")


def test_keyboard_gets_past_the_navigation(studio: Studio) -> None:
    page = studio.open("live")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_phone_has_the_further_views_behind_more(studio: Studio) -> None:
    studio.page.set_viewport_size({"width": 390, "height": 844})
    page = studio.open("live")
    expect(page.get_by_role("link", name="Fleet")).to_be_hidden()
    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Fleet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fleet")
    expect(page.get_by_role("link", name="Workflows")).to_be_hidden()


@pytest.fixture
def guarded(engine: BackgroundSandbox, tmp_path: Path) -> Iterator[ServedProcess]:
    """A service that asks for a key."""
    with ServedProcess(
        tmp_path, environment_of(engine.url, tmp_path, COMFYGEN_API_KEY="the-key-of-all-doors")
    ) as served:
        yield served


@pytest.fixture
def outside(browser: Browser, guarded: ServedProcess) -> Iterator[Studio]:
    """Its studio, for somebody whom it does not know."""
    yield from opened(browser, guarded.url)


def test_key_is_asked_for_once_and_kept_by_nobody(outside: Studio) -> None:
    outside.allowed.append("401")
    page = outside.open()
    expect(page.get_by_role("heading", level=1)).to_have_text("This service asks for a key")
    outside.check_accessible()
    outside.look("entrance")
    page.get_by_label("Key").fill("another")
    page.keyboard.press("Enter")
    expect(page.get_by_text("this key is not known")).to_be_visible()
    page.get_by_label("Key").fill("the-key-of-all-doors")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Create")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Create")
    readable = page.evaluate("JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])")
    assert "the-key-of-all-doors" not in readable
    assert "comfygen_session" not in readable
    (cookie,) = outside.context.cookies()
    assert cookie.get("httpOnly") is True
    assert cookie.get("sameSite") == "Strict"
    assert "the-key-of-all-doors" not in cookie.get("value", "")


def test_service_that_ends_is_said_and_its_return_seen(browser: Browser, guarded: ServedProcess) -> None:
    for studio in opened(browser, guarded.url):
        studio.allowed += ["401", "net::ERR"]
        page = studio.open()
        page.get_by_label("Key").fill("the-key-of-all-doors")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Create")
        guarded.kill()
        expect(page.get_by_text("The service does not answer.")).to_be_visible()
        guarded.start()
        expect(page.get_by_text("The service does not answer.")).to_be_hidden(timeout=20_000)
