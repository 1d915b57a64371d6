"""How quick the studio is: the first load, from a key to its chips, and a gallery of ten thousand pictures.

In a real Chromium, with an empty cache for each load, over a service in a process of its own and a sandbox engine.
Needs the tools of development (`make test` installs them) and a Chromium.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _engine import engine, verdict
from _serving import Served, served

sys.path.append(str(Path(__file__).parents[1]))  # the browser and the ten thousand pictures are the tests'
import _scrolling as scrolling

from tests.many_pictures import fill
from tests.studio import browser as browsers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import Browser, Page

PROMPT = "textarea >> nth=0"
TYPED = "a portrait of an old sailor at sunset"
BARS = {"kilobytes": 150.0, "interactive": 1_000.0, "chips": 150.0, "frame": 100.0}
PICTURES = 10_000

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


def measure(browser: Browser, service: Served, rounds: int) -> dict[str, list[float]]:
    """Return all that was measured, by what `BARS` call it."""
    first_load(browser, service.url)  # the service's own first time
    loads = [first_load(browser, service.url) for _ in range(rounds)]
    chips = [one for _ in range(rounds) for one in keys_to_chips(browser, service.url)]
    fill(service.data, PICTURES)
    with scrolling.with_scrollbars(browser) as with_bars:
        dragged = [longest_frame(with_bars, service.url, by_bar) for _ in range(rounds)]
    return {
        "kilobytes": [load[0] for load in loads],
        "interactive": [load[1] for load in loads],
        "chips": chips,
        "wheel": [longest_frame(browser, service.url, by_wheel) for _ in range(rounds)],
        "bar": dragged,
    }


def show(name: str, unit: str, figures: Sequence[float], bar: float) -> bool:
    """Print one figure; tell whether its median is within its bar."""
    median = statistics.median(figures)
    said = f"median {median:.0f} {unit} of {len(figures)}, {min(figures):.0f} to {max(figures):.0f}"
    print(f"  {name:<32} {said}; at most {bar:g}: {verdict(median <= bar)}")
    return median <= bar


def main() -> int:
    """Print the figures; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with engine(None) as url, served(url) as service, browsers.chromium() as browser:
        found = measure(browser, service, asked.rounds)
    kept = [
        show("first load", "kB", found["kilobytes"], BARS["kilobytes"]),
        show("until the prompt can be written", "ms", found["interactive"], BARS["interactive"]),
        show("from a key to its chip", "ms", found["chips"], BARS["chips"]),
        show(f"longest frame, {PICTURES:,} by wheel", "ms", found["wheel"], BARS["frame"]),
        show(f"longest frame, {PICTURES:,} by the bar", "ms", found["bar"], BARS["frame"]),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
