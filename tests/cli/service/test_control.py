"""What is told of a start."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from io import StringIO

import pytest
from typer import Abort

from comfy_gen.cli.service.control import OPEN, Service
from comfy_gen.config.settings import JobOptions, Settings
from comfy_gen.errors import NotRunningError, StopFailedError
from comfy_gen.supervisor.instance import Instance
from comfy_gen.supervisor.state import Look, write_instance


@pytest.fixture
def service(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    folder = tmp_path / "instances" / "gpu0"
    folder.mkdir(parents=True)
    instance = Instance("gpu0", tmp_path, port=8190)
    write_instance(folder, instance)
    return Service(Settings(jobs=JobOptions(data_dir=tmp_path))), Look(instance, "running", pid=7)


def test_start_is_told_with_address_process_and_how_the_queue_gets_it(service, capsys):
    it, look = service
    it._tell_of_start(look, as_json=False)
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "gpu0 runs at http://127.0.0.1:8190, as process 7.",
        "The queue does not use it yet: comfygen engines add http://127.0.0.1:8190 --name gpu0",
    ]
    assert said.err == ""


def test_engine_of_the_queue_is_not_added_again(service, capsys):
    it, look = service
    usual = replace(look, instance=replace(look.instance, port=8188))
    it._tell_of_start(usual, as_json=False)
    assert capsys.readouterr().out == "gpu0 runs at http://127.0.0.1:8188, as process 7.\n"


def test_instance_that_others_reach_is_warned_of(service, capsys):
    it, look = service
    it._tell_of_start(replace(look, instance=replace(look.instance, host="0.0.0.0")), as_json=False)
    assert OPEN in capsys.readouterr().err


def test_log_that_is_empty_is_told_of(service, capsys):
    it, _ = service
    it.logs("gpu0", lines=5, as_json=False)
    assert capsys.readouterr() == ("", "gpu0 has said nothing yet.\n")


def test_log_is_followed_line_by_line(service, capsys, monkeypatch):
    it, _ = service
    monkeypatch.setattr(it.supervisor, "follow", lambda name, lines: iter([f"{name} {lines}", "more"]))
    it.follow("gpu0", lines=3)
    assert capsys.readouterr().out == "gpu0 3\nmore\n"


def test_others_are_stopped_where_one_cannot_be(service, capsys, monkeypatch, tmp_path):
    it, look = service
    for name in ("gpu1", "gpu2"):
        write_instance(tmp_path / "instances" / name, replace(look.instance, name=name))
    asked = []

    def stop(name, *, patience):
        asked.append(name)
        if name == "gpu0":
            raise StopFailedError(name, "a driver holds it")
        if name == "gpu1":
            raise NotRunningError(name, "it has just ended")

    monkeypatch.setattr(it.supervisor, "look", lambda _: look)
    monkeypatch.setattr(it.supervisor, "stop", stop)
    with pytest.raises(StopFailedError):
        it.stop_all(patience=1, as_json=False)
    assert asked == ["gpu0", "gpu1", "gpu2"]
    assert capsys.readouterr().out == "Stopped gpu2.\n"


@pytest.mark.parametrize("answer", ["n", "y"])
def test_files_of_its_own_are_asked_about(service, monkeypatch, tmp_path, answer):
    it, _ = service
    picture = tmp_path / "instances" / "gpu0" / "output" / "a.png"
    picture.parent.mkdir()
    picture.touch()
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
    with suppress(Abort):
        it.forget("gpu0", is_sure=False, as_json=False)
    assert picture.exists() is (answer == "n")


class Terminal(StringIO):
    """Somebody who answers."""

    def isatty(self):
        return True
