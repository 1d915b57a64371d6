"""Pictures to start from, and how a person brings them to Create."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.served import ServedProcess, environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.background import BackgroundSandbox
    from tests.studio.browser import Studio


EVIL = '"><img src=x onerror=alert(1)>.png'
SIZE = (320, 192)
PICTURE = "Picture to start from"


@pytest.fixture(scope="module")
def service(engine: BackgroundSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service with wildcards, in which nothing compares pictures with prompts."""
    folder = tmp_path_factory.mktemp("service")
    wildcards = folder / "wildcards"
    (wildcards / "colours").mkdir(parents=True)
    (wildcards / "animals.txt").write_text(f"fox\notter\n{EVIL}\n")
    (wildcards / "colours" / "warm.txt").write_text("red\n")
    own = {"COMFYGEN_COMPOSITION_WILDCARDS_DIR": str(wildcards), "COMFYGEN_QUALITY_MODEL": "none"}
    with ServedProcess(folder, environment_of(engine.url, folder, **own)) as served:
        yield served


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture, under a name that is no name."""
    path = tmp_path_factory.mktemp("photos") / EVIL
    path.write_bytes(painted(SIZE))
    return path


def painted(size: tuple[int, int]) -> bytes:
    picture = Image.new("RGB", size, "#2a6")
    ImageDraw.Draw(picture).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), "#fc3")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def opened(studio: Studio, section: str = PICTURE, query: str = "") -> Page:
    page = studio.open("create", query)
    page.locator("summary", has_text=section).click()
    return page


def box(page: Page) -> Locator:
    return page.get_by_role("group", name=PICTURE)


def choose(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chosen:
        box(page).get_by_role("button", name="Choose a file").click()
    chosen.value.set_files(path)
    expect(box(page).get_by_role("img")).to_be_visible()


def draft(page: Page) -> dict[str, Any]:
    return page.evaluate("JSON.parse(localStorage.getItem('comfygen:create:draft'))")
