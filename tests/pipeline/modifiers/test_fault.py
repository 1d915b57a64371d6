"""How what foreign code raises is told."""

from __future__ import annotations

from comfy_gen.pipeline.modifiers.fault import said


def test_error_is_told_in_one_line():
    assert said(KeyError("3")) == "KeyError: '3'"
    assert said(ValueError("one\n\ttwo")) == "ValueError: one two"
    assert said(ValueError()) == "ValueError"


def test_long_message_is_cut():
    text = said(ValueError("x" * 10_000))
    assert len(text) == 500
    assert text.endswith("x…")
