"""Finds what may stand in for a model file that is not there, and says why. Pure.

A file of another family never does: what is made for one does not run with another.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.workflows.families import family_in
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALIKE = 0.6
"""How alike two names must be, of 1, for one to be told for the other when nothing else speaks for it."""
_ENDING = re.compile(r"\.(safetensors|sft|gguf|ckpt|pth?|bin|onnx)$")
_PRECISION = re.compile(
    r"fp\d+|bf16|f16|f32|int\d|nf4|mxfp\d|nvfp4|e4m3fn|e5m2|scaled|fast|mixed|pruned|emaonly|ema|i?q\d[k01]?[sml]?"
)
_MADE_FOR = re.compile(r"[ti]+2[vi]|high|low|inpaint\w*|fill|refiner|edit|canny|depth|pose|turbo|lightning|schnell|x\d")
"""Parts of names that say what a model is for: one for the high noise is none for the low."""
_QUANTIZED = re.compile(r"(q\d)[_-]([k01])(?:[_-]([sml])(?![a-z]))?")
"""How GGUF files tell their precision: ``Q4_K_S`` is one word."""
_FREE_OF_FAMILY = frozenset({"vae", "text_encoders", "clip_vision", "upscale_models"})
"""Folders where two files of one family are for different things."""
_ENCODERS = frozenset({"text_encoders", "clip_vision"})
"""Folders where a like name is no hint: T5 and UMT5 are two models, and one in the place of the other ruins all."""


class Fallback(NamedTuple):
    """A file that may stand in for another."""

    file: str
    reason: str


class _Name(NamedTuple):
    """A file's name, taken apart."""

    model: tuple[str, ...]
    """The words that say which model it is."""
    precision: tuple[str, ...]
    made_for: frozenset[str]
    family: str


def fallbacks(need: tuple[str, str], available: Sequence[str], *, limit: int = 3) -> tuple[Fallback, ...]:
    """Return what may stand in for a need, best first: a folder and a file, and the files that the folder has.

    First come the same model in another precision or format, then others of its family, then like names.
    """
    folder, file = need
    wanted, others = _taken_apart(file), [other for other in available if other != file]
    ordered = nearest_names(file, others, len(others))
    found = [*_same(wanted, ordered), *_of_family(folder, wanted, ordered), *_alike(need, wanted, ordered)]
    return tuple({one.file: one for one in reversed(found)}[name] for name in _names(found)[:limit])


def _names(found: Iterable[Fallback]) -> list[str]:
    return list(dict.fromkeys(one.file for one in found))


def _same(wanted: _Name, names: Iterable[str]) -> list[Fallback]:
    return [
        Fallback(name, f"the same model{_difference(wanted, other)}")
        for name in names
        if (other := _taken_apart(name)).model == wanted.model and other.made_for == wanted.made_for
    ]


def _difference(wanted: _Name, other: _Name) -> str:
    if wanted.precision == other.precision:
        return ", in another file"
    there, here = (" ".join(name.precision) or "its usual precision" for name in (other, wanted))
    return f", {there} rather than {here}"


def _of_family(folder: str, wanted: _Name, names: Iterable[str]) -> list[Fallback]:
    if not wanted.family or folder in _FREE_OF_FAMILY:
        return []
    return [
        Fallback(name, f"another model of the family {wanted.family}")
        for name in names
        if (other := _taken_apart(name)).family == wanted.family and other.made_for == wanted.made_for
    ]


def _alike(need: tuple[str, str], wanted: _Name, names: Iterable[str]) -> list[Fallback]:
    folder, file = need
    if folder in _ENCODERS:
        return []
    return [
        Fallback(name, "a like name; look whether it is what you want")
        for name in names
        if _may_be(wanted, _taken_apart(name)) and _likeness(file, name) >= ALIKE
    ]


def _may_be(wanted: _Name, other: _Name) -> bool:
    are_told = bool(wanted.family and other.family)
    return other.made_for == wanted.made_for and (not are_told or wanted.family == other.family)


def _likeness(one: str, another: str) -> float:
    stems = (_ENDING.sub("", _plain(name)) for name in (one, another))
    return SequenceMatcher(None, *stems, autojunk=False).ratio()


def _plain(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].lower()


def _taken_apart(name: str) -> _Name:
    words = re.findall(r"[a-z0-9]+", _QUANTIZED.sub(r"\1\2\3", _ENDING.sub("", _plain(name))))
    precision = tuple(word for word in words if _PRECISION.fullmatch(word))
    made_for = frozenset(word for word in words if _MADE_FOR.fullmatch(word))
    rest = tuple(word for word in words if word not in precision and word not in made_for)
    return _Name(rest, precision, made_for, family_in(_plain(name)))
