"""One picture, whole: zoomed, judged, told all about; and two beside each other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.studio.galleries import HOSTILE, few, gallery, make, service, small

if TYPE_CHECKING:
    from tests.served import ServedProcess
    from tests.studio.browser import Studio

__all__ = ["few", "service", "small"]


THREE = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 3, "color": 8_421_504}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "cups"}},
}


def test_full_view_tells_all_and_leads_on(studio: Studio, service: ServedProcess) -> None:
    _, listed = service.ask("/library?limit=3&tag=print")
    one = listed["generations"][0]
    gallery(studio, "tag=print")
    page = studio.page
    page.get_by_role("option").first.click()
    dialog = page.get_by_role("dialog", name="Picture")
    for text in (one["prompt"], one["negative_prompt"], str(one["seed"]), one["models"][0]["file"]):
        expect(dialog.get_by_text(text, exact=True).first).to_be_visible()
    for way, name in (("vary", "Vary"), ("settings", "Same settings"), ("input", "Use as input")):
        href = dialog.get_by_role("link", name=name).get_attribute("href") or ""
        assert href.endswith(f"/studio/create?from={one['generation_id']}&as={way}")
    expect(dialog.get_by_role("img").last).to_have_attribute("src", f"/artifacts/{one['output'][0]['id']}")
    studio.look("gallery-full")
    studio.check_accessible()
    address = page.url
    page.reload()
    expect(dialog.get_by_text(one["prompt"], exact=True)).to_be_visible()
    assert page.url == address
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/gallery\?tag=print$"))


def test_going_back_closes_the_full_view(studio: Studio) -> None:
    gallery(studio)
    page = studio.page
    page.get_by_role("option").nth(2).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.go_forward()
    expect(page.get_by_role("dialog").get_by_text("3 of 10,000")).to_be_visible()


def test_pictures_are_zoomed_by_wheel_keys_and_double_click(studio: Studio) -> None:
    gallery(studio)
    page = studio.page
    page.get_by_role("option").first.click()
    dialog = page.get_by_role("dialog")
    shown = dialog.get_by_role("button", name=re.compile(r"^\d+ %$"))
    window = dialog.get_by_role("group", name="Picture")
    expect(shown).to_have_text("100 %")
    page.keyboard.press("+")
    expect(shown).to_have_text("130 %")
    page.keyboard.press("0")
    expect(shown).to_have_text("100 %")
    window.dblclick()
    expect(shown).to_have_text("300 %")
    page.mouse.wheel(0, -400)
    expect(shown).not_to_have_text("300 %")
    before = dialog.locator(".stage-picture").get_attribute("style")
    page.mouse.down()
    page.mouse.move(300, 300, steps=4)
    page.mouse.up()
    assert dialog.locator(".stage-picture").get_attribute("style") != before
    dialog.get_by_role("button", name="Next").click()
    expect(shown).to_have_text("100 %")
    expect(dialog.get_by_text("2 of 10,000")).to_be_visible()


def test_pictures_are_rated_tagged_and_liked(few: Studio, small: ServedProcess) -> None:
    made = make(small, "a lighthouse in the evening")
    make(small, "a lighthouse in the morning")
    gallery(few)
    page = few.page
    page.get_by_role("option", name=re.compile("evening")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="4 stars").click()
    expect(dialog.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    dialog.get_by_role("combobox", name="Tags").fill(HOSTILE[0])
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name=f"Remove the tag {HOSTILE[0]}")).to_be_visible()
    favorite = small.ask(f"/library/{made}")[1]["favorite"]
    assert (favorite["rating"], favorite["tags"]) == (4, [HOSTILE[0]])
    dialog.get_by_role("button", name="Favourite").click()
    expect(dialog.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Undo").click()
    expect(dialog.get_by_role("button", name=f"Remove the tag {HOSTILE[0]}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option", name=re.compile("favourite, 4 stars"))).to_be_visible()


def test_prompt_and_seed_are_copied_and_the_file_is_downloaded(few: Studio, small: ServedProcess) -> None:
    few.context.grant_permissions(["clipboard-read", "clipboard-write"])
    made = make(small, "a kettle", seed=77)
    few.open("gallery", f"open={made}")
    page = few.page
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Copy the prompt").click()
    expect(page.get_by_text("The prompt is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "a kettle"
    dialog.get_by_role("button", name="Copy the seed").click()
    expect(page.get_by_text("The seed is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "77"
    with page.expect_download() as waiting:
        dialog.get_by_role("link", name="Download").click()
    content = Path(waiting.value.path()).read_bytes()
    assert waiting.value.suggested_filename.endswith(".png")
    assert content.startswith(b"\x89PNG")


def test_several_files_of_one_are_gone_through(few: Studio, small: ServedProcess) -> None:
    put = few.context.request.put(f"{small.url}/workflows/three", data=THREE)
    assert put.ok, put.text()
    status, answer = small.ask("/workflows/three/run", {"title": "three cups"})
    assert status == 202, answer
    made = small.ended(answer["id"])["id"]
    few.open("gallery", f"open={made}")
    dialog = few.page.get_by_role("dialog")
    expect(dialog.get_by_text("File 1 of 3")).to_be_visible()
    dialog.get_by_role("button", name="Next file").click()
    expect(dialog.get_by_text("File 2 of 3")).to_be_visible()
    second = small.ask(f"/library/{made}")[1]["output"][1]["id"]
    expect(dialog.get_by_role("img").last).to_have_attribute("src", f"/artifacts/{second}")


def test_two_are_compared_side_by_side_and_one_over_the_other(studio: Studio) -> None:
    pictures = gallery(studio)
    page = studio.page
    pictures.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog", name="Compare")
    expect(dialog.get_by_role("row", name=re.compile("^Seed "))).to_be_visible()
    dialog.get_by_role("group", name="Picture A").dblclick()
    looks = [one.get_attribute("style") for one in dialog.locator(".stage-picture").all()]
    assert len(looks) == 2
    assert looks[0] == looks[1] != ""
    studio.look("gallery-compare")
    dialog.get_by_role("button", name="One over the other").click()
    edge = dialog.get_by_role("slider", name="Where the one ends")
    edge.focus()
    page.keyboard.press("Home")
    expect(dialog.locator(".gallery-wipe")).to_have_attribute("style", re.compile("--edge: 0%"))
    edge.fill("30")
    studio.look("gallery-wipe")
    studio.check_accessible()
