"""The pages for those who begin, typed from top to bottom in a folder of their own, with real engines and servers."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from comfy_gen.sandbox import SandboxOptions
from comfy_gen.supervisor.process import send, tree_of
from comfy_gen.supervisor.state import read_state
from tests.background import BackgroundSandbox
from tests.comfyui_folder import make_sandbox_comfyui
from tests.docs.typed import Typist
from tests.ports import free_port
from tests.s3 import LOGIN
from tests.served import environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to"
QUICKSTART = ROOT / "docs" / "quickstart.md"
OTHERS = {"first-service", "several-gpus", "s3", "scaling-out"}
"""Pages that take more for granted than an engine."""
SIMPLE = [page for page in sorted(HOW_TO.glob("*.md")) if page.stem not in OTHERS]
LONGEST = 900
"""Words of the quickstart."""


@pytest.fixture(scope="module")
def engines() -> Iterator[list[str]]:
    """Two engines, for all pages."""
    options = SandboxOptions(step_time=0.005)
    with BackgroundSandbox(options) as one, BackgroundSandbox(options) as two:
        yield [one.url, two.url]


@pytest.fixture
def typist(tmp_path: Path, engines: list[str]) -> Typist:
    """Somebody in a folder that is like a clone."""
    for name in ("workflows", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    Image.new("RGB", (96, 64), "teal").save(tmp_path / "photo.png")
    environment = environment_of("http://127.0.0.1:8188", tmp_path, COMFYGEN_QUALITY_MODEL="none")
    del environment["COMFYGEN_JOBS_ALLOW_PRIVATE_URLS"]
    typist = Typist(tmp_path, environment | {"API_PORT": "8000", "HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"})
    typist.ports |= {8188: int(engines[0].rpartition(":")[2]), 8189: int(engines[1].rpartition(":")[2])}
    return typist


@pytest.fixture
def at_a_machine(typist: Typist) -> Iterator[Typist]:
    """The same with a ComfyUI that nobody has started; what is started is ended, whatever becomes of the test."""
    make_sandbox_comfyui(typist.folder / "ComfyUI")
    (typist.folder / "ComfyUI" / "venv").symlink_to(sys.prefix)
    typist.ports |= {8188: free_port(), 8189: free_port()}
    yield typist
    for state in map(read_state, (typist.folder / "data" / "instances").glob("*")):
        if state is not None:
            send([*tree_of(state.keeper), *(tree_of(state.comfyui) if state.comfyui else [])], signal.SIGKILL)


@pytest.mark.parametrize("page", [QUICKSTART, *SIMPLE], ids=lambda page: page.stem)
def test_page_does_what_it_says(page, typist):
    typist.type(page)


@pytest.mark.parametrize("name", ["first-service", "several-gpus"])
def test_machine_is_set_up(name, at_a_machine):
    at_a_machine.type(HOW_TO / f"{name}.md")


def test_files_are_kept_in_a_bucket(typist, rclone_endpoint):
    typist.words = {
        "http://127.0.0.1:9000": rclone_endpoint,
        "your-key": LOGIN[0],
        "your-secret": LOGIN[1],
        "=pictures": "=pictures-of-a-page",
    }
    typist.type(HOW_TO / "s3.md")


def test_work_is_shared_by_many(typist, postgres_url):
    typist.words = {
        "postgresql://comfygen@db.example/comfygen": f"'{postgres_url}'",
        "/srv/comfygen": str(typist.folder / "shared"),
    }
    typist.type(HOW_TO / "scaling-out.md")


def test_quickstart_is_quick():
    assert len(re.findall(r"\S+", QUICKSTART.read_text(encoding="utf-8"))) <= LONGEST
