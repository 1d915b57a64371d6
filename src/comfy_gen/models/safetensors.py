"""Reads the header of a safetensors file: what tensors there are, and what its makers said of it."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from comfy_gen.errors import ModelIntegrityError
from comfy_gen.models.architecture import family_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["LENGTH", "Header", "Tensor", "family_of", "kind_of", "parse_header", "read_header"]

_LARGEST_HEADER = 100_000_000
"""The format's own bound: https://github.com/huggingface/safetensors, MAX_HEADER_SIZE."""
_LARGEST_NUMBER = 2**63
_MOST_DIMENSIONS = 64
"""More than any tensor has. Without bounds a header could have us multiply numbers of millions of digits."""
LENGTH = 8
"""Bytes before the header, which say how long it is."""
_BITS = {
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E5M2FNUZ", "F8_E4M3FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
}


class Tensor(NamedTuple):
    """A block of numbers."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def parameters(self) -> int:
        """How many numbers there are in it."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself."""

    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str]

    @property
    def parameters(self) -> int:
        """How many numbers there are in all."""
        return sum(tensor.parameters for tensor in self.tensors.values())

    @property
    def precision(self) -> str:
        """The type of most numbers: ``F16``, ``BF16``, ``F8_E4M3`` …; empty where there are none."""
        counted = Counter[str]()
        for tensor in self.tensors.values():
            counted[tensor.dtype] += tensor.parameters
        return counted.most_common(1)[0][0] if counted else ""


def read_header(path: Path, *, name: str = "") -> Header:
    """Return the header of a file, which has to be there whole.

    Raises:
        ModelIntegrityError: it is not safetensors, or its tensors are not all there.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        first = file.read(LENGTH)
        length = int.from_bytes(first, "little")
        if len(first) < LENGTH or length > _LARGEST_HEADER:
            raise ModelIntegrityError(name or path.name, "it does not begin as safetensors do")
        return parse_header(file.read(length), path.stat().st_size - LENGTH, name=name or path.name)


def parse_header(text: bytes, rest: int, *, name: str) -> Header:
    """Return what a header says, given how many bytes follow its length: its own, and those of the tensors.

    Raises:
        ModelIntegrityError: it is none, or its tensors do not cover the file from end to end.
    """
    try:
        said = json.loads(text)
        entries = {key: value for key, value in said.items() if key != "__metadata__"}
        tensors = {key: Tensor(_text(value["dtype"]), _shape(value["shape"])) for key, value in entries.items()}
        spans = [_span(value["data_offsets"], key) for key, value in entries.items()]
        reason = _gap(spans, rest - len(text)) or _mismatch(tensors, spans)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelIntegrityError(name, "its safetensors header cannot be read") from error
    if reason:
        raise ModelIntegrityError(name, reason)
    return Header(tensors, _texts(said.get("__metadata__")))


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise TypeError(said)
    return said


def _numbers(said: list[object]) -> tuple[int, ...]:
    numbers = tuple(one for one in said if type(one) is int and 0 <= one < _LARGEST_NUMBER)
    if len(numbers) != len(said):
        raise ValueError(said)
    return numbers


def _shape(said: list[object]) -> tuple[int, ...]:
    if len(said) > _MOST_DIMENSIONS:
        raise ValueError(len(said))
    return _numbers(said)


def _span(said: list[object], key: str) -> tuple[int, int, str]:
    start, end = _numbers(said)
    return start, end, key


def _gap(spans: Sequence[tuple[int, int, str]], size: int) -> str:
    """Return where tensors do not lie end to end; empty where they do."""
    position = 0
    for start, end, key in sorted(spans):
        if start != position or end < start:
            return f"its tensor {key!r} does not begin where the one before it ends"
        position = end
    return "" if position == size else f"its tensors take {position} bytes, and it has {max(size, 0)}"


def _mismatch(tensors: Mapping[str, Tensor], spans: Sequence[tuple[int, int, str]]) -> str:
    """Return which tensor is not as large as its shape says; types that nobody here knows are let be."""
    for start, end, key in spans:
        bits = _BITS.get(tensors[key].dtype)
        if bits is not None and tensors[key].parameters * bits != (end - start) * 8:
            return f"its tensor {key!r} is not as large as its shape says"
    return ""


def _texts(metadata: object) -> dict[str, str]:
    """Return the metadata that is text, as all of it should be."""
    if not isinstance(metadata, dict):
        return {}
    said = cast("dict[str, Any]", metadata)
    return {key: value for key, value in said.items() if isinstance(value, str)}
