"""The official proxy that speaks Comfy API v2 before a ComfyUI."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.components import together
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Generator

_SECONDS = 30.0


@contextmanager
def proxied(comfyui_url: str) -> Generator[str]:
    """Run a proxy for the length of the block."""
    port = free_port()
    command = [sys.executable, "-m", "comfy_api_proxy.cli", "run", "--comfyui", comfyui_url, "--port", str(port)]
    process = subprocess.Popen([*together(), *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _ready(f"http://127.0.0.1:{port}", process)
    finally:
        process.kill()
        process.wait(_SECONDS)


def _ready(url: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{url}/api/v2/health", timeout=_SECONDS):
                return url
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
        time.sleep(0.05)
