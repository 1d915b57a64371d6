"""Modifiers found in folders and packages, good ones among bad."""

from __future__ import annotations

import json
import sys
from importlib.metadata import EntryPoint
from textwrap import dedent

import pytest

from comfy_gen.pipeline.modifiers import BaseModifier
from comfy_gen.pipeline.modifiers.discovery import GROUP, in_folder, installed
from comfy_gen.pipeline.modifiers.shipped import Text2Image

GOOD = """
    from modifiers.basemodifier import BaseModifier

    class Good(BaseModifier):
        WORKFLOW_JSON = "sd15"
"""


@pytest.fixture
def put(tmp_path):
    """Write files into the folder; return it."""

    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(dedent(text), encoding="utf-8")
        return tmp_path

    return write


def said(found):
    return [problem.message for problem in found.problems]


def test_modifier_with_the_documented_import_is_found(put):
    found = in_folder(put(good=GOOD))
    assert (list(found.modifiers), said(found)) == (["Good"], [])
    assert issubclass(found.modifiers["Good"], BaseModifier)
    assert found.modifiers["Good"].home.samefile(put())


def test_modifier_with_our_import_is_found(put):
    text = GOOD.replace("modifiers.basemodifier", "comfy_gen.pipeline.modifiers")
    assert list(in_folder(put(good=text)).modifiers) == ["Good"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def broken(:", "SyntaxError: invalid syntax"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import not_there_at_all", "ModuleNotFoundError: No module named 'not_there_at_all'"),
        ("from modifiers.other import x", "ModuleNotFoundError: No module named 'modifiers.other'"),
    ],
)
def test_broken_file_is_told_and_the_others_work(put, text, reason):
    found = in_folder(put(a_broken=text, good=GOOD))
    assert list(found.modifiers) == ["Good"]
    (problem,) = found.problems
    assert (problem.name, problem.code) == ("a_broken", "modifier_failed")
    assert problem.reason.startswith(reason)


def test_class_whose_workflow_is_not_there_is_told(put):
    found = in_folder(put(good=GOOD.replace("sd15", "workflows/nowhere.json")))
    assert found.modifiers == {}
    assert [(one.name, one.reason.partition(":")[0]) for one in found.problems] == [("Good", "WorkflowNotFoundError")]


@pytest.mark.parametrize("parameters", ["{'a': 3}", "[]", "{'a': {'type': 'int'}}"])
def test_class_whose_parameters_mean_nothing_is_told(put, parameters):
    found = in_folder(put(good=f"{dedent(GOOD)}\n    PARAMETERS = {parameters}\n"))
    assert (found.modifiers, [problem.name for problem in found.problems]) == ({}, ["Good"])


def test_second_class_of_a_name_is_told(put):
    found = in_folder(put(a=GOOD, b=GOOD))
    assert said(found) == ["the modifier Good failed: modifiers.a has one of that name too"]


def test_private_and_borrowed_classes_are_not_modifiers(put):
    folder = put(
        _hidden=GOOD,
        basemodifier="1 / 0",
        shared="from modifiers.basemodifier import BaseModifier\nclass _Ours(BaseModifier):\n    pass\n",
        mine="from modifiers.shared import _Ours\nclass Mine(_Ours):\n    WORKFLOW_JSON = 'sd15'\n",
        other="from modifiers.mine import Mine\n",
    )
    found = in_folder(folder)
    assert (list(found.modifiers), said(found)) == (["Mine"], [])


def test_what_was_imported_by_that_name_before_is_left_as_it_was(put, monkeypatch):
    theirs = object()
    monkeypatch.setitem(sys.modules, "modifiers", theirs)
    monkeypatch.delitem(sys.modules, "modifiers.good", raising=False)
    in_folder(put(good=GOOD))
    assert sys.modules["modifiers"] is theirs
    assert [name for name in sys.modules if name.startswith("modifiers.")] == []


def test_folder_that_is_not_there_is_told(tmp_path):
    assert said(in_folder(tmp_path / "gone")) == [f"the modifier {tmp_path / 'gone'} failed: there is no such folder"]


def test_workflow_beside_the_file_is_read(put):
    folder = put(good=GOOD.replace("sd15", "own.json"))
    own = {"1": {"class_type": "SaveImage", "inputs": {}}}
    (folder / "own.json").write_text(json.dumps(own), encoding="utf-8")
    assert in_folder(folder).modifiers["Good"]().workflow == own


def test_entry_point_gives_a_modifier_its_name():
    point = EntryPoint("Paint", "comfy_gen.pipeline.modifiers.shipped:Text2Image", GROUP)
    assert installed([point]).modifiers == {"Paint": Text2Image}


def test_entry_points_that_lead_to_none_are_told():
    points = [EntryPoint("Gone", "not_there_at_all:X", GROUP), EntryPoint("Odd", "json:dumps", GROUP)]
    found = installed(points)
    assert found.modifiers == {}
    assert [one.reason.partition(":")[0] for one in found.problems] == ["ModuleNotFoundError", "TypeError"]


def test_nothing_is_installed_here():
    assert installed() == ({}, ())
