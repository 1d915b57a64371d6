"""What tests of the studio may ask for. They are not coroutines: the browser's library has a loop of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.sandbox import SandboxOptions
from tests.background import BackgroundSandbox
from tests.served import ServedProcess, environment_of
from tests.studio.browser import Studio, chromium, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium. It ends with these tests: as long as it is there, no other loop can run in this thread."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def engine() -> Iterator[BackgroundSandbox]:
    """An engine that paints fast; ``engine.call`` and ``engine.sandbox.add_fault`` change it."""
    with BackgroundSandbox(SandboxOptions(step_time=0.005)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def service(engine: BackgroundSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service over that engine, for all tests of a module."""
    folder = tmp_path_factory.mktemp("service")
    with ServedProcess(folder, environment_of(engine.url, folder)) as served:
        yield served


@pytest.fixture
def studio(browser: Browser, service: ServedProcess) -> Iterator[Studio]:
    """The studio of that service in a window of its own; nothing may be on its console when the test ends."""
    yield from opened(browser, service.url)
