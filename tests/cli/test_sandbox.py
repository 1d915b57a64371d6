from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from comfy_gen.cli.sandbox import announce, sandbox, with_models
from comfy_gen.errors import InvalidParameterError, OutputPathError, PortInUseError
from comfy_gen.sandbox import DEFAULT_MODELS, Sandbox, SandboxOptions
from comfy_gen.sandbox.faults import Kind

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer()
app.command()(sandbox)


def test_help_names_all_the_trouble_that_there_is():
    said = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    assert {kind for kind in Kind if not re.search(rf"\b{kind}\b", said)} == set()


def test_models_are_added_to_those_it_has_anyway():
    models = with_models(["mine.ckpt", "loras/sub/style.safetensors", "style_models/x"])
    assert models["checkpoints"] == [*DEFAULT_MODELS["checkpoints"], "mine.ckpt"]
    assert models["loras"] == [*DEFAULT_MODELS["loras"], "sub/style.safetensors"]
    assert models["style_models"] == ["x"]
    assert models["vae"] == list(DEFAULT_MODELS["vae"])


def test_folder_that_no_comfyui_has_is_refused():
    with pytest.raises(InvalidParameterError, match="model folder is 'lora', but must be one of checkpoints"):
        with_models(["lora/x"])


@pytest.mark.parametrize("name", ["", " ", "loras/", "loras/sub/", "/"])
def test_model_without_a_name_is_refused(name: str):
    with pytest.raises(InvalidParameterError, match=r"model is .*, but must be NAME for a checkpoint, or FOLDER/NAME"):
        with_models([name])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "65535", "--count", "2"], "count is 2, but must be at most 1 from port 65535 on"),
        (["--host", ""], "host is '', but must be a name or address of this machine"),
        (["--host", "nowhere.invalid", "--port", "0"], "host is 'nowhere.invalid', but must be a name or address"),
        (["--step-time", "inf"], "step_time is inf, but must be a number of seconds"),
        (["--load-time", "inf"], "load_time is inf, but must be a number of seconds"),
        (["--fault", "slow:seconds=nan"], "fault setting seconds is 'nan', but must be a number of seconds"),
    ],
)
def test_value_that_cannot_work_is_refused(arguments: list[str], message: str):
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, InvalidParameterError)
    assert message in result.exception.message


@pytest.mark.parametrize("option", ["--step-time", "--load-time"])
def test_time_that_is_no_number_is_refused(option: str):
    result = CliRunner().invoke(app, [option, "nan"])
    assert result.exit_code == 2
    assert option in result.output


def test_data_folder_that_cannot_be_made_is_said(tmp_path: Path):
    (tmp_path / "file").touch()
    result = CliRunner().invoke(app, ["--port", "0", "--data-dir", str(tmp_path / "file" / "data")])
    assert isinstance(result.exception, OutputPathError)


def test_addresses_and_folders_are_announced_to_the_letter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "300")
    home = tmp_path / "[bold]x"
    announce([Sandbox(SandboxOptions(host="::1", port=8440, data_dir=home))])
    assert capsys.readouterr().out.splitlines()[1].split() == ["http://[::1]:8440", str(home / "output")]


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
