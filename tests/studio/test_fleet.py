from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.ports import free_port
from tests.served import ServedProcess, environment_of
from tests.studio.browser import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.studio.browser import Studio


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[ServedProcess]:
    """A service whose only engine does not answer."""
    with ServedProcess(tmp_path, environment_of(f"http://127.0.0.1:{free_port()}", tmp_path)) as served:
        yield served


@pytest.fixture
def alone(browser: Browser, lonely: ServedProcess) -> Iterator[Studio]:
    """Its studio."""
    yield from opened(browser, lonely.url)


def test_engine_is_shown_with_how_it_is(studio: Studio, service: ServedProcess) -> None:
    for number in range(3):
        service.ended(service.ask("/generate", {"prompt": "a kite", "seed": number})[1]["id"])
    page = studio.open("fleet")
    card = page.get_by_role("article")
    expect(card).to_contain_text("up")
    expect(card.get_by_role("progressbar", name="Load")).to_have_attribute("aria-valuenow", re.compile(r"\d+"))
    expect(card).to_contain_text(re.compile(r"\d B of \d+(\.\d+)? GB"))
    expect(card).to_contain_text("Loaded")
    expect(page.get_by_role("img", name=re.compile(r"Last hour: ([3-9]|\d\d+) jobs completed"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Queue: 0 jobs running"))).to_be_visible()
    studio.check_accessible()
    studio.look("fleet")


def test_engine_is_drained_and_works_again(studio: Studio) -> None:
    page = studio.open("fleet")
    page.get_by_role("button", name=re.compile("^Drain")).click()
    expect(page.get_by_role("article")).to_contain_text("draining")
    page.get_by_role("button", name=re.compile("^Resume")).click()
    expect(page.get_by_role("article")).not_to_contain_text("draining")


def test_engine_is_added_and_removed_by_keyboard(studio: Studio) -> None:
    studio.allowed.append("422")
    page = studio.open("fleet")
    page.get_by_role("button", name="Add an engine").focus()
    page.keyboard.press("Enter")
    page.keyboard.type(f"http://127.0.0.1:{free_port()}")
    page.keyboard.press("Tab")
    page.keyboard.type("second")
    page.keyboard.press("Tab")
    page.keyboard.type("<img/src=x/onerror=alert(1)>")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("an engine's tag is '<img/src=x/onerror=alert(1)>'")
    page.get_by_label("Tags").fill("slow, old")
    page.keyboard.press("Enter")
    card = page.get_by_role("article", name="second")
    expect(card).to_contain_text("does not answer")
    expect(card).to_contain_text("slow, old")
    card.get_by_role("button", name="Remove second").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(card).to_have_count(0)


def test_first_visit_without_an_engine_offers_the_sandbox(alone: Studio, lonely: ServedProcess) -> None:
    page = alone.open("create")
    welcome = page.get_by_role("complementary", name="No engine")
    expect(welcome).to_contain_text("No engine answers.")
    alone.check_accessible()
    alone.look("welcome")
    welcome.get_by_role("button", name="Try the sandbox").click()
    expect(welcome).to_be_hidden()
    _, job = lonely.ask("/generate", {"prompt": "a first picture"})
    assert lonely.ended(job["id"])["status"] == "completed"
    page.get_by_role("link", name="Fleet").click()
    sandbox = page.get_by_role("article", name="sandbox")
    expect(sandbox.get_by_text("sandbox", exact=True).first).to_be_visible()
    sandbox.get_by_role("button", name="Remove sandbox").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(sandbox).to_have_count(0)
    expect(welcome).to_be_visible()


def test_fleet_without_any_engine_says_what_to_do(alone: Studio, lonely: ServedProcess) -> None:
    (engine,) = lonely.ask("/engines")[1]["engines"]
    assert alone.context.request.delete(f"{alone.url}/engines/{engine['name']}").ok
    page = alone.open("fleet")
    expect(page.get_by_role("heading", name="No engine yet")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button", name="Try the sandbox")).to_be_visible()
    alone.look("fleet-empty")
