from __future__ import annotations

import pytest

from comfy_gen.errors import ModelIntegrityError, UnsafeModelError
from comfy_gen.models.content import check_beginning, check_content, check_name
from tests.models.weights import safetensors

PICKLE = b"\x80\x02}q\x00."


@pytest.mark.parametrize("name", ["a.ckpt", "a.safetensors.pt"])
def test_names_of_pickles_are_refused(name):
    with pytest.raises(UnsafeModelError, match="may run code"):
        check_name(name)


@pytest.mark.parametrize("name", ["a.safetensors", "a.gguf", "a.onnx", "a"])
def test_other_names_are_taken(name):
    check_name(name)


@pytest.mark.parametrize("name", ["a.safetensors", "a.gguf", "a"])
def test_pickle_under_another_name_is_refused(name):
    with pytest.raises(UnsafeModelError, match="content is a pickle"):
        check_beginning(name, PICKLE, allow_pickle=False)


def test_pickle_is_taken_when_it_may_be():
    check_beginning("a.ckpt", PICKLE, allow_pickle=True)


@pytest.mark.parametrize(
    ("name", "begins", "says"),
    [
        ("a.safetensors", PICKLE, "as safetensors do"),
        ("a.SFT", b"", "as safetensors do"),
        ("a.gguf", b"other", "as GGUF does"),
        ("a.ckpt", b"\n <!DOCTYPE html>", "a web page"),
        ("a.gguf", b"<html lang=en>", "a web page"),
        ("a.onnx", b"<?xml version='1.0'?><Error>", "a web page"),
    ],
)
def test_file_that_is_not_what_its_name_says_is_damaged(name, begins, says):
    with pytest.raises(ModelIntegrityError, match=says):
        check_beginning(name, begins, allow_pickle=True)


@pytest.mark.parametrize(
    ("name", "begins"), [("a.safetensors", safetensors({"a": (1,)})), ("a.gguf", b"GGUF\x03"), ("a", b"text")]
)
def test_file_that_begins_as_it_should_is_taken(name, begins):
    check_beginning(name, begins, allow_pickle=False)


def test_safetensors_have_to_be_there_from_end_to_end(tmp_path):
    path = tmp_path / "part"
    path.write_bytes(safetensors({"a": (8,)})[:-1])
    check_content("a.gguf", path)
    with pytest.raises(ModelIntegrityError, match=r"a\.safetensors"):
        check_content("a.safetensors", path)
