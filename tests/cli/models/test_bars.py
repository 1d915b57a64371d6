from __future__ import annotations

import io

import pytest
from rich.console import Console

from comfy_gen.cli.models.bars import ModelBars, short, total_of
from comfy_gen.models.progress import Progress


def told(phase, done=0, *, file="a.safetensors", note=""):
    return Progress(file=file, phase=phase, done=done, total=100, note=note)


def shown(*updates, is_terminal, sizes=None, is_silent=False):
    console = Console(file=io.StringIO(), force_terminal=is_terminal, width=80, color_system=None)
    with ModelBars(console, sizes or {"a.safetensors": 100}, is_silent=is_silent) as bars:
        for update in updates:
            bars(update)
    return console.file.getvalue()


def test_without_a_terminal_each_change_is_a_line():
    updates = [
        told("waiting"),
        told("fetching"),
        told("fetching", 50),
        told("retrying", 50, note="the connection broke"),
        told("fetching", 60),
        told("checking", 10),
        told("done", 100),
    ]
    assert shown(*updates, is_terminal=False).splitlines() == [
        "a.safetensors: another process fetches it; waiting",
        "Fetching a.safetensors",
        "a.safetensors: the connection broke; trying again",
        "Fetching a.safetensors",
    ]


def test_terminal_shows_bars_and_says_why_it_is_tried_again():
    updates = [told("fetching", 50), told("retrying", 50, note="the connection broke"), told("checking", 10)]
    said = shown(*updates, is_terminal=True)
    assert "a.safetensors" in said
    assert "the connection broke; trying again" in said


def test_several_files_have_a_bar_for_all_of_them():
    files = {"a.safetensors": 100, "b.safetensors": 100}
    said = shown(
        told("fetching", 50),
        told("done", 100),
        told("fetching", 50, file="b.safetensors"),
        is_terminal=True,
        sizes=files,
    )
    assert "all" in said
    assert "150/200" in said


def test_silent_ones_show_nothing():
    updates = told("fetching", 50), told("retrying", 50, note="x")
    assert shown(*updates, is_terminal=False, is_silent=True) == ""
    assert "trying" not in shown(*updates, is_terminal=True, is_silent=True)


@pytest.mark.parametrize(("sizes", "total"), [({"a": 1, "b": 2}, 3), ({"a": 1, "b": None}, None), ({}, 0)])
def test_size_of_all_is_known_if_each_is(sizes, total):
    assert total_of(sizes) == total


def test_end_of_a_long_name_is_kept():
    assert short("folder/name.safetensors") == "name.safetensors"
    long = short(f"{'x' * 40}-fp8.safetensors")
    assert (len(long), long[0], long.endswith("-fp8.safetensors")) == (32, "…", True)


def test_name_of_a_file_is_no_markup():
    named = "[red]a.safetensors"
    updates = [told("fetching", 50, file=named), told("fetching", 90, file=named)]
    assert named in shown(*updates, is_terminal=True, sizes={named: 100})
