"""A real Chromium, and the page of a studio in it that says whatever goes wrong."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from tests.components import find_program, require

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

INSTALL = "apt-get install chromium"
PATIENCE = 20_000
"""Milliseconds to wait for what is to be seen: only a test that fails takes so long."""
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
OUTPUT = Path("build/studio")
"""Where screenshots are kept."""
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
_FRAMES = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => go(null))))"
"""Colours follow a change of scheme a frame later; on a machine that is busy, that is seen."""
_ALL = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_OF_COLOURS = ("color-contrast",)
_OF_SIZES = ("color-contrast", "scrollable-region-focusable", "target-size")
_RUN = "(rules) => axe.run({runOnly: rules, resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"


def program() -> Path | None:
    """Return the browser of this machine."""
    return find_program("chromium") or find_program("chromium-browser") or find_program("google-chrome")


@contextmanager
def chromium() -> Generator[Browser]:
    """Yield a browser; skip the test where there is none."""
    require(program(), "chromium", INSTALL)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Studio:
    """A page of a studio, and what it has said that it should not."""

    url: str
    context: BrowserContext
    page: Page
    said: list[str] = field(default_factory=list[str])
    """Errors and warnings on the console, and exceptions that nobody caught."""
    elsewhere: list[str] = field(default_factory=list[str])
    """Requests to anybody but the service."""
    allowed: list[str] = field(default_factory=list[str])
    """Parts of what may be on the console: a refusal that the test is about."""

    def open(self, view: str = "create", query: str = "") -> Page:
        """Show a view, and wait for its heading."""
        self.page.goto(f"{self.url}/studio/{view}{query and f'?{query}'}")
        self.page.locator("h1").first.wait_for()
        return self.page

    def look(self, name: str) -> None:
        """Keep screenshots of the page as it is: on a desk and a phone, light and dark."""
        OUTPUT.mkdir(parents=True, exist_ok=True)
        before = self.page.viewport_size
        for size_name, size in (("desktop", DESKTOP), ("phone", PHONE)):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                self.page.screenshot(path=OUTPUT / f"{name}-{size_name}-{scheme}.png", animations="disabled")
        self.page.emulate_media(color_scheme="light")
        if before:
            self.page.set_viewport_size(before)

    def check_accessible(self) -> None:
        """Do nothing, if the page as it is breaks none of axe's rules.

        All of them are tried once; what depends on colours or on the size of the screen, in the others too.
        """
        before = self.page.viewport_size
        self.page.evaluate(Axe().axe_script)
        for size, scheme, rules in (
            (DESKTOP, "light", _ALL),
            (PHONE, "light", _OF_SIZES),
            (PHONE, "dark", _OF_COLOURS),
            (DESKTOP, "dark", _OF_COLOURS),
        ):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.page.emulate_media(color_scheme=scheme)
            self._check(rules, f"{scheme}, {size['width']} wide")
            self._check_width(size["width"])
        self.page.emulate_media(color_scheme="light")
        if before:
            self.page.set_viewport_size(before)

    def _check(self, rules: Sequence[str], where: str) -> None:
        self.page.evaluate(_FRAMES)
        found: dict[str, Any] = self.page.evaluate(_RUN, [*rules])
        broken = [
            f"{one['id']} ({where}): {one['help']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for one in found["violations"]
            for node in one["nodes"]
        ]
        assert not broken, "\n".join(broken)

    def _check_width(self, width: int) -> None:
        needed = self.page.evaluate("document.documentElement.scrollWidth")
        assert needed <= width, f"the page is {needed} pixels wide, and the screen {width}"

    def check_quiet(self) -> None:
        """Do nothing, if the page said nothing on its console, and asked nobody else."""
        unexpected = [one for one in self.said if not any(part in one for part in self.allowed)]
        assert not unexpected, "\n".join(unexpected)
        assert not self.elsewhere, self.elsewhere


@contextmanager
def studio(
    browser: Browser, url: str, *, scheme: Literal["light", "dark"] = "light", **context: Any
) -> Generator[Studio]:
    """Yield a studio in a window of its own: nothing that another test has kept is in it."""
    opened = browser.new_context(viewport=DESKTOP, color_scheme=scheme, reduced_motion="reduce", **context)
    page = opened.new_page()
    page.set_default_timeout(PATIENCE)
    made = Studio(url, opened, page)

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            made.said.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def asked(request: Request) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            made.elsewhere.append(request.url)

    page.on("console", heard)
    page.on("pageerror", lambda error: made.said.append(f"exception: {error}"))
    page.on("request", asked)
    try:
        yield made
    finally:
        opened.close()


def opened(browser: Browser, url: str, **context: Any) -> Iterator[Studio]:
    """For fixtures: a studio that must have been quiet at the end of the test."""
    with studio(browser, url, **context) as made:
        yield made
        made.check_quiet()
