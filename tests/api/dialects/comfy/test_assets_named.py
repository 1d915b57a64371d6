"""Tests of what assets may be called."""

from __future__ import annotations

import pytest

from comfy_gen.api.dialects.comfy.assets_named import LONGEST, LONGEST_PART, name_in
from comfy_gen.errors import InvalidParameterError


@pytest.mark.parametrize(
    ("file_path", "name"),
    [
        ("photo.png", "photo.png"),
        ("input/photo.png", "photo.png"),
        ("input/sea/photo.png", "sea/photo.png"),
        ("input//sea/./photo.png", "sea/photo.png"),
        ("灯台 with a space.png", "灯台 with a space.png"),
        ("👩‍👩‍👧.png", "👩‍👩‍👧.png"),
        ('a"b;c.png', 'a"b;c.png'),
        ("..png", "..png"),
        ("input", "input"),
        ("a" * LONGEST_PART, "a" * LONGEST_PART),
    ],
)
def test_file_is_called_by_its_path_among_the_inputs(file_path, name):
    assert name_in(file_path) == name


@pytest.mark.parametrize(
    "file_path",
    [
        "",
        ".",
        "..",
        "/etc/passwd",
        "\\\\host\\share",
        "../photo.png",
        "input/../photo.png",
        "input/../checkpoints/evil.safetensors",
        "models/checkpoints/x.safetensors",
        "checkpoints/x.safetensors",
        "custom_nodes/evil.py",
        "output/x.png",
        "sea/photo.png",
        "photo\0.png",
        "photo\n.png",
        "photo\x7f.png",
        "photo\ud800.png",
        "a" * (LONGEST_PART + 1),
        "é" * (LONGEST_PART // 2 + 1),
        "input/" + "a/" * LONGEST,
    ],
)
def test_what_is_no_path_of_an_input_is_refused(file_path):
    with pytest.raises(InvalidParameterError) as caught:
        name_in(file_path)
    assert len(caught.value.message) < 600
    assert caught.value.message.isprintable()
