"""Somebody's files are among the choices of the inputs that they are for, and the same answer is written once."""

from __future__ import annotations

import gzip
import json
from typing import Any

from comfy_gen.api.dialects.comfyui.catalogue import MOST, Catalogue, with_files
from comfy_gen.api.dialects.comfyui.packs import merged_deeply

FILES = ["b.png", "a.gif", "c.mp3", "d.mp4", "e.glb", "f.txt"]


def info(*spec: Any) -> dict[str, Any]:
    return {"Loader": {"input": {"required": {"file": [*spec], "strength": ["FLOAT"]}}, "output": []}}


def chosen(*spec: Any) -> list[str]:
    kind, *options = with_files(info(*spec), FILES)["Loader"]["input"]["required"]["file"]
    return options[0]["options"] if kind == "COMBO" else kind


def test_each_input_gets_the_files_of_its_kind():
    assert chosen(["own.png"], {"image_upload": True}) == ["a.gif", "b.png", "own.png"]
    assert chosen([], {"audio_upload": True}) == ["c.mp3", "d.mp4"]
    assert chosen([], {"video_upload": True}) == ["a.gif", "d.mp4"]
    assert chosen([], {"file_upload": True}) == sorted(FILES)
    assert chosen("COMBO", {"options": ["own.png"], "image_upload": True}) == ["a.gif", "b.png", "own.png"]


def test_other_inputs_stay_as_they_are():
    for spec in (
        [["own.png"]],
        [["own.png"], {"image_upload": False}],
        [["own.png"], {"image_upload": True, "image_folder": "output"}],
        ["IMAGE", {"image_upload": True}],
        ["COMBO", {"remote": {}, "image_upload": True}],
        [["own.png"], None],
    ):
        assert with_files(info(*spec), FILES) == info(*spec)
    for odd in ({}, {"input": None}, {"input": {"required": None}}):
        assert with_files({"Odd": odd}, FILES) == {"Odd": odd}


def test_what_engines_declare_is_left_alone():
    declared = info([], {"image_upload": True})
    with_files(declared, FILES)
    assert declared == info([], {"image_upload": True})
    assert with_files(declared, []) is declared


async def test_answer_is_written_once_for_all_who_are_told_the_same():
    catalogue, declared = Catalogue(), info([], {"image_upload": True})
    first = await catalogue.answer(declared, [])
    assert json.loads(first.plain) == declared
    assert gzip.decompress(first.small) == first.plain
    assert await catalogue.answer(declared, []) is first
    other = await catalogue.answer(declared, ["b.png"])
    assert other.tag != first.tag
    for number in range(MOST):
        await catalogue.answer(declared, [f"{number}.png"])
    again = await catalogue.answer(declared, [])
    assert again == first
    assert again is not first


def test_what_several_engines_say_is_put_together_the_first_before_the_others():
    answers = [{"en": {"a": 1, "b": {"x": 1}}}, None, {"en": {"a": 2, "b": {"y": 2}, "c": 3}, "fr": {}}]
    assert merged_deeply(answers) == {"en": {"a": 1, "b": {"x": 1, "y": 2}, "c": 3}, "fr": {}}
    assert merged_deeply([{"a": {"x": 1}}, {"a": 2}]) == {"a": {"x": 1}}
