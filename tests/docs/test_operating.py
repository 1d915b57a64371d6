"""The page on operating, done: its commands in their order, each block as somebody would run it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comfy_gen.cli import main
from comfy_gen.supervisor import log
from comfy_gen.supervisor.process import send, tree_of
from comfy_gen.supervisor.recipe import fingerprint
from comfy_gen.supervisor.state import read_state
from comfy_gen.workflows.catalogue import load_template
from tests.background import BackgroundSandbox
from tests.docs.operated import (
    CHECKPOINT,
    LORA_SHA256,
    PROJECT,
    SDXL,
    SOMEWHERE,
    TEXT,
    blocks,
    giving,
    make_docker,
    make_installed_comfyui,
    table,
)
from tests.ports import free_port
from tests.s3 import LOGIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SMALL = f"""models:
  sdxl-base: {{file: sd_xl_base_1.0.safetensors, folder: checkpoints, source: "hf:{SDXL}"}}
  sdxl-vae: {{file: sdxl_vae.safetensors, folder: vae, source: "hf:stabilityai/sdxl-vae"}}
"""
"""A manifest in which the models of SDXL have no size and no hash: any file will do."""
TAGGED = {"source": "git", "version": "0.3.75", "ref": "v0.3.75", "device": "cpu"}


class Shell:
    """Runs lines of the page as a shell would: ``comfygen`` in this process, other programs as their own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capfd = capfd
        self.words: dict[str, str] = {}
        """What stands in for parts of words of the page."""

    def run(self, heading: str) -> dict[str, str]:
        """Run all commands below a heading, and return what each printed."""
        lines = [line for text in blocks(heading) for line in text.splitlines() if line.strip()]
        assert lines
        return {line.partition("#")[0].strip(): self.do(line) for line in lines}

    def do(self, line: str, code: int = 0) -> str:
        """Run one line, which ends with this code, and return what it printed."""
        words = [self._word(word) for word in shlex.split(line, comments=True)]
        if words[0] == "export":
            self._monkeypatch.setenv(*words[1].split("=", 1))
            return ""
        ended = main(words[1:]) if words[0] == "comfygen" else _ended(words)
        told = self._capfd.readouterr()
        assert (line, ended) == (line, code), told
        assert "Traceback" not in told.err
        return told.out

    def _word(self, word: str) -> str:
        for old, new in self.words.items():
            word = word.replace(old, new)
        return word


def _ended(words: list[str]) -> int:
    """Run a program of the project, and return with what it ended."""
    program, *rest = words[1:] if words[0] == "python3" else words
    by = [sys.executable] if words[0] == "python3" else []
    return subprocess.run([*by, PROJECT / program, *rest], stdin=subprocess.DEVNULL, timeout=60, check=False).returncode


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, str]]:
    """That of somebody who has set nothing, in an empty folder; what was started is ended, whatever a test did."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("COMFY", "MINIO_", "S3_", "HF_"))]:
        monkeypatch.delenv(name)
    port = free_port()
    own = {
        "COMFYGEN": str(Path(sys.executable).with_name("comfygen")),
        "COMFYGEN_JOBS_DATA_DIR": str(tmp_path / "data"),
        "COMFYGEN_QUALITY_MODEL": "none",
        "COMFYUI_API_BASE": f"http://127.0.0.1:{port}",
        "COLUMNS": "120",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    make_installed_comfyui(tmp_path / "data" / "comfyui", TAGGED)
    yield {**own, "port": str(port)}
    for state in map(read_state, (tmp_path / "data" / "instances").glob("*")):
        if state is not None:
            send([*tree_of(state.keeper), *(tree_of(state.comfyui) if state.comfyui else [])], signal.SIGKILL)


@pytest.fixture
def shell(
    environment: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shell:
    """A shell for which the page's ports are free and its folders the test's."""
    shell = Shell(monkeypatch, capfd)
    shell.words = {port: str(free_port()) for port in ("8288", "8289", "8290")} | {"~/": f"{tmp_path}/"}
    return shell


@pytest.fixture
def engine(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[BackgroundSandbox]:
    """An engine that runs already."""
    with BackgroundSandbox() as sandbox:
        monkeypatch.setenv("COMFYUI_API_BASE", sandbox.url)
        yield sandbox


@pytest.fixture
def givers(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have models come from this machine, and those of SDXL be small."""
    with giving() as url:
        monkeypatch.setenv("COMFYGEN_MODELS_HUGGINGFACE_URL", url)
        monkeypatch.setenv("COMFYGEN_MODELS_CIVITAI_URL", url)
        monkeypatch.setenv("COMFYGEN_MODELS_MANIFEST", str(tmp_path / "models.yaml"))
        (own,) = blocks("Your own manifest", "yaml")
        (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
        (tmp_path / "models.yaml").write_text(SMALL + own.removeprefix("models:\n").replace(SOMEWHERE, url))
        shell.words |= {SOMEWHERE: url, "HASH": LORA_SHA256}
        monkeypatch.setenv("COMFYGEN_JOBS_ALLOW_PRIVATE_URLS", "true")
        yield


@pytest.fixture
def bucket(environment: Mapping[str, str], bucket_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have outputs kept in a bucket that is not made yet."""
    for name, value in zip(("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"), LOGIN, strict=True):
        monkeypatch.setenv(f"S3_{name}", value)
    monkeypatch.setenv("S3_ENDPOINT_URL", bucket_endpoint)
    monkeypatch.setenv("S3_BUCKET_NAME", f"operated-{free_port()}")


# --- its commands


@pytest.mark.usefixtures("givers")
def test_first_steps_lead_to_a_comfyui_with_models(shell: Shell, tmp_path: Path):
    told = shell.run("Operating it")
    assert "is there already" in told["comfygen service install"]
    assert "default runs at http://127.0.0.1:" in told["comfygen service start --supervise"]
    assert told["comfygen models download"].count("Fetched ") == 2
    assert told["comfygen doctor"].rstrip().endswith(".")
    models = tmp_path / "data" / "comfyui" / "models"
    assert sorted(path.name for path in models.rglob("*.safetensors")) == [
        "sd_xl_base_1.0.safetensors",
        "sdxl_vae.safetensors",
    ]
    shell.do("comfygen service stop")


def test_own_comfyui_is_started_looked_at_and_stopped(shell: Shell, tmp_path: Path):
    make_installed_comfyui(tmp_path / "ComfyUI", TAGGED)
    told = shell.run("ComfyUI as a service")
    assert str(tmp_path / "ComfyUI") in told["comfygen service status"]
    assert told["comfygen service logs -n 20"]
    kept = json.loads((tmp_path / "data" / "instances" / "default" / "instance.json").read_bytes())
    assert (kept["arguments"], kept["is_supervised"]) == (["--preview-method", "auto"], False)
    assert told["comfygen service stop"] == "Stopped default.\n"


def test_what_is_installed_already_is_found(shell: Shell, tmp_path: Path):
    make_installed_comfyui(tmp_path / "ComfyUI-new", TAGGED)
    make_installed_comfyui(tmp_path / "ComfyUI-pypi", {"source": "pypi", "device": "cpu", "fingerprint": fingerprint()})
    assert all("is there already" in told for told in shell.run("Install one").values())


def test_several_run_at_once(shell: Shell):
    told = shell.run("Several at once")
    assert told["comfygen service forget --instance gpu1 --yes"].startswith("Forgot gpu1")
    assert sorted(told["comfygen service stop --all"].splitlines()) == ["Stopped gpu0.", "Stopped gpu1."]
    assert "gpu1  running" in told["comfygen service status --instance gpu1"]


def test_container_is_started_and_stopped(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    programs = make_docker(tmp_path / "bin", int(shell.words["8290"]))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    try:
        told = shell.run("A container")
    finally:
        if (programs / "pid").exists():
            os.kill(int((programs / "pid").read_text()), signal.SIGKILL)
    assert "in the container comfyui" in next(iter(told.values()))
    assert shell.words["8290"] in told["comfygen service logs --instance boxed"]


@pytest.mark.usefixtures("engine", "givers")
def test_models_are_listed_fetched_checked_and_removed(shell: Shell, tmp_path: Path):
    shell.words["models.yaml"] = "small.yaml"
    shell.run("Models")
    assert not list((tmp_path / "data" / "comfyui" / "models").rglob("wet-streets*"))
    fetched = {path.name for path in (tmp_path / "data" / "comfyui" / "models").rglob("*.safetensors")}
    assert fetched == {"sd_xl_base_1.0.safetensors", "watercolour.safetensors", "pencil.safetensors"}


@pytest.mark.usefixtures("givers")
def test_set_of_an_own_manifest_is_fetched(shell: Shell):
    (told,) = shell.run("Your own manifest").values()
    assert told.count("Fetched ") == 2


@pytest.mark.usefixtures("engine", "givers")
def test_workflow_from_elsewhere_is_kept_and_run(shell: Shell, tmp_path: Path):
    write_workflow(tmp_path / "downloaded.json")
    told = shell.run("Workflows from elsewhere")
    assert "wet" in told["comfygen workflow list"]
    assert (tmp_path / "wet.png").is_file()


@pytest.mark.usefixtures("engine", "givers")
def test_engines_load_and_free(shell: Shell):
    told = shell.run("Warm-up")
    assert "sd_xl_base_1.0.safetensors" in told["comfygen engines warm"]


@pytest.mark.usefixtures("bucket")
def test_bucket_is_made_opened_listed_and_pruned(shell: Shell):
    told = shell.run("Where outputs are kept")
    assert told["comfygen storage create-bucket"].startswith("Made the bucket operated-")


@pytest.mark.usefixtures("engine")
def test_doctor_finds_nothing(shell: Shell):
    told = shell.run("The doctor")
    assert "\nextras\n" in told["comfygen doctor"]
    assert "\nextras\n" not in told["comfygen doctor --brief"]


@pytest.mark.usefixtures("givers")
def test_manage_does_each_of_its_actions(shell: Shell, tmp_path: Path):
    write_workflow(tmp_path / "own.json")
    shell.run("manage.sh")
    assert list((tmp_path / "pictures").glob("*.png"))
    named = {re.findall(r"--action (\S+)", line)[0] for line in blocks("manage.sh")[0].splitlines()}
    assert named == {row[0].strip("`") for row in table("action")}


@pytest.mark.usefixtures("bucket")
def test_scripts_do_what_they_say(shell: Shell):
    shell.run("Scripts")
    named = set(re.findall(r"scripts/(\S+)", blocks("Scripts")[0]))
    assert named == {row[0].strip("`") for row in table("script")}


# --- what it says of them


def write_workflow(path: Path, checkpoint: str = "") -> None:
    """Write a small workflow that an engine of ours runs, unless another checkpoint is named."""
    workflow = load_template("sd15").workflow
    if checkpoint:
        workflow["1"]["inputs"]["ckpt_name"] = checkpoint
    path.write_text(json.dumps(workflow), encoding="utf-8")


def test_files_are_where_the_table_says(shell: Shell, tmp_path: Path):
    shell.do("comfygen service start --instance extra")
    named = [name for row in table("file") for name in re.findall(r"`([^`]+/[^`]*)`", row[0])]
    assert len(named) == 8
    places = [tmp_path / "data" / name.replace("NAME", "extra") for name in named if name != "artifacts/"]
    assert [place for place in places if not place.exists()] == []
    assert [place for place in places if place.is_dir()] == [
        place for place, name in zip(places, named, strict=False) if name.endswith("/")
    ]
    assert f"after {log.LIMIT // 10**6} MB it becomes `comfyui.log.1`, and {log.KEPT} of these are kept" in TEXT


EXITS = (
    ("service install", 0, "comfygen service install"),
    ("service install", 1, "comfygen service install --dir own.json"),
    ("service install", 2, "comfygen service install --dir new --from-pypi --version 0.3.75"),
    ("service start", 0, "comfygen service start"),
    ("service start", 1, "comfygen service start --cpu"),
    ("service start", 2, "comfygen service start --instance other --dir nowhere"),
    ("service start", 2, "comfygen service start --instance other --port PORT"),
    ("service status", 0, "comfygen service status"),
    ("service forget", 1, "comfygen service forget --instance default --yes"),
    ("service status", 2, "comfygen service status --instance nobody"),
    ("models list", 0, "comfygen models list"),
    ("workflow import", 0, "comfygen workflow import own.json"),
    ("workflow import", 1, "comfygen workflow import lacking.json"),
    ("workflow import", 2, "comfygen workflow import small.yaml"),
    ("workflow import", 1, "comfygen workflow import lacking.json --anyway"),
    ("models list", 1, "comfygen models list --missing"),
    ("engines warm", 0, "comfygen engines warm sdxl-base"),
    ("engines warm", 1, "comfygen engines warm nobody-has.safetensors"),
    ("engines warm", 2, "comfygen engines warm sdxl-base --engine nobody"),
    ("models verify", 0, "comfygen models verify"),
    ("doctor", 0, "comfygen doctor"),
    ("service stop", 0, "comfygen service stop"),
    ("service stop", 1, "comfygen service stop"),
    ("service stop", 2, "comfygen service stop --instance nobody"),
    ("service status", 1, "comfygen service status"),
    ("service forget", 0, "comfygen service forget --instance default --yes"),
    ("service forget", 2, "comfygen service forget --instance default --yes"),
    ("models list", 1, "comfygen models list"),
    ("workflow import", 2, "comfygen workflow import own.json"),
    ("models verify", 1, "comfygen models verify checkpoints/one.safetensors"),
    ("models verify", 2, "comfygen models verify nobody-has.safetensors"),
    ("doctor", 1, "comfygen doctor"),
    ("doctor", 2, "comfygen doctor"),
)
"""What ends with each exit code of the table, in an order in which it does."""


def test_commands_end_as_the_table_says(
    shell: Shell, environment: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_workflow(tmp_path / "own.json")
    write_workflow(tmp_path / "lacking.json", checkpoint="nobody-has.safetensors")
    (tmp_path / "small.yaml").write_text("a: b", encoding="utf-8")
    model = tmp_path / "data" / "comfyui" / "models" / "checkpoints" / "one.safetensors"
    model.write_bytes(CHECKPOINT)
    shell.words["PORT"] = environment["port"]
    spoil = {
        ("models verify", 1): lambda: model.write_bytes(CHECKPOINT[:-1]),
        ("doctor", 2): lambda: monkeypatch.setenv("COMFYGEN_API_PORT", "none"),
    }
    for command, code, line in EXITS:
        spoil.get((command, code), int)()
        shell.do(line, code)
    told = {(row[0].strip("`"), code) for row in table("command") for code, cell in enumerate(row[1:]) if cell}
    assert told == {(command, code) for command, code, _ in EXITS}
