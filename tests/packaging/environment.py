"""An environment of Python that has the built distribution, and nothing that its metadata does not ask for.

``PACKAGED_VERSIONS`` says which versions of what it needs: ``pinned`` (those of constraints.txt), ``lowest`` or
``highest``. ``PACKAGED_PYTHON`` names another Python, such as 3.13.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.served import environment_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
_RESOLVING = {"lowest": "lowest-direct", "highest": "highest"}
_NOTHING_THERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Environment:
    """One that is made; programs run in a folder outside the checkout."""

    folder: Path

    @property
    def outside(self) -> Path:
        """Where programs run."""
        return self.folder / "outside"

    def variables(self, engine_url: str = _NOTHING_THERE, **more: str) -> Mapping[str, str]:
        """Return the variables of a program: nothing leads to the checkout or to other environments."""
        ours = environment_of(engine_url, self.outside, **more)
        kept = {name: value for name, value in ours.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "OTEL_"))}
        path = f"{self.folder / 'bin'}:/usr/bin:/bin"
        return {**kept, "HOME": str(self.outside), "PATH": path, "COLUMNS": "200", **more}

    def run(
        self, program: str, *arguments: str, engine_url: str = _NOTHING_THERE, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its programs to its end."""
        return subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            cwd=self.outside,
            env=self.variables(engine_url, **more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def python(self, code: str, *arguments: str) -> str:
        """Run a text of Python with warnings as errors, and return what it printed."""
        done = self.run("python", "-W", "error", "-c", code, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def install(wheel: Path, folder: Path, *extras: str) -> Environment:
    """Make an environment with the wheel and some of its extras."""
    _uv("venv", "--quiet", "--no-project", "--python", os.environ.get("PACKAGED_PYTHON") or sys.executable, str(folder))
    wanted = f"{wheel}[{','.join(extras)}]" if extras else str(wheel)
    versions = os.environ.get("PACKAGED_VERSIONS", "pinned")
    if versions == "pinned":
        _install_pinned(folder, wanted, extras)
    else:
        _install_by(_RESOLVING[versions], folder, wanted, extras)
    environment = Environment(folder)
    environment.outside.mkdir()
    return environment


def _install_pinned(folder: Path, wanted: str, extras: tuple[str, ...]) -> None:
    options = ("install", "--quiet", "-c", str(ROOT / "constraints.txt"), wanted)
    if "clip" in extras:  # which of the many builds of torch a machine takes is said by pip's settings
        _run("pip", "--disable-pip-version-check", "--python", str(folder), *options)
    else:
        _uv("pip", *options, "--python", str(folder))


def _install_by(resolving: str, folder: Path, wanted: str, extras: tuple[str, ...]) -> None:
    """Let a resolver choose. Only of what a project names does it take the lowest, not of what a wheel needs."""
    into = ("pip", "install", "--quiet", "--python", str(folder))
    asked = [part for extra in extras for part in ("--extra", extra)]
    _uv(*into, "--resolution", resolving, "-r", str(ROOT / "pyproject.toml"), *asked)
    _uv(*into, "--offline", wanted)


def _uv(*arguments: str) -> None:
    _run("uv", *arguments)


def _run(module: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
