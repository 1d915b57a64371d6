"""What Create takes in besides the prompt: a picture, a mask, other parameters, quality and wildcards."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.served import ServedProcess
    from tests.studio.browser import Studio
from tests.studio.starting_pictures import EVIL, SIZE, box, choose, draft, opened, painted, photo, service

__all__ = ["photo", "service"]


def shown_size(width: int, height: int) -> str:
    return f"{width} \N{MULTIPLICATION SIGN} {height}"


def drop(page: Page, at: Locator, path: Path) -> None:
    """Drop a file as the desktop does."""
    at.scroll_into_view_if_needed()
    area = at.bounding_box()
    assert area
    place = {"x": area["x"] + area["width"] / 2, "y": area["y"] + min(area["height"] / 2, 100)}
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
    session.detach()


def test_chosen_picture_is_shown_with_its_size_and_is_there_after_a_reload(studio: Studio, photo: Path) -> None:
    page = opened(studio)
    choose(page, photo)
    expect(box(page)).to_contain_text(shown_size(320, 192))
    expect(box(page)).to_contain_text(EVIL)
    page.reload()
    expect(box(page).get_by_role("img", name=EVIL)).to_be_visible()
    expect(box(page)).to_contain_text(shown_size(320, 192))
    box(page).get_by_role("button", name="Remove", exact=True).click()
    expect(box(page).get_by_role("img")).to_have_count(0)
    expect(box(page).get_by_role("button", name="Choose a file")).to_be_focused()


def test_picture_that_is_dropped_anywhere_is_taken(studio: Studio, photo: Path) -> None:
    page = studio.open("create")
    drop(page, page.get_by_role("heading", level=1), photo)
    expect(box(page).get_by_role("img")).to_be_visible()
    assert draft(page)["inputImage"]["label"] == EVIL


def test_picture_that_is_pasted_is_taken(studio: Studio) -> None:
    studio.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = studio.open("create")
    page.evaluate(
        """async (content) => {
            const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
            const blob = new Blob([bytes], {type: 'image/png'});
            await navigator.clipboard.write([new ClipboardItem({'image/png': blob})]);
        }""",
        base64.b64encode(painted((64, 48))).decode(),
    )
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("Control+v")
    expect(box(page)).to_contain_text(shown_size(64, 48))


def test_file_that_is_no_picture_is_refused_in_words(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "<script>alert(1)</script".replace("/", "_")
    path.write_text("nothing to see")
    page = opened(studio)
    drop(page, box(page), path)
    expect(page.get_by_role("log")).to_contain_text(f"{path.name} is no picture")
    assert draft(page)["inputImage"] is None


def test_damaged_picture_is_refused_as_the_service_says(studio: Studio, tmp_path: Path) -> None:
    studio.allowed.append("422")
    path = tmp_path / "half.png"
    path.write_bytes(painted(SIZE)[:60])
    page = opened(studio)
    drop(page, box(page), path)
    expect(page.get_by_role("log").locator(".problem")).to_be_visible()
    expect(box(page)).to_contain_text("Drop a picture")


def test_large_picture_is_made_smaller_at_a_press(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(painted((2000, 1000)))
    page = opened(studio)
    choose(page, path)
    box(page).get_by_role("button", name=f"Make it {shown_size(1024, 512)}").click()
    expect(box(page).locator(".create-picture-label")).to_contain_text(shown_size(1024, 512))
    assert draft(page)["inputImage"]["label"] == "large.png"


def test_picture_is_taken_from_the_gallery(studio: Studio, service: ServedProcess) -> None:
    for title in (EVIL, "a kite"):
        _, told = service.ask("/generate", {"prompt": "sea", "title": title, "width": 128, "height": 64, "steps": 2})
        assert service.ended(told["id"])["state"] == "completed"
    page = opened(studio)
    box(page).get_by_role("button", name="From the gallery").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).not_to_have_count(0)
    studio.check_accessible()
    studio.look("create-gallery-choice")
    dialog.get_by_role("button", name=EVIL).click()
    expect(box(page).get_by_role("img", name=EVIL)).to_be_visible()
    expect(box(page)).to_contain_text(shown_size(128, 64))


def put(service: ServedProcess, path: str, body: object) -> None:
    said = {"Content-Type": "application/json"}
    with urlopen(Request(service.url + path, json.dumps(body).encode(), said, method="PUT")):
        pass


def test_pictures_among_the_parameters_of_an_own_workflow(studio: Studio, service: ServedProcess, photo: Path) -> None:
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    put(service, "/workflows/mine", graph)
    named = {
        "node_id": "1",
        "input": "image",
        "name": "face",
        "title": EVIL,
        "description": "<script>alert(1)</script>",
    }
    prefix = {"node_id": "2", "input": "filename_prefix", "name": "prefix", "title": "Prefix", "description": ""}
    put(service, "/workflows/mine/inputs", {"inputs": [named, prefix]})
    page = opened(studio, "Everything else", "workflow=mine")
    place = page.get_by_role("group", name=EVIL, exact=True)
    expect(page.get_by_text("<script>alert(1)</script>")).to_be_visible()
    drop(page, place, photo)
    expect(place.get_by_role("img", name=EVIL)).to_be_visible()
    with page.expect_response("**/workflows/mine/run") as answer:
        page.get_by_role("button", name="Generate", exact=True).click()
    output = service.ended(answer.value.json()["id"])["output"][0]
    assert (output["width"], output["height"]) == SIZE


def test_parameters_of_the_workflow_keep_to_their_limits_and_can_be_reset(studio: Studio) -> None:
    page = opened(studio, "Everything else", "workflow=sd15-inpaint")
    grow = page.get_by_role("spinbutton", name="Grow mask")
    expect(grow).to_have_attribute("placeholder", "6")
    grow.fill("65")
    expect(page.get_by_text("64 is the most.")).to_be_visible()
    expect(grow).to_have_attribute("aria-invalid", "true")
    grow.fill("12")
    expect(page.get_by_text("64 is the most.")).to_have_count(0)
    assert draft(page)["inputs"] == {"grow_mask": 12}
    page.reload()
    page.locator("summary", has_text="Everything else").click()
    expect(grow).to_have_value("12")
    page.get_by_role("button", name="Reset Grow mask").click()
    expect(grow).to_have_value("")
    expect(grow).to_be_focused()
    assert draft(page)["inputs"] == {}


def test_parameter_that_is_not_valid_is_not_sent(studio: Studio) -> None:
    page = opened(studio, "Everything else", "workflow=wan2.2-t2v")
    page.get_by_role("spinbutton", name="Length").fill("-3")
    page.get_by_role("textbox", name="Prompt", exact=True).fill("xyzzy")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Length")
    assert not [one for one in asked if one.endswith("/generate")]


def test_without_a_workflow_it_is_said_where_parameters_come_from(studio: Studio) -> None:
    page = opened(studio, "Everything else")
    expect(page.get_by_text("Choose a workflow to see its other parameters")).to_be_visible()


def test_quality_is_asked_for_and_told(studio: Studio, service: ServedProcess) -> None:
    page = opened(studio, "Quality")
    page.get_by_role("switch", name="Try again until one passes").check()
    page.get_by_role("spinbutton", name="Tries at most").fill("2")
    page.get_by_role("combobox", name="What is changed").select_option("seed_search")
    assert draft(page)["quality"] == {"auto_retry": True, "retry_limit": 2, "retry_strategy": "seed_search"}
    page.get_by_role("textbox", name="Prompt", exact=True).fill("xyzzy")
    with page.expect_response("**/generate") as answer:
        page.get_by_role("button", name="Generate", exact=True).click()
    asked = {"auto_retry": True, "retry_limit": 2, "retry_strategy": "seed_search"}
    assert answer.value.request.post_data_json.items() >= asked.items()
    assert service.ended(answer.value.json()["id"])["quality"]["passed"] is True
    page.get_by_role("switch", name="Try again until one passes").uncheck()
    assert draft(page)["quality"] == {}


def test_quality_out_of_its_limits_is_said(studio: Studio) -> None:
    page = opened(studio, "Quality")
    page.get_by_role("spinbutton", name="Make several, take the best").fill("17")
    expect(page.get_by_text("16 is the most.")).to_be_visible()


def test_wildcard_is_chosen_by_its_name_and_put_into_the_prompt(studio: Studio) -> None:
    page = studio.open("create")
    prompt = page.get_by_role("textbox", name="Prompt", exact=True)
    prompt.fill("a small ")
    page.get_by_role("button", name="Wildcards").click()
    dialog = page.get_by_role("dialog", name="Wildcards")
    expect(dialog).to_contain_text(f"3 lines: fox, otter, {EVIL}")
    dialog.get_by_role("button", name="__animals__").focus()
    page.keyboard.press("Enter")
    expect(prompt).to_have_value(re.compile("a small __animals__"))
    page.get_by_role("button", name="Wildcards").click()
    dialog.get_by_role("button", name="{morning|evening}").click()
    expect(prompt).to_have_value(re.compile(re.escape("{morning|evening}")))


def test_whole_of_it_is_accessible_when_open(studio: Studio, photo: Path) -> None:
    page = studio.open("create", "workflow=wan2.2-i2v")  # which needs a picture: where it is asked for opens by itself
    choose(page, photo)
    page.locator("summary", has_text="Everything else").click()
    page.locator("summary", has_text="Quality").click()
    page.get_by_role("switch", name="Try again until one passes").check()
    studio.check_accessible()
    studio.look("create-inputs")
