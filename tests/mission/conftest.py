"""What the examples of the specification take for granted: an engine, a service, and a folder with the files they name.

Engine and service are started once for all examples, and only if one of them asks.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from comfy_gen.sandbox import SandboxOptions
from comfy_gen.sandbox.options import DEFAULT_MODELS
from scripts.mission.index import PROJECT, read_index, text_of
from tests.background import BackgroundSandbox
from tests.docs.test_wrapper import YOUR_MODIFIER, image_to_image
from tests.mission.graphs import CHECKPOINT, classic
from tests.mission.stage import Stage
from tests.mission.ways.machine import Machine
from tests.redis import _redis_to_share, redis_server
from tests.served import Elsewhere, ServedProcess, environment_of
from tests.taught_clip import picture, teach

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["_redis_to_share", "redis_server"]

CAR, SUNSET, PORSCHE = "a red sports car", "a beautiful sunset", "Porsche 911 single car, driving"
"""The prompts of the examples that judge pictures, as a model reads them."""
_OURS = ("COMFY", "MINIO_", "S3_", "HF_", "MLFLOW_", "API_", "REDIS_", "WEBHOOK_")


@pytest.fixture(scope="module")
def engine() -> Iterator[BackgroundSandbox]:
    """An engine with the models that the examples name."""
    models = {**DEFAULT_MODELS, "loras": ("add-detail-xl.safetensors",)}
    with BackgroundSandbox(SandboxOptions(models=models)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    """A site with pictures, that can be told of jobs."""
    with Elsewhere() as site:
        yield site


@pytest.fixture(scope="module")
def documented() -> dict[str, str]:
    """The texts of all examples, by their names."""
    return {
        f"{document.name}/{example.name}": text_of(document.name, example)
        for document in read_index()
        for heading in document.headings
        for example in heading.examples
    }


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory,
    engine: BackgroundSandbox,
    elsewhere: Elsewhere,
    documented: dict[str, str],
) -> Iterator[ServedProcess]:
    """The service, configured and started as the wrapper's quick start says, with the documented modifier."""
    folder = tmp_path_factory.mktemp("service")
    (folder / ".env.example").write_bytes((PROJECT / ".env.example").read_bytes())
    for name in ("modifiers", "workflows"):
        (folder / name).mkdir()
    (folder / "workflows" / "image2image.json").write_text(json.dumps(image_to_image(CHECKPOINT)))
    sources = {
        "image2image": documented["3-wrapper/static-modifier"],
        "yours": YOUR_MODIFIER.format(name="YourModifier", value="param"),
        "another": YOUR_MODIFIER.format(name="ModifierClassName", value="parameter2"),
    }
    for name, source in sources.items():
        (folder / "modifiers" / f"{name}.py").write_text(source.replace("https://example.com", elsewhere.url))
    code = documented["3-wrapper/configure"] + documented["3-wrapper/serve"].replace("uvicorn", "exec uvicorn")
    environment = environment_of(engine.url, folder, MODIFIERS_DIR="modifiers")
    del environment["COMFYUI_API_BASE"]
    code = code.replace("http://127.0.0.1:8188", engine.url)
    with ServedProcess(folder, environment, ["bash", "-c", code]) as served:
        yield served


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine whose ComfyUI is looked after; the next example finds it as the last one left it."""
    with Machine(tmp_path_factory.mktemp("machine")) as machine:
        yield machine


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows what the examples that judge pictures show; and what is black from what is not."""
    pytest.importorskip("transformers", reason="pip install 'comfygen-server[clip]'")
    known = {prompt: picture(number) for number, prompt in enumerate((CAR, SUNSET, "multiple cars", PORSCHE))}
    return teach(tmp_path_factory.mktemp("clip") / "clip", {"black": Image.new("RGB", (64, 64)), **known})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of an example, in the environment of somebody who has set nothing."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        monkeypatch.delenv(name)
    for name in ("workflows", "examples", "comfy-gen", "data"):
        (tmp_path / name).mkdir()
    for name in ("manage.sh", "scripts"):
        (tmp_path / name).symlink_to(PROJECT / name)
    workflow = json.dumps(classic())
    for name in ("workflow", "my-workflow", "workflows/my_workflow", "workflows/base"):
        (tmp_path / f"{name}.json").write_text(workflow, encoding="utf-8")
    for name in ("basic_text_to_image", "pirate_rabbit_comic_composite_v2"):
        (tmp_path / "examples" / f"{name}.json").write_text(workflow, encoding="utf-8")
    for number, name in enumerate(("car", "output", "input", "input_image")):
        picture(number).save(tmp_path / f"{name}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    folder: Path,
    engine: BackgroundSandbox,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Stage:
    """Where an example is run."""
    for name, value in {
        "COMFYUI_API_BASE": engine.url,
        "COMFYGEN_JOBS_DATA_DIR": str(folder / "data"),
        "COMFYGEN_QUALITY_MODEL": "none",
        "COLUMNS": "120",
    }.items():
        monkeypatch.setenv(name, value)
    return Stage(request, folder, engine.url, monkeypatch, capfd)
