"""Jobs for the tests of Live: a service whose engine can be kept busy, and where things are on the page."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING

import pytest

from comfy_gen.sandbox import SandboxOptions
from tests.background import BackgroundSandbox
from tests.served import ServedProcess, environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page


@pytest.fixture(scope="module")
def engine() -> Iterator[BackgroundSandbox]:
    """An engine whose steps take long enough to be seen."""
    with BackgroundSandbox(SandboxOptions(step_time=0.05)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def service(engine: BackgroundSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service that gives up at once, and shows previews: of pictures that are to be looked at there are none."""
    folder = tmp_path_factory.mktemp("service")
    settings = {"COMFYGEN_JOBS_MAX_ATTEMPTS": "1", "COMFYGEN_POLICY_CHECK_PICTURES": "no"}
    with ServedProcess(folder, environment_of(engine.url, folder, **settings)) as served:
        yield served


@pytest.fixture(autouse=True)
def emptied(service: ServedProcess) -> None:
    """Leave no job of the test before."""
    service.ask("/queue/resume", {})
    while jobs := service.ask("/jobs?limit=500")[1]["jobs"]:
        for job in jobs:
            if job["ended"] is None:
                service.ask(f"/jobs/{job['id']}/cancel", {})
            else:
                urllib.request.urlopen(urllib.request.Request(f"{service.url}/jobs/{job['id']}", method="DELETE"))


def ordered(service: ServedProcess, *titles: str, steps: int = 1) -> list[str]:
    """Have jobs accepted; return their ids."""
    return [_ordered(service, title, steps) for title in titles]


def _ordered(service: ServedProcess, title: str, steps: int) -> str:
    status, answer = service.ask("/generate", {"prompt": "a lighthouse", "title": title, "steps": steps})
    assert status < 300, answer
    return answer["id"]


def paused(service: ServedProcess, *titles: str) -> list[str]:
    """Have jobs wait in a line that does not move."""
    service.ask("/queue/pause", {})
    return ordered(service, *titles)


def part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def line(page: Page) -> Locator:
    """The titles of what waits, in their order."""
    return part(page, "Waiting").locator(".live-title")
