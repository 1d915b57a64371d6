"""The mask of Create: painted by mouse, fingers and keys, and what becomes of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.served import ServedProcess
    from tests.studio.browser import Studio
from tests.studio.starting_pictures import SIZE, box, choose, draft, opened, painted, photo, service

__all__ = ["photo", "service"]


WHERE_IT_IS_PAINTED = (100, 60, 200, 130)


def uploaded(service: ServedProcess, name: str) -> Image.Image:
    with urlopen(f"{service.url}/uploads/{name.removeprefix('comfygen://uploads/')}") as answer:
        return Image.open(io.BytesIO(answer.read()))


def easel(page: Page) -> Locator:
    return page.get_by_role("application")


def paint(page: Page, left: int, top: int, right: int, bottom: int) -> None:
    """Paint over a part of the picture with the mouse, line by line."""
    shown = page.locator(".create-mask-board").bounding_box()
    assert shown
    scale = shown["width"] / SIZE[0]
    for y in range(top, bottom + 1, 10):
        page.mouse.move(shown["x"] + left * scale, shown["y"] + y * scale)
        page.mouse.down()
        page.mouse.move(shown["x"] + right * scale, shown["y"] + y * scale, steps=4)
        page.mouse.up()


def use_mask(page: Page) -> None:
    with page.expect_response("**/uploads") as answer:
        page.get_by_role("button", name="Use mask").click()
    page.wait_for_function(
        "(name) => JSON.parse(localStorage.getItem('comfygen:create:draft')).mask?.name === name",
        arg=answer.value.json()["image"],
    )


@pytest.mark.parametrize("prompt", ["xyzzy", "a boat at sea"], ids=["without categories", "with categories"])
def test_painted_mask_arrives_in_the_picture_that_is_made(
    studio: Studio, service: ServedProcess, photo: Path, prompt: str
) -> None:
    page = opened(studio)
    choose(page, photo)
    box(page).get_by_role("button", name="Paint a mask").click()
    expect(page.get_by_role("button", name="Use mask")).to_be_disabled()
    paint(page, *WHERE_IT_IS_PAINTED)
    studio.look("create-mask")
    use_mask(page)
    mask = uploaded(service, draft(page)["mask"]["name"])
    assert (mask.size, mask.mode) == (SIZE, "RGBA")
    assert mask.getpixel((150, 90)) == (255, 255, 255, 0)
    assert mask.getpixel((10, 10)) == (0, 0, 0, 255)
    left, top, right, bottom = mask.getchannel("R").getbbox() or (0, 0, 0, 0)
    assert (left > 70, top > 30, right < 230, bottom < 160) == (True, True, True, True)
    page.get_by_role("textbox", name="Prompt", exact=True).fill(prompt)
    with page.expect_response("**/generate") as answer:
        page.get_by_role("button", name="Generate", exact=True).click()
    result = service.ended(answer.value.json()["id"])
    assert result["state"] == "completed", result
    _, request = service.ask(f"/jobs/{result['id']}/request")
    assert draft(page)["mask"]["name"] in str(request)
    check_changed_within(service, result["output"][0], mask)


def check_changed_within(service: ServedProcess, output: dict[str, Any], mask: Image.Image) -> None:
    """Do nothing, if a picture is the photo where the mask is black, and something else where it is white."""
    with urlopen(service.url + output["url"][output["url"].index("/artifacts") :]) as answer:
        made = Image.open(io.BytesIO(answer.read())).convert("RGB")
    assert made.size == SIZE
    changed = ImageChops.difference(made, Image.open(io.BytesIO(painted(SIZE)))).convert("L")
    far, within = (changed.crop(part) for part in ((0, 0, 60, 30), (120, 80, 180, 110)))
    assert most(far) < 12, "what is not painted stays"
    assert most(within) > 40, "what is painted is made anew"


def most(grey: Image.Image) -> int:
    return max(value for value, count in enumerate(grey.histogram()) if count)


def test_mask_is_painted_by_keyboard_alone(studio: Studio, service: ServedProcess, photo: Path) -> None:
    page = opened(studio)
    choose(page, photo)
    button = box(page).get_by_role("button", name="Paint a mask")
    button.focus()
    page.keyboard.press("Enter")
    easel(page).focus()
    for _ in range(3):
        page.keyboard.press("]")
    page.keyboard.press("Space")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Brush down.")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_text("of the picture is made anew")).to_be_visible()
    for _ in range(20):
        if page.evaluate("document.activeElement.textContent") == "Use mask":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(box(page).get_by_role("button", name="Change mask")).to_be_visible()
    mask = uploaded(service, draft(page)["mask"]["name"])
    assert mask.getpixel((SIZE[0] // 2, SIZE[1] // 2)) == (255, 255, 255, 0)
    assert mask.getpixel((4, 4)) == (0, 0, 0, 255)


def test_strokes_are_undone_and_inverted_and_painted_on_later(
    studio: Studio, service: ServedProcess, photo: Path
) -> None:
    page = opened(studio)
    choose(page, photo)
    box(page).get_by_role("button", name="Paint a mask").click()
    paint(page, 40, 40, 60, 40)
    paint(page, 250, 150, 270, 150)
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Invert").click()
    use_mask(page)
    mask = uploaded(service, draft(page)["mask"]["name"]).getchannel("R")
    assert [mask.getpixel(at) for at in ((50, 40), (260, 150), (5, 180))] == [0, 255, 255]
    box(page).get_by_role("button", name="Change mask").click()
    page.get_by_role("button", name="Eraser").click()
    paint(page, 250, 150, 270, 150)
    use_mask(page)
    after = uploaded(service, draft(page)["mask"]["name"]).getchannel("R")
    assert [after.getpixel(at) for at in ((50, 40), (260, 150), (5, 180))] == [0, 0, 255]
    box(page).get_by_role("button", name="Remove mask").click()
    assert draft(page)["mask"] is None


def test_escape_does_not_throw_away_what_was_painted(studio: Studio, photo: Path) -> None:
    page = opened(studio)
    choose(page, photo)
    box(page).get_by_role("button", name="Paint a mask").click()
    paint(page, 40, 40, 60, 40)
    page.keyboard.press("Escape")
    asked = page.get_by_role("dialog", name="Throw away what you painted?")
    asked.get_by_role("button", name="Cancel").click()
    expect(easel(page)).to_be_visible()
    page.keyboard.press("Escape")
    asked.get_by_role("button", name="Throw away").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert draft(page)["mask"] is None


def test_wheel_and_middle_button_move_the_picture_and_not_the_mask(
    studio: Studio, service: ServedProcess, photo: Path
) -> None:
    page = opened(studio)
    choose(page, photo)
    box(page).get_by_role("button", name="Paint a mask").click()
    before = page.locator(".create-mask-board").bounding_box()
    assert before
    page.mouse.move(before["x"] + 20, before["y"] + 20)
    page.mouse.wheel(0, -400)
    expect(page.locator(".create-mask-board")).not_to_have_css("width", f"{before['width']}px")
    page.mouse.down(button="middle")
    page.mouse.move(before["x"] + 120, before["y"] + 90)
    page.mouse.up(button="middle")
    expect(page.get_by_role("button", name="Use mask")).to_be_disabled()
    paint(page, 60, 50, 80, 50)
    use_mask(page)
    left, top, right, bottom = uploaded(service, draft(page)["mask"]["name"]).getchannel("R").getbbox() or (0, 0, 0, 0)
    assert (40 < left < 60, 30 < top < 50, 80 < right < 100, 50 < bottom < 70) == (True, True, True, True)


@pytest.fixture
def phone(studio: Studio) -> Studio:
    studio.page.set_viewport_size({"width": 390, "height": 844})
    return studio


def test_two_fingers_enlarge_and_one_paints(phone: Studio, photo: Path) -> None:
    page = opened(phone)
    choose(page, photo)
    box(page).get_by_role("button", name="Paint a mask").click()
    before = page.locator(".create-mask-board").bounding_box()
    area = easel(page).bounding_box()
    assert before
    assert area
    assert area["height"] > 300
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        told = [{"x": x + right, "y": y + down, "id": number} for number, (right, down) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    touch("touchStart", (-20, 0))
    touch("touchStart", (-20, 0), (20, 0))
    touch("touchMove", (-60, 0), (60, 0))
    touch("touchEnd")
    after = page.locator(".create-mask-board").bounding_box()
    assert after
    assert after["width"] == pytest.approx(before["width"] * 3, rel=0.02)
    expect(page.get_by_role("button", name="Use mask")).to_be_disabled()
    touch("touchStart", (0, 0))
    touch("touchMove", (30, 10))
    touch("touchEnd")
    expect(page.get_by_role("button", name="Use mask")).to_be_enabled()


def test_mask_dialog_is_accessible(studio: Studio, photo: Path) -> None:
    page = opened(studio)
    choose(page, photo)
    box(page).get_by_role("button", name="Paint a mask").click()
    paint(page, 40, 40, 90, 60)
    studio.check_accessible()
