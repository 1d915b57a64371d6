"""What is in the wheel and in the source distribution, and what is not."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import PurePosixPath

import pytest
from packaging.metadata import Metadata
from readme_renderer import markdown

from tests.packaging.environment import ROOT

PACKAGE = ROOT / "src" / "comfy_gen"
ABSENT = re.compile(
    r"(^|/)(tests|\.[^/]+|__pycache__|node_modules|build|dist|data|outputs)/|\.(pyc|db|log|env)$|/\.env$"
)
"""What no user wants: tests, caches, somebody's jobs and secrets."""


@pytest.fixture(scope="module")
def in_wheel(wheel):
    """The files of the wheel, by name."""
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope="module")
def metadata(in_wheel):
    """What an index reads of the wheel."""
    return next(content for name, content in in_wheel.items() if name.endswith(".dist-info/METADATA"))


@pytest.fixture(scope="module")
def in_sdist(build):
    """The names in the source distribution, below its one folder."""
    with tarfile.open(build("sdist")) as file:
        return {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in file.getnames()}


def test_wheel_has_every_file_of_the_package_and_no_other(in_wheel):
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src/comfy_gen"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    ours = {name.removeprefix("src/") for name in listed if (ROOT / name).exists()}
    assert {name for name in in_wheel if name.startswith("comfy_gen/")} == ours


@pytest.mark.parametrize(
    "needed",
    [
        "comfy_gen/py.typed",
        "comfy_gen/workflows/library/sdxl.json",
        "comfy_gen/workflows/library/sdxl.card.json",
        "comfy_gen/composition/definitions/subjects/*.yaml",
        "comfy_gen/jobs/migrations/script.py.mako",
        "comfy_gen/jobs/migrations/versions/*.py",
        "comfy_gen/studio/static/*.html",
        "comfy_gen/studio/static/views/create/*.js",
        "comfy_gen/studio/static/styles/*.css",
        "comfy_gen/api/pages/*.html",
        "comfy_gen/models/*.yaml",
        "comfy_gen/sandbox/*.json",
        "*.dist-info/licenses/LICENSE",
    ],
)
def test_wheel_has_what_is_read_when_it_runs(in_wheel, needed):
    assert any(PurePosixPath(name).match(needed) for name in in_wheel)


def test_wheel_has_no_tests_caches_or_secrets(in_wheel):
    assert [name for name in in_wheel if ABSENT.search(name)] == []


def test_wheel_is_for_every_system(wheel):
    assert re.fullmatch(r"comfygen_server-[\d.]+-py3-none-any\.whl", wheel.name)


def test_wheel_brings_the_command(in_wheel):
    (points,) = (content for name, content in in_wheel.items() if name.endswith(".dist-info/entry_points.txt"))
    assert points == b"[console_scripts]\ncomfygen = comfy_gen.cli:main\n"


def test_metadata_name_what_is_needed(metadata):
    told = message_from_bytes(metadata)
    assert (told["Requires-Python"], told["License-Expression"]) == (">=3.11", "Apache-2.0")
    assert {"clip", "mcp", "postgres", "s3"} <= set(told.get_all("Provides-Extra"))


def test_source_distribution_can_be_built_of_and_tested(in_sdist):
    needed = ("pyproject.toml", "README.md", "LICENSE", "constraints.txt", "Makefile", "src/comfy_gen/__init__.py")
    assert {*needed, "tests/conftest.py", "docs/architecture.md"} <= in_sdist


def test_source_distribution_has_no_caches_or_secrets(in_sdist):
    allowed = (".ci/", "tests/")
    assert [name for name in in_sdist if ABSENT.search(name) and not name.startswith(allowed)] == []
    assert [name for name in in_sdist if re.search(r"__pycache__|node_modules|\.hypothesis|\.env$", name)] == []


def test_an_index_would_take_its_metadata(metadata):
    assert Metadata.from_email(metadata, validate=True).name == "comfygen-server"


def test_an_index_would_show_its_description(metadata):
    told = message_from_bytes(metadata)
    assert told["Description-Content-Type"] == "text/markdown"
    problems = io.StringIO()
    page = markdown.render(told.get_payload(decode=True).decode(), stream=problems)
    assert problems.getvalue() == ""
    assert page is not None
    assert "<h1" in page
