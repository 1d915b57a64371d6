from __future__ import annotations

import pytest

from comfy_gen.cli.visible import visible


@pytest.mark.parametrize("text", ["a\tb\nc", "grün 日本 “x” [red]", ""])
def test_text_of_people_stays_as_it_is(text):
    assert visible(text) == text


@pytest.mark.parametrize("text", ["\x1b[2J", "\x9b2J", "\x1b]0;title\x07", "a\rb", "a\x08", "\u202egpj.exe"])
def test_what_steers_a_terminal_is_shown_as_a_sign(text):
    shown = visible(text)
    assert len(shown) == len(text)
    assert "\ufffd" in shown
    assert all(one.isprintable() for one in shown)
