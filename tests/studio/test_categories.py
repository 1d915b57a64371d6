from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.studio.browser import Studio


def test_categories_are_found_by_their_keywords_and_by_type(studio: Studio) -> None:
    page = studio.open("categories")
    cards = page.get_by_role("main").get_by_role("listitem")
    expect(cards).to_have_count(110)
    page.get_by_label("Search").fill("headshot")
    expect(cards.first).to_contain_text("Portrait")
    page.get_by_label("Search").fill("")
    page.get_by_role("button", name=re.compile("^Setting")).click()
    expect(cards).to_have_count(21)
    expect(page.get_by_role("button", name=re.compile("^Setting"))).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Search").fill("zzz")
    expect(page.get_by_text("No category is like that")).to_be_visible()


def test_category_tells_what_it_brings_and_leads_to_create(studio: Studio) -> None:
    page = studio.open("categories")
    page.get_by_role("link", name=re.compile("^Airplane")).click()
    dialog = page.get_by_role("dialog", name="@airplane")
    expect(dialog).to_contain_text("accurate aircraft proportions")
    expect(dialog).to_contain_text("Keeps out")
    expect(dialog).to_contain_text("16:9")
    studio.check_accessible()
    studio.look("category")
    dialog.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Create")


def test_category_of_the_address_is_shown_and_escape_leads_back(studio: Studio) -> None:
    page = studio.open("categories", "id=portrait")
    expect(page.get_by_role("dialog", name="@portrait")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/studio/categories$"))


def test_browser_is_accessible(studio: Studio) -> None:
    page = studio.open("categories")
    expect(page.get_by_role("link", name=re.compile("^Airplane"))).to_be_visible()
    studio.check_accessible()
    studio.look("categories")
