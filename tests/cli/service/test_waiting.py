"""What is shown meanwhile."""

from __future__ import annotations

import pytest

from comfy_gen.cli.service.waiting import Waiting


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")


def test_line_that_somebody_else_wrote_is_cut_and_no_markup(terminal, capsys):
    with Waiting("Starting [a]") as waiting:
        waiting.show("[red]loading[/red] " + "x" * 100)
    said = capsys.readouterr().err
    assert "Starting [a] …" in said
    assert "x" * 30 not in said


def test_line_that_stays_is_written_where_nobody_looks_too(capsys):
    with Waiting("Installing") as waiting:
        waiting.show("not shown")
        waiting.tell("fetching [x]")
    assert capsys.readouterr().err == "fetching [x]\n"


def test_nothing_is_written_where_silence_was_asked_for(terminal, capsys):
    with Waiting("Installing", is_silent=True) as waiting:
        waiting.tell("fetching")
        waiting.show("a line")
    assert capsys.readouterr() == ("", "")
