"""What is started, by what was said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from comfy_gen.cli.service.wish import Wish, first_instance, is_open, same_instance
from comfy_gen.config.settings import ComfyUIOptions, JobOptions, ServiceOptions, Settings
from comfy_gen.supervisor.instance import Instance

SETTINGS = Settings(
    jobs=JobOptions(data_dir=Path("/data")),
    service=ServiceOptions(python=Path("/py"), container="box", arguments=("--preview-method", "auto")),
)
LAST = Instance("gpu0", Path("/c"), python=Path("/p"), port=8190, cuda_device=0, arguments=("--lowvram",))


def first(wish, settings=SETTINGS, last=None):
    return first_instance(wish, settings, last=last, free_port=lambda _: 9000)


def test_default_instance_is_as_the_settings_have_it():
    alone = replace(SETTINGS, service=replace(SETTINGS.service, container=""))
    assert first(Wish(), alone) == Instance(
        "default", Path("/data/comfyui"), python=Path("/py"), arguments=("--preview-method", "auto")
    )


def test_container_of_the_settings_is_the_default_instance_alone():
    assert (first(Wish()).container, first(Wish()).arguments) == ("box", ())
    assert first(Wish(directory=Path("/x"))).container == ""
    assert first(Wish("gpu0")).container == ""
    assert first(Wish("gpu0", container="other", arguments=["--x"])).arguments == ("--x",)


def test_what_is_said_comes_before_the_settings():
    said = Wish("gpu0", Path("/c"), Path("/p"), None, "::1", 8190, None, 0, True, ["--lowvram"])
    assert first(said) == replace(
        LAST, host="::1", is_supervised=True, arguments=("--preview-method", "auto", "--lowvram")
    )


def test_python_of_the_settings_is_for_their_folder_only():
    assert first(Wish(directory=Path("/x"))).python is None


def test_folders_mean_the_same_from_everywhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    said = first(Wish(directory=Path("a/../b"), python=Path("~/python")))
    assert (said.directory, said.python) == (tmp_path / "b", Path.home() / "python")


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://127.0.0.1:8721", 8721),
        ("http://localhost", 8188),
        ("http://[::1]:9", 9),
        ("http://gpu-1:7000", 8188),
    ],
)
def test_default_port_is_where_the_engine_of_the_settings_is_looked_for(url, port):
    assert first(Wish(), replace(SETTINGS, comfyui=ComfyUIOptions(url=url))).port == port


def test_other_instances_keep_their_port_and_new_ones_get_a_free_one():
    assert first(Wish("gpu0"), last=LAST).port == 8190
    assert first(Wish("gpu0")).port == 9000
    assert first(Wish("gpu0", port=5), last=LAST).port == 5


def test_started_anew_it_is_as_it_was_but_for_what_is_said():
    assert same_instance(Wish("gpu0"), LAST) == LAST
    assert same_instance(Wish("gpu0", arguments=[]), LAST).arguments == ()
    assert same_instance(Wish("gpu0", is_supervised=True, port=1), LAST) == replace(LAST, is_supervised=True, port=1)


def test_cpu_and_gpu_take_each_others_place():
    on_cpu = same_instance(Wish("gpu0", is_cpu=True), LAST)
    assert (on_cpu.is_cpu, on_cpu.cuda_device) == (True, None)
    on_gpu = same_instance(Wish("gpu0", cuda_device=1), on_cpu)
    assert (on_gpu.is_cpu, on_gpu.cuda_device) == (False, 1)


def test_another_folder_leaves_container_and_python_behind():
    boxed = replace(LAST, container="box")
    elsewhere = same_instance(Wish("gpu0", directory=Path("/d")), boxed)
    assert (elsewhere.directory, elsewhere.python, elsewhere.container) == (Path("/d"), None, "")
    assert same_instance(Wish("gpu0", container="other"), LAST).container == "other"
    assert same_instance(Wish("gpu0", python=Path("/q")), boxed).container == "box"


@pytest.mark.parametrize(
    ("host", "claim"),
    [("127.0.0.1", False), ("127.0.0.2", False), ("localhost", False), ("0.0.0.0", True), ("::", True)],
)
def test_instance_that_others_reach_is_known(host, claim):
    assert is_open(replace(LAST, host=host)) is claim
