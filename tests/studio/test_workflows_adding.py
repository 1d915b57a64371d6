"""Workflows that people bring: as files, by dropping or pasting, out of pictures."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from PIL import Image, PngImagePlugin
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.served import ServedProcess
    from tests.studio.browser import Studio
from tests.studio.workflow_files import graph_of

EDITORS = {
    "nodes": [
        {"id": 1, "type": "EmptyImage", "widgets_values": [64, 64, 1, 0], "outputs": [{"name": "IMAGE", "links": [1]}]},
        {"id": 2, "type": "SaveImage", "widgets_values": ["x"], "inputs": [{"name": "images", "link": 1}]},
        {"id": 3, "type": "Note", "widgets_values": ["a note"]},
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
    "version": 0.4,
}


def picture_with(**texts: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        info.add_itxt(keyword, text, zip=True)
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def test_workflow_is_added_from_a_file(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "Small Picture.json"
    file.write_text(json.dumps(graph_of()), encoding="utf-8")
    page = studio.open("workflows")
    page.get_by_role("button", name="Add a workflow").click()
    dialog = page.get_by_role("dialog")
    studio.look("workflows-add")
    dialog.get_by_label("File of a workflow").set_input_files(file)
    expect(dialog).to_contain_text("7 nodes in Small Picture.json. It is in API format")
    expect(dialog.get_by_label("Title")).to_have_value("Small Picture")
    dialog.get_by_label("Name").fill("sd15")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("A workflow that ships with the service is called that.")
    dialog.get_by_label("Name").fill("small-picture")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1, name="Small Picture")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("inputs found: ")


def drop(page: Page, content: bytes, name: str, kind: str) -> None:
    page.evaluate(
        """([bytes, name, kind]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name, { type: kind }));
            for (const type of ['dragover', 'drop'])
                document.querySelector('main').dispatchEvent(
                    new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        [list(content), name, kind],
    )


def test_picture_that_is_dropped_gives_its_workflow(studio: Studio) -> None:
    page = studio.open("workflows")
    expect(page.get_by_role("link", name="Stable Diffusion 1.5", exact=True)).to_be_visible()
    drop(page, picture_with(prompt=json.dumps(graph_of()), workflow=json.dumps(EDITORS)), "fox.png", "image/png")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("7 nodes in the picture fox.png. It is in API format")
    dialog.get_by_role("button", name="Close").click()
    drop(page, picture_with(), "plain.png", "image/png")
    expect(dialog.get_by_role("alert")).to_contain_text("That picture carries no workflow")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_picture_made_here_gives_its_workflow(studio: Studio, service: ServedProcess) -> None:
    job = service.ended(
        service.ask("/workflows/sd15/run", {"inputs": {"width": 64, "height": 64, "steps": 1}})[1]["id"]
    )
    made = studio.context.request.get(f"{studio.url}/artifacts/{job['output'][0]['id']}").body()
    page = studio.open("workflows")
    expect(page.get_by_role("link", name="Stable Diffusion 1.5", exact=True)).to_be_visible()
    drop(page, made, "made.png", "image/png")
    expect(page.get_by_role("dialog")).to_contain_text("7 nodes in the picture made.png")


def test_editors_format_is_pasted_converted_and_replaced_only_after_asking(studio: Studio) -> None:
    page = studio.open("workflows")
    for is_there in (False, True):
        page.get_by_role("heading", level=1).click()
        expect(page.get_by_role("link", name="Stable Diffusion 1.5", exact=True)).to_be_visible()
        page.evaluate(
            """(text) => {
                const data = new DataTransfer();
                data.setData('text/plain', text);
                document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
            }""",
            json.dumps(EDITORS),
        )
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("2 nodes in what was pasted. It is in the editor's format, and converted")
        dialog.get_by_label("Title").fill("Plain Colour")
        dialog.get_by_label("Name").fill("plain-colour")
        dialog.get_by_role("button", name="Save").click()
        if is_there:
            page.get_by_role("dialog", name="Replace plain-colour?").get_by_role("button", name="Cancel").click()
            expect(dialog).to_contain_text("Nothing was saved.")
            dialog.get_by_role("button", name="Save").click()
            page.get_by_role("dialog", name="Replace plain-colour?").get_by_role("button", name="Replace").click()
        expect(page.get_by_role("heading", level=1, name="Plain Colour")).to_be_visible()
        expect(page.locator(".workflow-node")).to_have_count(2)
        page.get_by_role("link", name="All workflows").click()
