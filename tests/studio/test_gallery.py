"""The gallery, as a person uses it: ten thousand pictures to scroll through, to find some of, and to do things with."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

from tests.served import ServedProcess, environment_of
from tests.studio.browser import PHONE, Studio, studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.background import BackgroundSandbox
from tests.studio.galleries import HOSTILE, few, gallery, make, service, small

__all__ = ["few", "service", "small"]


def counted(page: Page) -> Locator:
    return page.locator(".gallery-status p")


def query_of(page: Page) -> str:
    return page.evaluate("location.search")


def chosen(page: Page) -> Locator:
    return page.get_by_role("toolbar", name="Chosen pictures").get_by_role("status")


def test_all_are_within_reach_and_few_are_in_the_page(studio: Studio) -> None:
    pictures = gallery(studio)
    page = studio.page
    expect(counted(page)).to_have_text("10,000 pictures")
    assert pictures.get_by_role("option").count() < 120
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = page.get_by_role("option").and_(page.locator('[aria-posinset="10000"]'))
    expect(last).to_be_visible()
    expect(last.locator("img")).to_have_attribute("src", re.compile("/thumbnail$"))
    assert page.locator(".gallery-tile").count() < 120
    studio.check_accessible()


def test_a_search_narrows_the_list_and_stays_over_a_reload(studio: Studio) -> None:
    gallery(studio)
    page = studio.page
    page.get_by_role("searchbox").press_sequentially("fox watercolour")
    expect(counted(page)).to_have_text(re.compile(r"^\d{2,3} pictures found$"))
    found = counted(page).inner_text()
    expect(page.get_by_role("option").first).to_have_accessible_name(re.compile("fox"))
    assert "text=fox+watercolour" in query_of(page)
    page.reload()
    expect(counted(page)).to_have_text(found)
    expect(page.get_by_role("searchbox")).to_have_value("fox watercolour")
    page.get_by_role("button", name="Remove the filter “fox watercolour”").click()
    expect(counted(page)).to_have_text("10,000 pictures")
    expect(page.get_by_role("searchbox")).to_have_value("")
    page.go_back()
    expect(counted(page)).to_have_text(found)


def test_filters_are_chosen_from_what_there_is_and_shown_as_chips(studio: Studio) -> None:
    gallery(studio)
    page = studio.page
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("combobox", name="Category").click()
    expect(page.get_by_role("option", name=re.compile(r"^portrait \d{4}$"))).to_be_visible()
    page.get_by_role("option", name=re.compile(r"^robot \d+$")).click()
    page.get_by_label("Rating").select_option("4")
    page.get_by_label("Favourites alone").check()
    for label in ("Category: robot", "4 stars or more", "Favourites"):
        expect(page.get_by_role("button", name=f"Remove the filter {label}", exact=True)).to_be_visible()
    expect(counted(page)).to_have_text(re.compile(r"^\d{1,2} pictures found$"))
    studio.look("gallery-filters")
    studio.check_accessible()
    page.get_by_role("button", name="Clear all").click()
    expect(counted(page)).to_have_text("10,000 pictures")
    assert query_of(page) == ""


def test_what_fits_nothing_says_so_and_leads_back(studio: Studio) -> None:
    page = studio.open("gallery", "text=xyzzy&since=2020-01-01&until=2020-01-02")
    expect(page.get_by_role("heading", name="No picture fits")).to_be_visible()
    page.get_by_role("button", name="Show all pictures").click()
    expect(counted(page)).to_have_text("10,000 pictures")


def test_all_can_be_chosen_and_a_range_and_none(studio: Studio) -> None:
    pictures = gallery(studio)
    page = studio.page
    checks = page.locator(".gallery-check")
    pictures.get_by_role("option").nth(1).hover()
    checks.nth(1).click()
    expect(chosen(page)).to_have_text("1 picture chosen")
    pictures.get_by_role("option").nth(6).click(modifiers=["Shift"])
    expect(chosen(page)).to_have_text("6 pictures chosen")
    studio.look("gallery-chosen")
    studio.check_accessible()
    pictures.get_by_role("option").nth(6).click()
    expect(chosen(page)).to_have_text("5 pictures chosen")
    page.keyboard.press("Control+a")
    expect(chosen(page)).to_have_text("10,000 pictures chosen", timeout=20_000)
    page.keyboard.press("Escape")
    expect(chosen(page)).to_be_hidden()


def test_with_keys_alone_pictures_are_gone_through_chosen_and_opened(studio: Studio) -> None:
    pictures = gallery(studio)
    page = studio.page
    pictures.focus()
    names = [pictures.get_by_role("option").nth(at).get_attribute("id") for at in range(8)]
    page.keyboard.press("ArrowRight")
    expect(pictures).to_have_attribute("aria-activedescendant", str(names[1]))
    page.keyboard.press("ArrowDown")
    expect(pictures).to_have_attribute("aria-activedescendant", str(names[6]))
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    expect(chosen(page)).to_have_text("2 pictures chosen")
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    expect(pictures).to_have_attribute("aria-activedescendant", "gallery-9999")
    expect(page.locator("#gallery-9999")).to_be_in_viewport()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Picture")
    expect(dialog.get_by_text("1 of 10,000")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("2 of 10,000")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(pictures).to_be_focused()
    expect(pictures).to_have_attribute("aria-activedescendant", str(names[1]))


def test_many_are_judged_fetched_and_deleted_at_once(few: Studio, small: ServedProcess) -> None:
    ids = [make(small, f"teapot number {at}") for at in range(3)]
    gallery(few, "text=teapot")
    page = few.page
    pictures = page.get_by_role("listbox", name="Pictures")
    more = page.get_by_role("button", name="More to do with them")
    pictures.focus()
    page.keyboard.press("Space")
    more.click()
    page.get_by_role("menuitem", name="Tag").click()
    page.get_by_role("combobox", name="Tag", exact=True).fill("pots")
    page.get_by_role("button", name="Add the tag").click()
    expect(page.get_by_text("1 picture tagged “pots”.")).to_be_visible()
    pictures.focus()
    page.keyboard.press("Control+a")
    expect(chosen(page)).to_have_text("3 pictures chosen")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes())) as archive:
        assert len([name for name in archive.namelist() if name.endswith(".png")]) == 3
        assert "generations.json" in archive.namelist()
    more.click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete 2 pictures?")
    expect(dialog.get_by_text("1 favourite is kept.")).to_be_visible()
    dialog.get_by_role("button", name="Delete 2 pictures").click()
    expect(page.get_by_text("2 pictures deleted. 1 favourite kept.")).to_be_visible()
    expect(counted(page)).to_have_text("1 picture found")
    left = [one["id"] for one in small.ask("/library/tiles?text=teapot")[1]["tiles"]]
    assert left == [ids[2]]


def test_new_pictures_are_offered_and_do_not_move_the_others(few: Studio, small: ServedProcess) -> None:
    make(small, "a first one")
    gallery(few)
    page = few.page
    first = page.get_by_role("option").first
    name = first.get_attribute("aria-label")
    make(small, "a later one")
    offer = page.get_by_role("button", name="1 new picture")
    expect(offer).to_be_visible()
    assert first.get_attribute("aria-label") == name
    offer.click()
    expect(first).to_have_accessible_name(re.compile("a later one"))
    expect(offer).to_have_count(0)


def test_hostile_texts_are_shown_as_texts(few: Studio, small: ServedProcess) -> None:
    for text in HOSTILE:
        made = make(small, text, title=text)
        small.ask("/favorites", {"generation_id": made, "tags": [text]})
        few.open("gallery", f"open={made}")
        dialog = few.page.get_by_role("dialog")
        expect(dialog.get_by_role("heading", name=text)).to_be_visible()
        expect(dialog.get_by_text(text, exact=True).first).to_be_visible()
        few.page.keyboard.press("Escape")
        expect(few.page.get_by_role("option", name=text).first).to_be_visible()
    few.open("gallery", "text=" + "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    expect(few.page.get_by_role("button", name=f"Remove the filter “{HOSTILE[0]}”")).to_be_visible()
    assert few.page.locator("img[onerror], main script").count() == 0


def test_size_and_shape_are_changed_and_kept(studio: Studio) -> None:
    gallery(studio)
    page = studio.page
    before = page.get_by_role("option").first.bounding_box()
    page.get_by_role("slider", name="Size of the pictures").fill("300")
    page.get_by_role("button", name="Whole pictures").click()
    expect(page.get_by_role("button", name="Whole pictures")).to_have_attribute("aria-pressed", "true")
    page.reload()
    page.locator(".gallery-tile img[src]").first.wait_for()
    after = page.get_by_role("option").first.bounding_box()
    assert before
    assert after
    assert before["width"] == before["height"]
    assert after["height"] > before["height"]
    assert after["width"] != after["height"]
    studio.look("gallery-whole")


def test_on_a_phone_tiles_are_tapped_and_swiped(browser: Browser, service: ServedProcess) -> None:
    with studio(browser, service.url, has_touch=True, is_mobile=True) as phone:
        phone.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        gallery(phone)
        phone.page.get_by_role("option").first.tap()
        dialog = phone.page.get_by_role("dialog")
        expect(dialog.get_by_text("1 of 10,000")).to_be_visible()
        swipe(phone.page, dialog.get_by_role("group", name="Picture"))
        expect(dialog.get_by_text("2 of 10,000")).to_be_visible()
        dialog.get_by_role("heading", name="Picture").tap()  # a tap after a fling only ends that
        dialog.get_by_role("button", name="Close").tap()
        phone.page.locator(".gallery-check").first.tap()
        expect(chosen(phone.page)).to_have_text("1 picture chosen")
        phone.check_quiet()


def swipe(page: Page, target: Locator) -> None:
    """Move a finger from the right to the left, and let it rest there."""
    box = target.bounding_box()
    assert box
    session = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2
    xs = [box["x"] + box["width"] * part for part in (0.8, 0.6, 0.4, *[0.2] * 12)]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": xs[0], "y": y}]})
    for x in xs[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_service_that_is_gone_is_said_and_tried_again(
    browser: Browser, engine: BackgroundSandbox, tmp_path: Path
) -> None:
    with ServedProcess(tmp_path, environment_of(engine.url, tmp_path)) as served, studio(browser, served.url) as lost:
        page = lost.open("gallery")
        expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
        lost.look("gallery-empty")
        assert (page.get_by_role("link", name="Make the first one").get_attribute("href") or "").endswith("/create")
        served.stop()
        page.get_by_role("searchbox").press_sequentially("fox")
        expect(page.get_by_role("heading", name="The service does not answer")).to_be_visible()
        served.start()
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("heading", name="No picture fits")).to_be_visible()
