from __future__ import annotations

import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from comfy_gen.sandbox import Fault, Kind, SandboxOptions
from tests.background import BackgroundSandbox
from tests.served import ServedProcess, environment_of
from tests.studio.browser import PHONE, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from tests.studio.browser import Studio

    Slow = tuple[Studio, ServedProcess, BackgroundSandbox]

HOSTILE = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
TIMES = "\N{MULTIPLICATION SIGN}"
DRAFT = {"text": "a red kite over a hill", "workflow": "sd15", "width": 64, "height": 64, "steps": 2, "seed": 5}


def drafted(studio: Studio, query: str = "", **parts: Any) -> Page:
    """Open the view with something to make in Create's draft."""
    page = studio.open("grids")
    kept = json.dumps({**DRAFT, **parts})
    page.evaluate("kept => localStorage.setItem('comfygen:create:draft', kept)", kept)
    return studio.open("grids", query)


def axis(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=re.compile(f"^{name}"))


def write(page: Page, name: str, parameter: str, values: str) -> None:
    """Say what changes along an axis."""
    axis(page, name).get_by_label("What changes").select_option(label=parameter)
    axis(page, name).get_by_label("Values").fill(values)


def make(page: Page) -> None:
    page.get_by_role("button", name="Make the grid").click()


def wait_for(page: Page, text: str) -> None:
    """Wait until the grid is that far; machines that are busy take their time."""
    expect(page.get_by_role("status").filter(has_text=text).first).to_be_visible(timeout=40_000)


def cell(page: Page, text: str) -> Locator:
    return page.get_by_role("img", name=text, exact=True)


def test_grid_of_two_axes_appears_with_its_headers_and_opens_in_the_gallery(studio: Studio) -> None:
    page = drafted(studio)
    write(page, "Columns", "Seed", "1..3")
    write(page, "Rows", "Steps", "2, 4")
    expect(page.get_by_text(f"3 {TIMES} 2 = 6 pictures")).to_be_visible()
    studio.check_accessible()
    studio.look("grids-planner")
    make(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Seed {TIMES} Steps")
    expect(page.get_by_role("columnheader")).to_have_text([re.compile("Seed →"), "Seed 1", "Seed 2", "Seed 3"])
    expect(page.get_by_role("rowheader")).to_have_text(["Steps 2", "Steps 4"])
    wait_for(page, "6 of 6 pictures made")
    expect(cell(page, "Seed 3, Steps 4")).to_be_visible()
    studio.check_accessible()
    studio.look("grids-grid")
    cell(page, "Seed 2, Steps 4").dblclick()
    expect(page).to_have_url(re.compile(r"/studio/gallery\?open=.*000000000004$"))


def test_grid_is_gone_through_with_the_keyboard_only(studio: Studio) -> None:
    page = drafted(studio)
    axis(page, "Columns").get_by_label("What changes").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("8, 9")
    page.get_by_role("button", name="Make the grid").focus()
    page.keyboard.press("Enter")
    wait_for(page, "2 of 2 pictures made")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    cells = page.get_by_role("gridcell")
    for _ in range(12):
        page.keyboard.press("Tab")
        if cells.first.evaluate("cell => cell === document.activeElement"):
            break
    expect(cells.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(cells.last).to_be_focused()
    expect(page.get_by_role("region", name="The chosen cell")).to_contain_text("Seed 9")
    page.keyboard.press("Home")
    expect(cells.first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/studio/gallery\?open=.*000000000001$"))


def test_choices_words_and_sheets_make_what_they_say(studio: Studio, service: ServedProcess) -> None:
    page = drafted(studio)
    axis(page, "Columns").get_by_label("What changes").select_option(label="Sampler")
    for name in ("euler", "heun"):
        field = axis(page, "Columns").get_by_role("combobox", name="Add a value")
        field.click()
        field.fill(name)
        page.get_by_role("option", name=name, exact=True).click()
    write(page, "Rows", "Prompt words", 'kite, balloon, "glove, wet"')
    write(page, "Sheets", "Cfg", "3..5 step 2")
    expect(page.get_by_text(f"2 {TIMES} 3 {TIMES} 2 = 12 pictures")).to_be_visible()
    page.get_by_role("textbox", name="Name").fill(HOSTILE)
    make(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    wait_for(page, "12 of 12 pictures made")
    page.get_by_role("tab", name="Cfg 5").click()
    expect(cell(page, "Sampler heun, Prompt words glove, wet, Cfg 5")).to_be_visible()
    page.get_by_role("gridcell").last.click()
    page.get_by_role("link", name="Use this cell").click()
    expect(page).to_have_url(re.compile("/studio/create"))
    jobs = service.ask("/jobs?limit=12")[1]["jobs"]
    last = max(jobs, key=lambda job: job["id"][-4:])["id"]
    made = service.ask(f"/library/{last}")[1]
    assert made["prompt"] == "a red glove, wet over a hill"
    assert (made["recipe"]["sampler"], made["recipe"]["cfg"], made["seed"]) == ("heun", 5, 5)
    studio_said = service.ask(f"/result/{last}")[1]["metadata"]["studio"]
    assert studio_said == {"view": "grids", "grid": last[:23], "x": 1, "y": 2, "z": 1}


def test_all_mistakes_are_told_at_once_and_nothing_is_sent(studio: Studio, service: ServedProcess) -> None:
    before = service.ask("/jobs?limit=1")[1]["jobs"][:1]
    page = drafted(studio, text="")
    write(page, "Columns", "Steps", "many, 0")
    write(page, "Rows", "LoRA strength", "")
    write(page, "Sheets", "Seed", HOSTILE)
    make(page)
    expect(axis(page, "Columns")).to_contain_text("“many” is neither a number nor a range")
    expect(axis(page, "Columns")).to_contain_text("0 is too little: 1 is the least.")
    expect(axis(page, "Rows")).to_contain_text("Choose the LoRA that it is about.")
    expect(axis(page, "Sheets")).to_contain_text(HOSTILE)
    expect(page.get_by_text("There is no prompt yet: write one in Create.", exact=True)).to_be_visible()
    expect(axis(page, "Columns").get_by_label("Values")).to_be_focused()
    write(page, "Columns", "Seed", "random 100")
    write(page, "Rows", "Steps", "1..5")
    expect(page.get_by_text(re.compile("pictures are too many for a grid: 400 is the most"))).to_be_visible()
    assert service.ask("/jobs?limit=1")[1]["jobs"][:1] == before


def test_reload_in_the_middle_of_sending_neither_loses_nor_doubles_a_cell(
    studio: Studio, service: ServedProcess
) -> None:
    page = drafted(studio)
    write(page, "Columns", "Seed", "1..17")
    write(page, "Rows", "Cfg", "1..3")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/generate") else None)
    make(page)
    with page.expect_request(lambda request: request.url.endswith("/generate") and len(sent) >= 7):
        page.get_by_role("dialog").get_by_role("button", name="Make them").click()
    page.reload()
    wait_for(page, "51 of 51 pictures made")
    grid = re.findall(r"grid=([0-9a-f-]+)", page.url)[0]
    jobs = service.ask(f"/jobs?text={grid}&limit=500")[1]["jobs"]
    assert len(jobs) == 51
    page.get_by_role("link", name="All grids").click()
    expect(page.get_by_role("article").filter(has_text=f"Seed {TIMES} Cfg").first).to_contain_text(
        "51 of 51 pictures made"
    )


def test_grid_is_exported_as_one_picture_and_as_files(studio: Studio, tmp_path: Path) -> None:
    page = drafted(studio)
    write(page, "Columns", "Size", "64x64, 128x64")
    write(page, "Rows", "Negative prompt", "blurry")
    axis(page, "Rows").get_by_label("Values").fill("blurry\nvery dark, with a long text that does not fit in a line")
    make(page)
    wait_for(page, "4 of 4 pictures made")
    page.get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Width of each picture").select_option("256")
    said = re.search(rf"([\d,]+) {TIMES} ([\d,]+) pixels", dialog.inner_text())
    assert said
    studio.look("grids-export")
    with page.expect_download() as downloading:
        dialog.get_by_role("button", name="Download the PNG").click()
    downloading.value.save_as(tmp_path / "grid.png")
    downloading.value.save_as("build/studio/grids-exported.png")
    picture = Image.open(tmp_path / "grid.png").convert("RGB")
    assert picture.size == tuple(int(number.replace(",", "")) for number in said.groups())
    assert len(picture.getcolors(1 << 24) or []) > 500
    with page.expect_download() as downloading:
        dialog.get_by_role("link", name="ZIP of 4 pictures").click()
    downloading.value.save_as(tmp_path / "grid.zip")
    assert len(zipfile.ZipFile(tmp_path / "grid.zip").namelist()) == 5


def test_what_the_service_refuses_is_said_in_the_cells(studio: Studio) -> None:
    studio.allowed.append("422")
    page = drafted(studio, text="@nowhere in the morning")
    write(page, "Columns", "Seed", "31, 32")
    make(page)
    wait_for(page, "0 of 2 pictures made, 2 failed")
    expect(page.get_by_role("gridcell").first).to_contain_text("There is no category @nowhere.")
    expect(page.get_by_role("button", name="Make the missing 2")).to_be_visible()


def test_earlier_picture_is_the_base_of_a_grid(studio: Studio, service: ServedProcess) -> None:
    asked = {"prompt": HOSTILE, "workflow": "sd15", "steps": 3, "width": 64, "height": 64, "seed": 77}
    made = service.ended(service.ask("/generate", asked)[1]["id"])
    page = studio.open("grids", f"from={made['id']}")
    base = page.get_by_role("region", name="What all pictures share")
    expect(base).to_contain_text(HOSTILE)
    expect(base).to_contain_text("seed 77")
    write(page, "Columns", "Steps", "2, 3")
    expect(page.get_by_text(re.compile(r"2 pictures, about .+, going by what was made today"))).to_be_visible()
    make(page)
    wait_for(page, "2 of 2 pictures made")
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    page.get_by_role("link", name="Another like it").click()
    expect(page.get_by_role("region", name="What all pictures share")).to_contain_text("seed 77")
    expect(axis(page, "Columns").get_by_label("Values")).to_have_value("2, 3")


def test_grid_is_deleted_from_the_list_and_its_pictures_stay(studio: Studio, service: ServedProcess) -> None:
    page = drafted(studio)
    expect(page.get_by_text("No grids yet")).to_be_visible()
    write(page, "Columns", "Seed", "41")
    make(page)
    wait_for(page, "1 of 1 picture made")
    grid = re.findall(r"grid=([0-9a-f-]+)", page.url)[0]
    page.get_by_role("link", name="All grids").click()
    studio.look("grids-earlier")
    page.get_by_role("button", name="Delete Seed").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No grids yet")).to_be_visible()
    assert service.ask(f"/library/{grid}-000000000000")[0] == 200
    studio.open("grids", f"grid={grid}")
    expect(page.get_by_text("This browser does not know that grid")).to_be_visible()


def test_grid_fits_a_phone(studio: Studio) -> None:
    page = drafted(studio)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    write(page, "Columns", "Seed", "51..56")
    make(page)
    wait_for(page, "6 of 6 pictures made")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box = page.locator(".grids-box")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    page.get_by_label("Size of the pictures").fill("72")
    page.get_by_role("gridcell").nth(1).click()
    expect(page.get_by_role("region", name="The chosen cell")).to_contain_text("Seed 52")
    studio.look("grids-small")


@pytest.fixture
def slow(browser: Browser, tmp_path: Path) -> Iterator[Slow]:
    """A studio whose engine takes its time, where no job is tried twice; its service, and that engine."""
    with BackgroundSandbox(SandboxOptions(step_time=0.2)) as engine:
        environment = environment_of(engine.url, tmp_path, COMFYGEN_JOBS_MAX_ATTEMPTS="1")
        with ServedProcess(tmp_path, environment) as served:
            for studio in opened(browser, served.url):
                yield studio, served, engine


def test_rest_of_a_grid_is_cancelled_and_can_be_made_later(slow: Slow) -> None:
    studio, service, _ = slow
    studio.allowed += ["409", "ERR_"]
    page = drafted(studio, steps=5)
    write(page, "Columns", "Seed", "1..5")
    make(page)
    expect(page.get_by_role("gridcell").first.get_by_role("progressbar")).to_be_visible()
    studio.look("grids-running")
    page.get_by_role("button", name="Cancel the rest").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the rest").click()
    again = page.get_by_role("button", name=re.compile("Make the missing"))
    expect(again).to_be_visible()
    service.kill()
    service.start()
    page.reload()
    expect(page.get_by_role("gridcell").filter(has_text="Cancelled").first).to_be_visible()
    again.click()
    wait_for(page, "5 of 5 pictures made")


def test_cells_that_fail_say_why_and_are_made_again(slow: Slow) -> None:
    studio, _, engine = slow
    page = drafted(studio)
    write(page, "Columns", "Seed", "21, 22")
    engine.sandbox.add_fault(Fault(Kind.OUT_OF_MEMORY))
    make(page)
    wait_for(page, "1 of 2 pictures made, 1 failed")
    failed = page.get_by_role("gridcell").filter(has_text="Failed")
    expect(failed).to_contain_text(re.compile("memory", re.IGNORECASE))
    failed.click()
    studio.check_accessible()
    studio.look("grids-failed")
    page.get_by_role("region", name="The chosen cell").get_by_role("button", name="Make it again").click()
    wait_for(page, "2 of 2 pictures made")
