"""``comfygen presets``: what people see of the values that they keep."""

from __future__ import annotations

import pytest

from comfy_gen.cli.completion import saved_presets


@pytest.fixture
def presets(comfygen, tmp_path, monkeypatch):
    """The command with a database of its own."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    return lambda *arguments: comfygen("presets", *arguments)


def test_every_value_is_kept(presets):
    said = {
        "--negative-prompt": "ugly",
        "--workflow": "sdxl",
        "--model": "dream.safetensors",
        "--lora": "ink:0.5",
        "--category": "@portrait",
        "--steps": "30",
        "--cfg": "6.5",
        "--width": "768",
        "--height": "1024",
        "--sampler": "euler",
        "--scheduler": "normal",
        "--denoise": "0.5",
        "--description": "For posters",
    }
    saved = presets("save", "mine", *(part for pair in said.items() for part in pair), "--json").json
    assert saved["values"] == {
        "negative_prompt": "ugly",
        "workflow": "sdxl",
        "model": "dream.safetensors",
        "sampler": "euler",
        "scheduler": "normal",
        "steps": 30,
        "cfg": 6.5,
        "denoise": 0.5,
        "width": 768,
        "height": 1024,
        "loras": [{"name": "ink", "strength": 0.5}],
        "categories": ["portrait"],
    }
    assert presets("show", "mine", "--json").json == saved
    out = presets("show", "mine").out
    for part in ("For posters", "ink:0.5", "portrait", "1024"):
        assert part in out


def test_list_shows_what_each_sets(presets):
    presets("save", "mine", "--steps", "30", "--lora", "ink")
    presets("save", "other", "--cfg", "3", "--owner", "ann")
    out = presets("list").out
    assert "steps 30 · loras ink:1" in out
    assert "ann" in out
    assert [one["name"] for one in presets("list", "--owner", "ann", "--json").json["presets"]] == ["other"]


def test_list_of_nothing_says_how_to_save_one(presets):
    said = presets("list")
    assert (said.code, said.out) == (0, "")
    assert "comfygen presets save" in said.err


def test_preset_is_replaced_if_that_is_said(presets):
    assert "comfygen compose --preset mine" in presets("save", "mine", "--steps", "30").out
    assert presets("save", "mine", "--steps", "40").code == 2
    assert presets("save", "mine", "--steps", "40", "--replace", "--json").json["values"] == {"steps": 40}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("mine",), "one or more of"),
        (("draft", "--steps", "3"), "another than those"),
        (("mine", "--steps", "0", "--width", "3"), "width"),
        (("mine", "--lora", ":x"), "NAME:STRENGTH"),
    ],
)
def test_what_cannot_be_kept_is_told(presets, arguments, told):
    said = presets("save", *arguments)
    assert said.code == 2
    assert told in said.err


def test_deleted_preset_is_gone(presets):
    presets("save", "mine", "--steps", "30")
    assert "is deleted" in presets("delete", "mine").out
    told = presets("show", "mine", "--json")
    assert (told.code, told.json["error"]["code"]) == (2, "preset_not_found")


def test_tab_offers_presets(presets):
    presets("save", "mine", "--steps", "30", "-d", "For posters")
    assert saved_presets("m") == [("mine", "For posters")]
