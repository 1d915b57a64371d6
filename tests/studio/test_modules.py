"""The studio's modules that decide, tried by Node's own test runner, without a page."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.components import find_program, require

TESTS = sorted((Path(__file__).parent / "js").glob("*.test.js"))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name.removesuffix(".test.js"))
def test_modules(path: Path) -> None:
    node = find_program("node")
    require(node, "Node", "apt-get install nodejs")
    done = subprocess.run([str(node), "--test", path], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
