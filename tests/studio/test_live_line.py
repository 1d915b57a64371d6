"""The line in Live: put in another order by mouse, touch and keys, held, paused and cancelled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.studio.browser import PHONE, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.served import ServedProcess
    from tests.studio.browser import Studio
from tests.studio.live_jobs import emptied, engine, line, ordered, part, paused, service

__all__ = ["emptied", "engine", "service"]


def choose(page: Page, title: str, action: str) -> None:
    """Choose from the menu of a row."""
    page.get_by_role("button", name=f"More for {title}", exact=True).click()
    page.get_by_role("menuitem", name=action).click()


def order_of(service: ServedProcess) -> list[str]:
    """The line as the service has it."""
    jobs = service.ask("/jobs?state=queued&limit=500")[1]["jobs"]
    places = {job["title"]: service.ask(f"/jobs/{job['id']}")[1]["position"] for job in jobs}
    return sorted(places, key=lambda title: places[title])


def test_waiting_jobs_are_moved_held_and_cancelled_from_their_menus(studio: Studio, service: ServedProcess) -> None:
    paused(service, "one", "two", "three", "four")
    page = studio.open("live")
    expect(line(page)).to_have_text(["one", "two", "three", "four"])
    choose(page, "three", "Move to first")
    expect(line(page)).to_have_text(["three", "one", "two", "four"])
    choose(page, "one", "Move to last")
    expect(line(page)).to_have_text(["three", "two", "four", "one"])
    expect(part(page, "Waiting").locator(".live-number")).to_have_text(["1", "2", "3", "4"])
    choose(page, "two", "Hold")
    expect(line(page)).to_have_text(["three", "four", "one"])
    expect(part(page, "Held").locator(".live-title")).to_have_text(["two"])
    page.get_by_role("button", name="Release two").click()
    expect(line(page)).to_have_text(["three", "two", "four", "one"])
    choose(page, "four", "Cancel")
    expect(line(page)).to_have_text(["three", "two", "one"])
    choose(page, "one", "Priority")
    page.get_by_role("spinbutton", name="Priority").fill("5")
    page.get_by_role("button", name="Set priority").click()
    expect(line(page)).to_have_text(["one", "three", "two"])
    expect(part(page, "Waiting")).to_contain_text("priority 5")
    assert order_of(service) == ["one", "three", "two"]


def test_line_is_reordered_by_drag(studio: Studio, service: ServedProcess) -> None:
    paused(service, "one", "two", "three", "four")
    page = studio.open("live")
    handle = page.get_by_role("button", name="Move one")
    target = page.get_by_role("button", name="Move three")
    expect(target).to_be_visible()
    start, end = handle.bounding_box(), target.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(end["x"] + 10, end["y"] + 15, steps=5)
    expect(page.locator(".live-row.dragged")).to_have_count(1)
    studio.look("live-dragging")
    with page.expect_response("**/move") as moved:
        page.mouse.up()
    assert json.loads(moved.value.request.post_data or "") == {
        "before": service.ask("/jobs?text=four")[1]["jobs"][0]["id"]
    }
    expect(line(page)).to_have_text(["two", "three", "one", "four"])
    expect(page.locator(".live-row.dragged")).to_have_count(0)
    assert order_of(service) == ["two", "three", "one", "four"]


def test_drag_that_is_called_off_changes_nothing(studio: Studio, service: ServedProcess) -> None:
    paused(service, "one", "two", "three")
    page = studio.open("live")
    box = page.get_by_role("button", name="Move one").bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] + 140, steps=3)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.get_by_text("It stays where it was.")).to_be_attached()
    expect(line(page)).to_have_text(["one", "two", "three"])


def test_line_is_reordered_by_touch_on_a_phone(browser: Browser, service: ServedProcess) -> None:
    paused(service, "one", "two", "three")
    for studio in opened(browser, service.url, has_touch=True):
        studio.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page = studio.open("live")
        start = page.get_by_role("button", name="Move three").bounding_box()
        end = page.get_by_role("button", name="Move one").bounding_box()
        assert start
        assert end
        touch = studio.context.new_cdp_session(page)
        x = start["x"] + 15
        for kind, y in [("touchStart", start["y"] + 20), ("touchMove", start["y"]), ("touchMove", end["y"] + 5)]:
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        expect(line(page)).to_have_text(["three", "one", "two"])
        assert page.evaluate("scrollY") == 0
        assert order_of(service) == ["three", "one", "two"]


def test_line_is_reordered_with_keys_alone(studio: Studio, service: ServedProcess) -> None:
    paused(service, "one", "two", "three", "four")
    page = studio.open("live")
    handle = page.get_by_role("button", name="Move two")
    handle.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Picked up, place 2 of 4.")).to_be_attached()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("Place 3 of 4.")).to_be_attached()
    page.keyboard.press("ArrowDown")
    expect(line(page)).to_have_text(["one", "three", "four", "two"])
    expect(handle).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_text("Dropped at place 4 of 4.")).to_be_attached()
    expect(handle).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Home")
    expect(line(page)).to_have_text(["two", "one", "three", "four"])
    page.keyboard.press("Escape")
    expect(line(page)).to_have_text(["one", "three", "four", "two"])
    expect(page.get_by_text("It stays where it was.")).to_be_attached()
    expect(handle).to_be_focused()
    assert order_of(service) == ["one", "three", "four", "two"]


def test_move_that_is_refused_is_put_right_and_said(studio: Studio, service: ServedProcess) -> None:
    paused(service, "one", "two", "three")
    studio.allowed.append("503")
    page = studio.open("live")
    refusal = {"error": {"code": "database", "message": "the database is locked", "hint": "try again", "details": {}}}
    page.route("**/move", lambda route: route.fulfill(status=503, json=refusal))
    page.get_by_role("button", name="Move one").focus()
    for key in ("Space", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(page.get_by_text("the database is locked")).to_be_visible()
    expect(line(page)).to_have_text(["one", "two", "three"])


def test_focus_stays_near_when_its_row_goes(studio: Studio, service: ServedProcess) -> None:
    ids = paused(service, "one", "two", "three")
    page = studio.open("live")
    page.get_by_role("button", name="two", exact=True).focus()
    service.ask(f"/jobs/{ids[1]}/cancel", {})
    expect(page.get_by_role("button", name="three", exact=True)).to_be_focused()


def test_queue_is_paused_and_all_that_wait_cancelled(studio: Studio, service: ServedProcess) -> None:
    page = studio.open("live")
    page.get_by_role("button", name="Pause the queue").click()
    expect(page.locator(".live-paused")).to_contain_text("no job starts")
    ordered(service, *[f"job {number}" for number in range(12)])
    expect(line(page)).to_have_count(12)
    page.get_by_role("button", name="Cancel all that wait").click()
    dialog = page.get_by_role("dialog", name="Cancel all 12 jobs that wait?")
    dialog.get_by_role("button", name="Cancel", exact=True).click()
    expect(line(page)).to_have_count(12)
    page.get_by_role("button", name="Cancel all that wait").click()
    dialog.get_by_role("button", name="Cancel 12 jobs").click()
    expect(part(page, "Ended lately").locator(".live-row")).to_have_count(12)
    expect(page.get_by_text("12 jobs cancelled.")).to_be_visible()
    page.get_by_role("button", name="Resume the queue").click()
    expect(page.get_by_role("button", name="Pause the queue")).to_be_visible()
    expect(page.locator(".live-paused")).to_have_count(0)
