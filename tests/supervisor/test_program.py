"""Programs that are run to their end."""

from __future__ import annotations

import sys

import pytest

from comfy_gen.supervisor.program import LAST, Ended, run, without_ours


def test_what_a_program_says_is_kept_apart_and_told_together():
    ended = run([sys.executable, "-c", "import sys; print('out'); print('wrong', file=sys.stderr); sys.exit(3)"])
    assert (ended.code, ended.said, ended.errors, ended.is_well) == (3, "out\n", "wrong\n", False)
    assert ended.reason == "out\n  wrong"


def test_only_the_last_lines_are_the_reason():
    said = "\n".join(str(number) for number in range(100))
    assert Ended(1, said).reason.split() == [str(number) for number in range(100 - LAST, 100)]
    assert Ended(7, "\n \n").reason == "it ended with 7"


def test_program_gets_no_settings_of_this_python_nor_of_a_git_that_called_it(monkeypatch):
    ours = {"PYTHONPATH": "/ours", "PYTHONHOME": "/ours", "GIT_DIR": "/ours", "HOME": "/h", "GIT_SSH_COMMAND": "ssh"}
    ours["VIRTUAL_ENV"] = "/ours"  # into which uv installs
    assert without_ours(ours) == {"HOME": "/h", "GIT_SSH_COMMAND": "ssh"}
    monkeypatch.setenv("PYTHONVERBOSE", "1")
    query = "import os; print(os.environ.get('PYTHONVERBOSE'), os.environ['SAID'])"
    assert run([sys.executable, "-c", query], settings={"SAID": "yes"}).said == "None yes\n"


def test_program_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        run([tmp_path / "nothing"])
