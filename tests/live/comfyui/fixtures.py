"""What live tests ask for. A conftest beside the tests imports these names.

One server serves a whole test process; it is started by the first test that asks. Without an installed ComfyUI these
tests are skipped, and under ``CI=true`` they fail instead: there nothing may pass because it did not run.
"""

from __future__ import annotations

import atexit
import functools
import os
from typing import TYPE_CHECKING

import pytest

from tests.live.comfyui.install import default_directory, is_installed
from tests.live.comfyui.server import ComfyUI

if TYPE_CHECKING:
    from collections.abc import Iterator

IS_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


@pytest.fixture(scope="session")
def comfyui() -> ComfyUI:
    """A running ComfyUI that all tests of this process share: leave its queue empty."""
    return _shared()


@pytest.fixture
def fresh_comfyui() -> Iterator[ComfyUI]:
    """A ComfyUI of the test's own, to be killed and restarted at will."""
    with _installed() as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show what the server said when a test against it fails, and count a skip under CI as a failure."""
    report: pytest.TestReport = yield  # pyright: ignore[reportAssignmentType]  # pytest sends the report
    if IS_CI and report.skipped and item.get_closest_marker("live"):
        report.outcome, report.longrepr = "failed", f"skipped, which CI does not allow: {report.longrepr}"
    servers = [value for value in getattr(item, "funcargs", {}).values() if isinstance(value, ComfyUI)]
    if report.failed:
        report.sections.extend(("ComfyUI's log", server.log[-4000:]) for server in servers)
    return report  # pyright: ignore[reportReturnType]  # what a wrapper hands on


@functools.cache
def _shared() -> ComfyUI:
    server = _installed()
    atexit.register(server.stop)
    server.start()
    return server


def _installed() -> ComfyUI:
    directory = default_directory()
    if not is_installed(directory):
        pytest.skip(f"no ComfyUI in {directory}; `make live` installs it")
    return ComfyUI(directory)
