"""The distribution as it is built of the checkout, and an environment with nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.packaging.environment import ROOT, Environment, install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Build a distribution: a ``wheel`` or an ``sdist``."""

    def build(target: str) -> Path:
        folder = tmp_path_factory.mktemp(target)
        command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        (built,) = folder.iterdir()
        return built

    return build


@pytest.fixture(scope="session")
def wheel(build: Callable[[str], Path]) -> Path:
    """The wheel."""
    return build("wheel")


@pytest.fixture(scope="session")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment without any extra."""
    return install(wheel, tmp_path_factory.mktemp("environments") / "base")
