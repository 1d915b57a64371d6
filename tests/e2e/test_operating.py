"""``manage.sh`` and the programs in ``scripts/``: each as a process, as people call them."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from comfy_gen.workflows.catalogue import load_template
from tests.comfyui_folder import make_sandbox_comfyui
from tests.components import find_program, require
from tests.models.weights import safetensors
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parents[2]
SCRIPTS = PROJECT / "scripts"
CHECKPOINT = safetensors(
    {
        "model.diffusion_model.input_blocks.0.0.weight": (4, 4),
        "first_stage_model.decoder.conv_in.weight": (4, 4),
        "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": (4, 4),
    }
)


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """That of somebody who has a ComfyUI and nothing else; whatever was started is stopped in the end."""
    port = free_port()
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("COMFYGEN_", "COMFYUI_"))}
    environment = {
        **ours,
        "COMFYGEN": str(Path(sys.executable).with_name("comfygen")),
        "COMFYGEN_JOBS_DATA_DIR": str(tmp_path / "data"),
        "COMFYGEN_JOBS_ALLOW_PRIVATE_URLS": "true",
        "COMFYUI_DIR": str(make_sandbox_comfyui(tmp_path / "ComfyUI")),
        "COMFYUI_PYTHON": sys.executable,
        "COMFYUI_API_BASE": f"http://127.0.0.1:{port}",
        "COLUMNS": "300",
        "PORT": str(port),
    }
    yield environment
    command = [sys.executable, "-m", "comfy_gen", "service", "stop", "--all"]
    subprocess.run(command, env=environment, check=False, capture_output=True, timeout=60)


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program in an empty folder."""
    folder = tmp_path / "somewhere"
    folder.mkdir()

    def run(*command: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in command]
        done = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def manage(run: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., str]:
    """Run an action of manage.sh and return what it says."""
    return lambda action, *options, code=0: run(PROJECT / "manage.sh", "--action", action, *options, code=code).stdout


@pytest.fixture
def script(run: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., str]:
    """Run a program of scripts/ and return what it says."""
    return lambda name, *options, code=0: run(sys.executable, SCRIPTS / name, *options, code=code).stdout


# --- manage.sh


def test_manage_runs_a_comfyui_from_start_to_stop(manage, environment, tmp_path):
    assert "running" not in manage("status", code=1)
    assert environment["COMFYUI_API_BASE"] in manage("start", "--", "--port", environment["PORT"])
    status = manage("status")
    assert environment["COMFYUI_API_BASE"] in status
    before = json.loads(manage("status", "--", "--json"))
    assert manage("gpu-info")
    assert "sandbox" in manage("logs")
    manage("restart")
    after = json.loads(manage("status", "--", "--json"))
    assert before != after
    manage("execute-workflow", "--workflow", "sd15", "--output", tmp_path / "pictures")
    (picture,) = (tmp_path / "pictures").rglob("*.png")
    with Image.open(picture) as image:
        assert image.size == (512, 512)
    manage("stop")
    manage("stop", code=1)


def test_manage_checks_and_keeps_a_workflow_and_runs_it_by_name(manage, environment, tmp_path):
    manage("start", "--", "--port", environment["PORT"])
    file = tmp_path / "own.json"
    workflow = load_template("sd15").workflow
    file.write_text(json.dumps(workflow))
    assert "own" in manage("import-workflow", "--workflow", file)
    manage("execute-workflow", "--workflow", "own")
    assert list((tmp_path / "somewhere" / "outputs").rglob("*.png"))
    workflow["1"]["inputs"]["ckpt_name"] = "nobody-has.safetensors"
    file = file.rename(tmp_path / "other.json")
    file.write_text(json.dumps(workflow))
    assert "nobody-has.safetensors" in manage("import-workflow", "--workflow", file, code=1)


def test_manage_fetches_models_and_lists_them(manage, environment, served):
    manage("download-models", "--model", f"{served}/tiny.safetensors", "--yes")
    assert (Path(environment["COMFYUI_DIR"]) / "models" / "checkpoints" / "tiny.safetensors").is_file()
    assert "tiny.safetensors" in manage("list-models")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a server that has a checkpoint."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "tiny.safetensors").write_bytes(CHECKPOINT)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, directory=str(folder), **kwargs)

        def log_message(self, format, *_):  # noqa: A002  # the base's name
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--action", "dance"], "there is no action dance"),
        (["--action"], "--action needs a value"),
        (["--action", "import-workflow"], "needs --workflow FILE"),
        (["--what"], "--what is no option"),
        ([], "Usage: ./manage.sh"),
    ],
)
def test_manage_says_what_it_does_not_understand(run, options, said):
    assert said in run(PROJECT / "manage.sh", *options, code=2).stderr


def test_manage_help_names_every_documented_action(run):
    said = run(PROJECT / "manage.sh", "--help").stdout
    documented = "status start stop restart logs gpu-info download-models list-models import-workflow execute-workflow"
    assert [action for action in documented.split() if action not in said] == []


def test_manage_finds_the_command_of_its_checkout_or_the_installed_one(run, environment, tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "comfygen").write_text('#!/bin/sh\necho "installed: $*"\n')
    (programs / "comfygen").chmod(0o755)
    own = tmp_path / "checkout"
    own.mkdir()
    (own / "manage.sh").write_bytes((PROJECT / "manage.sh").read_bytes())
    del environment["COMFYGEN"]
    environment["PATH"] = f"{programs}:/usr/bin:/bin"
    assert run("sh", own / "manage.sh", "--action", "logs").stdout == "installed: service logs\n"
    (own / ".venv" / "bin").mkdir(parents=True)
    (own / ".venv" / "bin" / "comfygen").symlink_to(programs / "comfygen")
    (programs / "comfygen").rename(programs / "other")
    (own / ".venv" / "bin" / "comfygen").unlink()
    (own / ".venv" / "bin" / "comfygen").symlink_to(programs / "other")
    assert run("sh", own / "manage.sh", "--action", "stop", "--", "--all").stdout == "installed: service stop --all\n"
    (own / ".venv" / "bin" / "comfygen").unlink()
    assert "comfygen is not installed: pip install" in run("sh", own / "manage.sh", "--action", "logs", code=2).stderr


def test_manage_is_clean_shell():
    program = find_program("shellcheck")
    require(program, "shellcheck", "apt-get install shellcheck")
    subprocess.run([str(program), PROJECT / "manage.sh"], check=True, timeout=60)


# --- scripts/


def test_scripts_start_look_restart_and_stop(script, environment):
    script("check_comfyui_status.py", code=1)
    script("stop_comfyui.py", code=1)
    script("start_comfyui.py", "--port", environment["PORT"])
    assert environment["COMFYUI_API_BASE"] in script("check_comfyui_status.py")
    script("restart_comfyui.py")
    script("check_comfyui_status.py")
    script("stop_comfyui.py")
    script("check_comfyui_status.py", code=1)


def test_script_says_why_a_comfyui_does_not_start(script, environment):
    environment["COMFYUI_DIR"] = "nowhere"
    script("start_comfyui.py", code=1)


def test_script_cancels_what_runs_and_waits(script, run, environment, background_sandbox):
    environment["COMFYUI_API_BASE"] = background_sandbox.url
    background_sandbox.sandbox.add_fault("slow:seconds=0.5")
    comfygen = [sys.executable, "-m", "comfy_gen"]
    ids = [run(*comfygen, "send", "sd15", "-s", f"seed={seed}", "-q").stdout.strip() for seed in range(3)]
    listed = script("cancel_generation.py", "--list")
    assert [prompt_id for prompt_id in ids if prompt_id not in listed] == []
    assert "is out of the queue" in script("cancel_generation.py", "--prompt-id", ids[1])
    assert script("cancel_generation.py") == "Cancelled 1 that ran and 1 that waited.\n"
    script("cancel_generation.py", "--prompt-id", "no-such-prompt", code=1)


def test_script_that_finds_no_engine_fails(script):
    script("cancel_generation.py", code=1)


DOCUMENTED = {
    "start_comfyui.py",
    "stop_comfyui.py",
    "restart_comfyui.py",
    "check_comfyui_status.py",
    "cancel_generation.py",
    "set_bucket_policy.py",
    "create_bucket.py",
    "list_images.py",
}


@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_documented_script_is_here_and_says_how_it_is_used(script, name):
    assert script(name, "--help")
