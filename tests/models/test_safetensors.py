from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.errors import ModelIntegrityError
from comfy_gen.models.safetensors import Tensor, parse_header, read_header
from tests.models.weights import safetensors


def parsed(header, rest=None):
    text = json.dumps(header).encode()
    return parse_header(text, len(text) + (rest or 0), name="a")


def tensor(start, end, dtype="F16", shape=None):
    return {"dtype": dtype, "shape": [(end - start) // 2] if shape is None else shape, "data_offsets": [start, end]}


def test_header_tells_tensors_and_metadata(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(safetensors({"a": (2, 3), "b": (4,), "nothing": (0,)}, {"format": "pt"}))
    header = read_header(path)
    assert header.tensors == {"a": Tensor("F16", (2, 3)), "b": Tensor("F16", (4,)), "nothing": Tensor("F16", (0,))}
    assert header.metadata == {"format": "pt"}
    assert header.parameters == 10
    assert header.precision == "F16"


def test_file_without_tensors_is_in_order():
    assert parsed({}).precision == ""


def test_precision_is_that_of_most_numbers():
    header = parsed({"a": tensor(0, 4, "F32", [1]), "b": tensor(4, 12, "U8", [8]), "c": tensor(12, 16, "F32", [1])}, 16)
    assert header.precision == "U8"


def test_small_numbers_may_share_bytes():
    assert parsed({"a": tensor(0, 3, "F4", [6])}, 3).parameters == 6


def test_types_of_later_years_are_let_be():
    assert parsed({"a": tensor(0, 7, "Q9", [2])}, 7).precision == "Q9"


def test_metadata_that_is_no_text_is_left_out():
    assert parsed({"__metadata__": {"a": "b", "c": 1}}).metadata == {"a": "b"}
    assert parsed({"__metadata__": "x"}).metadata == {}


@pytest.mark.parametrize(
    ("header", "rest", "says"),
    [
        ({"a": tensor(0, 4)}, 3, "take 4 bytes, and it has 3"),
        ({"a": tensor(0, 4)}, 5, "take 4 bytes, and it has 5"),
        ({"a": tensor(2, 4)}, 4, "'a' does not begin where"),
        ({"a": tensor(0, 4), "b": tensor(2, 6)}, 6, "'b' does not begin where"),
        ({"a": tensor(0, 4, shape=[3])}, 4, "not as large as its shape"),
        ({"a": {"dtype": "F16"}}, 0, "cannot be read"),
        ({"a": 5}, 0, "cannot be read"),
        ([], 0, "cannot be read"),
        ({"a": tensor(0, 2) | {"shape": ["x"]}}, 2, "cannot be read"),
        ({"a": tensor(0, 2) | {"shape": None}}, 2, "cannot be read"),
        ({"a": tensor(0, 2) | {"dtype": [1]}}, 2, "cannot be read"),
        ({"a": tensor(0, 2) | {"data_offsets": ["x", "y"]}}, 2, "cannot be read"),
        ({"a": tensor(0, 2) | {"shape": [-1, -1]}}, 2, "cannot be read"),
        ({"a": tensor(0, 2) | {"data_offsets": [0]}}, 2, "cannot be read"),
        ({"a": tensor(0, 2) | {"data_offsets": [0.0, 2.0]}}, 2, "cannot be read"),
    ],
)
def test_header_that_does_not_cover_the_file_is_damage(header, rest, says):
    with pytest.raises(ModelIntegrityError, match=says):
        parsed(header, rest)


@pytest.mark.parametrize(
    "content", [b"", b"short", b"\xff" * 20, b"<html>some page</html>", (90).to_bytes(8, "little")]
)
def test_other_files_are_no_safetensors(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(ModelIntegrityError, match=r"^a is damaged"):
        read_header(path)


ANY_JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.binary(max_size=60) | ANY_JSON.map(lambda said: json.dumps(said).encode()), st.integers(0, 99))
def test_whatever_a_header_says_is_read_or_refused(text, rest):
    with suppress(ModelIntegrityError):
        assert all(isinstance(one, Tensor) for one in parse_header(text, rest, name="a").tensors.values())


@given(st.integers(0, 150))
def test_file_that_was_cut_short_is_refused(length):
    whole = safetensors({"a": (2, 3), "b": (4,)})
    name, cut = "a", whole[: min(length, len(whole) - 1)]
    with pytest.raises(ModelIntegrityError):
        _parse_file(name, cut)


def _parse_file(name, content):
    length = int.from_bytes(content[:8], "little")
    parse_header(content[8 : 8 + length], len(content) - 8, name=name)


@pytest.mark.parametrize(
    "shape",
    [[10**4000] * 2, [2**63], [1] * 65, [True], [-1], [1.0]],
    ids=["huge", "large", "deep", "bool", "minus", "float"],
)
def test_shape_that_no_tensor_has_is_refused_before_it_is_reckoned_with(shape):
    with pytest.raises(ModelIntegrityError, match="cannot be read"):
        parsed({"a": tensor(0, 2, "Q9", shape)}, 2)
