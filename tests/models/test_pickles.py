from __future__ import annotations

import io
import pickle
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.models.pickles import is_pickle_name, looks_like_pickle, looks_like_safetensors


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
    return file.getvalue()


class Harmful:
    def __reduce__(self):
        return print, ("run",)


@pytest.mark.parametrize("name", ["a.ckpt", "sub/a.pt", "a.PTH", "a.bin", "a.safetensors.pkl", "a.pt2", "a.npz"])
def test_names_of_pickles_are_known(name):
    assert is_pickle_name(name)


@pytest.mark.parametrize("name", ["a.safetensors", "a.sft", "a.gguf", "a.onnx", "ckpt", "a.ckpt.safetensors", ""])
def test_names_of_files_that_hold_only_numbers_are_let_be(name):
    assert not is_pickle_name(name)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_that_run_code_are_known_by_how_they_begin(protocol):
    assert looks_like_pickle(pickle.dumps(Harmful(), protocol))
    assert protocol == 0 or looks_like_pickle(pickle.dumps([Harmful()], max(protocol, 2)))


def test_archives_of_pytorch_are_known():
    assert looks_like_pickle(zipped())


@given(st.integers(2, 100_000_000))
def test_safetensors_of_any_size_are_no_pickles(length):
    """A header of 640 bytes makes a file begin with the very bytes that pickles do."""
    begins = length.to_bytes(8, "little") + b'{"a":{'
    assert looks_like_safetensors(begins)
    assert not looks_like_pickle(begins)


@pytest.mark.parametrize("begins", [b"", b"GGUF\x03\0\0\0", b"\x08\x07\x12\x07pytorch", b"plain text", b"\0" * 64])
def test_other_files_are_no_pickles(begins):
    assert not looks_like_pickle(begins)
    assert not looks_like_safetensors(begins)
