"""Names of files lead nowhere but into the folder that they are in."""

from __future__ import annotations

import pytest

from comfy_gen.api.dialects.comfyui.names import MOST_NUMBERS, Name, name_in, named, numbered, split_kind


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("cat.png", ("cat.png", None)),
        ("cat.png [output]", ("cat.png", "output")),
        ("sub/cat.png [input]", ("sub/cat.png", "input")),
        ("cat.png [temp]", ("cat.png", "temp")),
        ("cat.png [other]", ("cat.png [other]", None)),
        ("[output]", ("", "output")),
    ],
)
def test_name_says_in_its_end_which_folder_is_meant(said, found):
    assert split_kind(said) == found


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        (("cat.png",), "cat.png"),
        (("", "cat.png"), "cat.png"),
        (("a//b/../c", "cat.png"), "a/c/cat.png"),
        (("../input", "cat.png"), "cat.png"),
        (("..", "cat.png"), None),
        (("../inputs", "cat.png"), None),
        (("/etc", "passwd"), None),
        (("", "../cat.png"), None),
        (("", ".."), None),
        (("", "."), None),
        (("", ""), None),
        (("", "a\0b"), None),
        (("", "a\nb"), None),
    ],
)
def test_parts_make_a_name_within_their_folder_or_none(parts, path):
    assert name_in("input", *parts) == (None if path is None else Name("input", path))


def test_workflow_means_an_input_where_it_does_not_say_otherwise():
    assert named("pets/cat.png") == Name("input", "pets/cat.png")
    assert named("cat.png [temp]", "output") == Name("temp", "cat.png")
    assert named("cat.png", "output") == Name("output", "cat.png")
    assert named("[output]") is None
    assert named("../cat.png") is None


@pytest.mark.parametrize(
    ("path", "subfolder", "inner"),
    [
        ("cat.png", "", "cat.png"),
        ("a/c/cat.png", "a/b/../c", "cat.png"),
        ("a/c/cat.png", "", "a/c/cat.png"),
        ("cat.png", "../input", "cat.png"),
        ("cat.png", "../out", "cat.png"),
    ],
)
def test_name_is_told_as_it_is_in_a_subfolder(path, subfolder, inner):
    assert Name("input", path).below(subfolder) == inner


def test_numbers_go_before_the_suffix_and_end_somewhere():
    names = [*numbered("a.b/cat.tar.png")]
    assert names[:3] == ["a.b/cat.tar.png", "a.b/cat.tar (1).png", "a.b/cat.tar (2).png"]
    assert len(names) == MOST_NUMBERS
    assert [*numbered("noext")][1] == "noext (1)"
