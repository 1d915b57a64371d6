from __future__ import annotations

import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from comfy_gen.cli.sandbox import sandbox, with_models
from comfy_gen.errors import InvalidParameterError, PortInUseError
from comfy_gen.sandbox import DEFAULT_MODELS

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer()
app.command()(sandbox)


def test_models_are_added_to_those_it_has_anyway():
    models = with_models(["mine.ckpt", "loras/sub/style.safetensors", "style_models/x"])
    assert models["checkpoints"] == [*DEFAULT_MODELS["checkpoints"], "mine.ckpt"]
    assert models["loras"] == [*DEFAULT_MODELS["loras"], "sub/style.safetensors"]
    assert models["style_models"] == ["x"]
    assert models["vae"] == list(DEFAULT_MODELS["vae"])


def test_folder_that_no_comfyui_has_is_refused():
    with pytest.raises(InvalidParameterError, match="model folder is 'lora', but must be one of checkpoints"):
        with_models(["lora/x"])


def test_faulty_fault_is_refused_before_anything_starts():
    result = CliRunner().invoke(app, ["--fault", "explode"])
    assert isinstance(result.exception, InvalidParameterError)


def test_port_in_use_is_said():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        result = CliRunner().invoke(app, ["--port", str(holder.getsockname()[1])])
    assert isinstance(result.exception, PortInUseError)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_engines_are_served_until_they_are_stopped(tmp_path: Path, number: signal.Signals):
    program = "import typer; from comfy_gen.cli.sandbox import sandbox; typer.run(sandbox)"
    arguments = ["--port", "0", "--count", "2", "--data-dir", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True, env={"COLUMNS": "200"}
    ) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(4)]
        process.send_signal(number)
        assert process.wait(10) == 0
    urls = [line.split()[0] for line in lines[1:3]]
    assert len({url for url in urls if url.startswith("http://127.0.0.1:")}) == 2
    assert "painted" in lines[3]
    assert (tmp_path / "engine-2" / "output").is_dir()
