from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.errors import OutputPathError
from comfy_gen.supervisor.instance import Instance
from comfy_gen.supervisor.plan import End
from comfy_gen.supervisor.process import Identity
from comfy_gen.supervisor.state import (
    Look,
    State,
    is_wanted,
    mark_wanted,
    read_instance,
    read_state,
    unmark_wanted,
    write_instance,
    write_state,
)

if TYPE_CHECKING:
    from pathlib import Path

FULL = State(
    Identity(7, "boot+1"), "running", 1.0, Identity(8, "boot+2"), 2.0, 1, (End(3.0, -9, 4.0, has_answered=True),), "why"
)


@pytest.mark.parametrize("state", [FULL, State(Identity(7, "boot+1"), "starting", began=1.0)])
def test_state_is_read_as_it_was_written(tmp_path: Path, state: State):
    write_state(tmp_path, state)

    assert read_state(tmp_path) == state


def test_instance_is_read_as_it_was_written(tmp_path: Path):
    instance = Instance("gpu1", tmp_path, port=8190, arguments=("--fast",))
    write_instance(tmp_path / "gpu1", instance)

    assert read_instance(tmp_path / "gpu1") == instance


def test_instance_has_the_name_of_its_folder_whatever_is_written_in_it(tmp_path: Path):
    write_instance(tmp_path / "gpu2", Instance("../../gpu1", tmp_path))

    assert read_instance(tmp_path / "gpu2").name == "gpu2"


@pytest.mark.parametrize(
    ("sound", "broken"),
    [('"pid": 7', '"pid": -7'), ('"pid": 8', '"pid": 0'), ('"pid": 7', '"pid": "x"'), ('"running"', '"odd"')],
)
def test_state_that_somebody_has_broken_is_not_there(tmp_path: Path, sound: str, broken: str):
    write_state(tmp_path, FULL)
    file = tmp_path / "state.json"
    file.write_text(file.read_text().replace(sound, broken))

    assert read_state(tmp_path) is None


def test_instance_whose_port_is_no_number_is_not_there(tmp_path: Path):
    write_instance(tmp_path, Instance("default", tmp_path))
    file = tmp_path / "instance.json"
    file.write_text(file.read_text().replace("8188", '"x"'))

    assert read_instance(tmp_path) is None


def test_instance_is_wanted_from_its_mark_on_until_it_is_taken_away(tmp_path: Path):
    unmark_wanted(tmp_path / "missing")
    assert not is_wanted(tmp_path)
    mark_wanted(tmp_path)
    assert is_wanted(tmp_path)
    unmark_wanted(tmp_path)
    assert not is_wanted(tmp_path)
    (tmp_path / "wanted").mkdir()
    with pytest.raises(OutputPathError):
        unmark_wanted(tmp_path)


@pytest.mark.parametrize("kept", [None, b"", b"{", b"[]", b"{}", b'{"keeper": 7}', b"\xff"])
def test_what_cannot_be_read_is_not_there(tmp_path: Path, kept: bytes | None):
    for name in ("state.json", "instance.json"):
        if kept is not None:
            (tmp_path / name).write_bytes(kept)

    assert read_state(tmp_path) is None
    assert read_instance(tmp_path) is None


def test_folder_that_cannot_be_written_to_is_told(tmp_path: Path):
    with pytest.raises(OutputPathError):
        write_state(tmp_path / "missing", FULL)


def test_place_that_is_no_folder_is_told(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(OutputPathError):
        write_instance(tmp_path / "file" / "default", Instance("default", tmp_path))


def test_look_is_told_to_programs_with_its_address(tmp_path: Path):
    told = Look(Instance("default", tmp_path), "running", pid=8, last_end=FULL.ends[0]).as_json()

    assert told["url"] == "http://127.0.0.1:8188"
    assert told["instance"]["directory"] == str(tmp_path)
    assert told["last_end"]["code"] == -9


@pytest.mark.parametrize(
    ("phase", "runs"), [("starting", True), ("running", True), ("waiting", True), ("ended", False)]
)
def test_who_is_started_again_in_a_moment_counts_as_running(tmp_path: Path, phase, runs: bool):
    assert Look(Instance("default", tmp_path), phase).is_running is runs
