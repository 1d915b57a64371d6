from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.__main__ import main
from tests.chaos.scenes import SCENES
from tests.chaos.surroundings import Need, has_program


def test_each_scene_has_a_name_of_its_own() -> None:
    assert len({scene.name for scene in SCENES}) == len(SCENES)


def test_scene_says_what_it_misses_and_how_to_get_it() -> None:
    need = Need("a program", "apt-get install it", has_program("no-such-program"))
    assert replace(SCENES[0], needs=(need,)).missing == [need]
    assert SCENES[0].missing == []


def test_scenes_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["chaos", "--list"])
    assert main() == 0
    listed = capsys.readouterr().out
    assert all(scene.name in listed for scene in SCENES)


def test_scene_that_nobody_knows_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["chaos", "--only", "redis,weather"])
    with pytest.raises(SystemExit):
        main()
    assert "no storm is called weather" in capsys.readouterr().err
