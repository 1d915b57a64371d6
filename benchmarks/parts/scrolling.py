"""Measures how evenly a page scrolls: the longest time between two frames, while somebody goes through all of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from tests.studio.browser import ARGUMENTS, program

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from playwright.sync_api import Browser, Page

_BEGIN = """() => {
    const found = { longest: 0, frames: 0, goes: true };
    window.watchedFrames = found;
    let last = 0;
    const step = (now) => {
        if (last) {
            found.longest = Math.max(found.longest, now - last);
            found.frames += 1;
        }
        last = now;
        if (found.goes) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
}"""
_END = "() => { window.watchedFrames.goes = false; return window.watchedFrames; }"
_FAR = "() => document.documentElement.scrollHeight - innerHeight"
_WHERE = "() => window.scrollY"
_LEFT = "() => document.documentElement.scrollHeight - innerHeight - window.scrollY"


@dataclass(frozen=True, slots=True)
class Frames:
    """How evenly it went."""

    longest: float
    """Milliseconds between two."""
    count: int


@contextmanager
def with_scrollbars(browser: Browser) -> Generator[Browser]:
    """Yield another browser like one, in which there are scrollbars to drag: without a screen they are left out."""
    opened = browser.browser_type.launch(
        executable_path=program(), args=ARGUMENTS, ignore_default_args=["--hide-scrollbars"]
    )
    try:
        yield opened
    finally:
        opened.close()


def wheeled(page: Page, notch: int) -> Frames:
    """Turn the wheel until the end of the page is reached."""
    page.mouse.move(640, 400)

    def turn() -> None:
        while _number(page, _LEFT) > 1:
            for _ in range(10):
                page.mouse.wheel(0, notch)

    return _watched(page, turn)


def dragged(page: Page, steps: int) -> Frames:
    """Drag the bar from the top of the page to its end, and back."""
    size = page.viewport_size
    assert size is not None
    right, top, bottom = size["width"] - 7, 26, size["height"] - 2  # above and below are its arrows

    def drag() -> None:
        page.mouse.move(right, top)
        page.mouse.down()
        page.mouse.move(right, bottom, steps=steps)
        reached = _number(page, _WHERE)
        page.mouse.move(right, top, steps=steps)
        page.mouse.up()
        assert reached > _number(page, _FAR) * 0.95, "the bar was not where it was dragged"

    return _watched(page, drag)


def _watched(page: Page, work: Callable[[], None]) -> Frames:
    page.evaluate(_BEGIN)
    work()
    found = cast("dict[str, float]", page.evaluate(_END))
    return Frames(round(found["longest"], 1), int(found["frames"]))


def _number(page: Page, script: str) -> float:
    return cast("float", page.evaluate(script))
