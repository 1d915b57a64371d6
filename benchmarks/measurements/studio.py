"""How quick the studio is: the first load, from a key to its chips, and a gallery of ten thousand pictures.

In a real Chromium, with an empty cache for each load, over a service in a process of its own and a sandbox engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.finding import Bar, Finding, LeftOut
from benchmarks.parts import scrolling
from benchmarks.parts.engines import sandboxes
from benchmarks.parts.serving import Served, served
from tests.many_pictures import fill
from tests.studio import browser as browsers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from benchmarks.conditions import Conditions

PROMPT = "textarea >> nth=0"
TYPED = "a portrait of an old sailor at sunset"
KILOBYTES, INTERACTIVE, CHIPS, FRAME = 150.0, 1_000.0, 150.0, 100.0
WHEEL, BAR = "by wheel", "by the bar"

_WATCH_CHIPS = """() => {
    window.keyToChip = [];
    let pressed = 0;
    document.addEventListener('input', () => { pressed = performance.now(); }, true);
    new MutationObserver((changes) => {
        const added = changes.flatMap((one) => [...one.addedNodes]).filter((node) => node instanceof Element);
        if (pressed && added.some((node) => node.matches('.chip') || node.querySelector('.chip'))) {
            window.keyToChip.push(performance.now() - pressed);
            pressed = 0;
        }
    }).observe(document.body, { subtree: true, childList: true });
}"""


def measure(conditions: Conditions) -> Iterator[Finding | LeftOut]:
    """Yield what a person waits for."""
    if browsers.program() is None:
        yield LeftOut("the studio", f"there is no Chromium: {browsers.INSTALL}")
        return
    rounds, pictures = conditions.count(3, quick=1), conditions.count(10_000, quick=1_000)
    with sandboxes(1) as (engine,), served(engine) as service, browsers.chromium() as browser:
        yield from loading(browser, service, rounds)
        fill(service.data, pictures)
        yield scrolled(browser, service, rounds, f"longest frame, {pictures:,} pictures")


def loading(browser: Browser, service: Served, rounds: int) -> Iterator[Finding]:
    """Yield what the first load takes, and the chips."""
    first_load(browser, service.url)  # the service's own first time
    sizes, times = zip(*(first_load(browser, service.url) for _ in range(rounds)), strict=True)
    way = "Create"
    yield Finding("first load", "kB", {way: sizes}, bars=[Bar(way, KILOBYTES)])
    yield Finding("until the prompt can be written", "ms", {way: times}, bars=[Bar(way, INTERACTIVE)])
    chips = [one for _ in range(rounds) for one in keys_to_chips(browser, service.url)]
    yield Finding("from a key to its chip", "ms", {way: chips}, bars=[Bar(way, CHIPS)])


def scrolled(browser: Browser, service: Served, rounds: int, title: str) -> Finding:
    """Return the longest time between two frames of a gallery."""
    with scrolling.with_scrollbars(browser) as with_bars:
        frames = {
            WHEEL: [longest_frame(browser, service.url, by_wheel) for _ in range(rounds)],
            BAR: [longest_frame(with_bars, service.url, by_bar) for _ in range(rounds)],
        }
    return Finding(title, "ms", frames, bars=[Bar(way, FRAME) for way in frames])


def first_load(browser: Browser, url: str) -> tuple[float, float]:
    """Return the kilobytes that came, and the milliseconds until the prompt can be written."""
    with browsers.studio(browser, url) as studio:
        came: list[int] = []
        network = studio.context.new_cdp_session(studio.page)
        network.send("Network.enable")

        def heard(said: dict[str, Any]) -> None:
            came.append(said["encodedDataLength"])

        network.on("Network.loadingFinished", heard)
        page = studio.page
        page.goto(f"{url}/studio/create", wait_until="commit")
        page.locator(PROMPT).click()
        ready = page.evaluate("performance.now()")
        return sum(came) / 1000, float(ready)


def keys_to_chips(browser: Browser, url: str) -> list[float]:
    """Type a prompt as a person does, and return the milliseconds from a key to the chip that it made appear."""
    with browsers.studio(browser, url) as studio:
        page = studio.open("create")
        page.locator(PROMPT).click()
        page.evaluate(_WATCH_CHIPS)
        for word in TYPED.split():
            page.keyboard.type(f"{word} ", delay=60)
            page.wait_for_timeout(300)
        return [float(one) for one in page.evaluate("window.keyToChip")]


def longest_frame(browser: Browser, url: str, scroll: Callable[[Page], scrolling.Frames]) -> float:
    """Go through all of the gallery; return the longest time between two frames, in milliseconds."""
    with browsers.studio(browser, url) as studio:
        page = studio.open("gallery")
        page.locator("img").first.wait_for()
        return scroll(page).longest


def by_wheel(page: Page) -> scrolling.Frames:
    """Turn the wheel, a screen and a half at a time."""
    return scrolling.wheeled(page, 1_200)


def by_bar(page: Page) -> scrolling.Frames:
    """Drag the bar to the end and back."""
    return scrolling.dragged(page, 100)
