from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.served import ServedProcess, environment_of
from tests.studio.browser import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.background import BackgroundSandbox
    from tests.studio.browser import Studio

HOSTILE = '"><img src=x onerror=alert(1)>'


def test_presets_are_shown_and_deleted(studio: Studio, service: ServedProcess) -> None:
    page = studio.open("settings")
    expect(page.get_by_text("No presets yet")).to_be_visible()
    values = {"steps": 30, "loras": [{"name": HOSTILE, "strength": 0.5}], "negative_prompt": HOSTILE}
    put(studio, "/presets/soft", {"values": values, "description": HOSTILE})
    page.reload()
    card = page.get_by_role("listitem").filter(has_text="soft")
    expect(card).to_contain_text(f"{HOSTILE} at 0.5")
    expect(card.get_by_role("link", name="Use soft")).to_have_attribute("href", re.compile("preset=soft"))
    studio.check_accessible()
    studio.look("presets")
    card.get_by_role("button", name="Delete soft").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No presets yet")).to_be_visible()
    assert service.ask("/presets")[1] == {"presets": []}


def put(studio: Studio, path: str, body: object) -> None:
    answer = studio.context.request.put(f"{studio.url}{path}", data=body)
    assert answer.ok, answer.text()


def test_colours_are_chosen_and_stay(studio: Studio) -> None:
    page = studio.open("settings", "part=appearance")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("Dark").check()
    page.reload()
    expect(page.get_by_label("Dark")).to_be_checked()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    expect(page.get_by_text("as whoever is at this machine")).to_be_visible()
    studio.check_accessible()
    studio.look("appearance")


def test_tabs_are_gone_through_with_arrows(studio: Studio) -> None:
    page = studio.open("settings")
    page.get_by_role("tab", name="Presets").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="You and the studio")).to_be_focused()
    expect(page.get_by_role("tab", name="You and the studio")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("End")
    expect(page.get_by_text("No keys yet")).to_be_visible()


@pytest.fixture
def own(browser: Browser, engine: BackgroundSandbox, tmp_path: Path) -> Iterator[Studio]:
    """The studio of a service of the test's own: keys change it for everybody."""
    with ServedProcess(tmp_path, environment_of(engine.url, tmp_path)) as served:
        yield from opened(browser, served.url)


def test_first_key_lets_whoever_made_it_in_and_others_are_made_and_revoked(own: Studio) -> None:
    page = own.open("settings", "part=keys")
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_text("From now on everybody needs a key, you too")).to_be_visible()
    page.get_by_label("Name").fill("owner")
    page.get_by_role("button", name="Make it").click()
    made = page.get_by_role("dialog", name="The key owner")
    text = made.locator("pre").inner_text()
    assert text.startswith("cg_") or len(text) > 20
    made.get_by_role("button", name="I have it").click()
    expect(page.get_by_role("row", name=re.compile("owner"))).to_contain_text("admin, generate, read")
    page.get_by_role("button", name="Make a key").click()
    page.get_by_label("Name").fill("<b>anna</b>")
    page.get_by_label("Rate", exact=True).fill("60/minute")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row").filter(has_text="<b>anna</b>")
    expect(row).to_contain_text("60/minute")
    own.check_accessible()
    own.look("keys")
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("revoked")
    assert own.context.request.get(f"{own.url}/jobs", headers={"Authorization": f"Bearer {text}"}).ok
    assert page.evaluate("JSON.stringify(localStorage)").find(text) == -1


def test_leaving_asks_for_a_key_again(own: Studio) -> None:
    own.allowed.append("401")
    answer = own.context.request.post(f"{own.url}/keys", data={"name": "me", "scopes": ["read", "admin"]})
    key = answer.json()["key"]
    page = own.open()
    page.get_by_label("Key").fill(key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Create")
    page.goto(f"{own.url}/studio/settings?part=appearance")
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This service asks for a key")
