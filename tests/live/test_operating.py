"""A real ComfyUI of this machine, operated as its documentation says: installed, started, killed, stopped."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from comfy_gen.cli import main
from comfy_gen.supervisor.supervisor import Supervisor
from tests.live.comfyui.install import default_directory
from tests.live.comfyui.server import free_port
from tests.supervisor.fake_comfyui import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SMALL = ("--width", 64, "--height", 64, "--steps", 2)


@pytest.fixture
def comfygen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., dict[str, Any]]]:
    """Run commands with a data folder of their own; whatever was started is stopped in the end."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYUI_DIR", str(default_directory()))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # for models this small several threads only wait for each other

    def run(*arguments: object, code: int = 0) -> dict[str, Any]:
        ended = main([*map(str, arguments), "--json"])
        said = capfd.readouterr()
        assert ended == code, said.out + said.err
        return json.loads(said.out)

    yield run
    main(["service", "stop", "--all"])


def generate(comfygen: Callable[..., dict[str, Any]], url: str, name: str) -> None:
    made = comfygen("generate", "a lighthouse", *SMALL, "--engine", url, "-o", f"{name}.png")
    with Image.open(made["files"][0]["path"]) as image:
        assert image.size == (64, 64)


def test_comfyui_lives_through_a_crash_under_supervision(
    comfygen: Callable[..., dict[str, Any]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    assert comfygen("service", "install", "--from-pypi", "--cpu")["directory"] == str(default_directory())
    comfygen("service", "status", code=1)
    comfygen("service", "start", "--cpu", "--port", port, "--supervise")
    told = comfygen("service", "status")
    assert "0.3.75" in str(told)
    assert url in str(told)
    generate(comfygen, url, "before")

    supervisor = Supervisor(tmp_path / "data" / "instances")
    first = supervisor.look("default")
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    again = until(lambda: (seen := supervisor.look("default")).pid not in {None, first.pid} and seen)
    assert (again.restarts, again.keeper_pid) == (1, first.keeper_pid)
    comfygen("service", "start", "--cpu", "--port", port, "--supervise")  # it runs: this waits until it answers
    until(lambda: main(["service", "status"]) == 0)
    capfd.readouterr()
    generate(comfygen, url, "after")

    assert main(["service", "logs", "-n", "2000"]) == 0
    assert capfd.readouterr().out.count("Starting server") == 2
    comfygen("service", "stop")
    comfygen("service", "status", code=1)
    comfygen("service", "stop", code=1)
    assert not supervisor.look("default").is_running


def test_two_at_once_make_pictures_and_are_stopped_one_by_one(comfygen: Callable[..., dict[str, Any]]) -> None:
    ports = {"one": free_port(), "two": free_port()}
    for name, port in ports.items():
        comfygen("service", "start", "--instance", name, "--cpu", "--port", port)
    for name, port in ports.items():
        generate(comfygen, f"http://127.0.0.1:{port}", name)
    comfygen("service", "stop", "--instance", "one")
    comfygen("service", "status", "--instance", "one", code=1)
    generate(comfygen, f"http://127.0.0.1:{ports['two']}", "left")
    comfygen("service", "stop", "--all")


def test_crash_at_start_tells_what_it_said_last(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], comfygen: Callable[..., dict[str, Any]]
) -> None:
    assert main(["service", "start", "--cpu", "--port", str(free_port()), "--", "--no-such-option"]) == 1
    assert "unrecognized arguments: --no-such-option" in capfd.readouterr().err
    comfygen("service", "status", code=1)


def test_models_are_warmed_and_freed(comfygen: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    comfygen("service", "start", "--cpu", "--port", port)
    monkeypatch.setenv("COMFYUI_API_BASE", f"http://127.0.0.1:{port}")
    assert "tiny_sd15" in str(comfygen("engines", "warm", "tiny_sd15.ckpt"))
    assert "tiny_sd15" in str(comfygen("service", "status"))
    comfygen("engines", "free")
    assert comfygen("doctor")["state"] in {"ok", "note", "warning"}
