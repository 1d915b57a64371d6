from __future__ import annotations

import pytest

from comfy_gen.engines.registry import make_entry, parse_all, parse_entries, parse_entry
from comfy_gen.errors import DuplicateEngineError, InvalidParameterError, InvalidRequestError


@pytest.mark.parametrize(
    ("text", "name", "url"),
    [
        ("http://gpu-1:8188", "gpu-1:8188", "http://gpu-1:8188"),
        ("gpu-1:8188", "gpu-1:8188", "gpu-1:8188"),
        ("https://gpu.example/comfy/", "gpu.example-comfy", "https://gpu.example/comfy/"),
        ("http://user:secret@gpu-1:8188", "gpu-1:8188", "http://user:secret@gpu-1:8188"),
        ("user:se=cret@gpu-1", "gpu-1", "user:se=cret@gpu-1"),
        ("http://[::1]:8188", "1:8188", "http://[::1]:8188"),
        ("big=gpu-1:8188", "big", "gpu-1:8188"),
        ("gpu:1=http://gpu-1:8188", "gpu:1", "http://gpu-1:8188"),
        ("http://gpu-1/a=b", "gpu-1-a-b", "http://gpu-1/a=b"),
    ],
)
def test_engine_is_named_by_a_url_or_has_a_name_before_it(text, name, url):
    entry = parse_entry(text)
    assert (entry.name, entry.url) == (name, url)
    assert (entry.tags, entry.weight, entry.depth, entry.state) == ((), 1.0, 2, "active")


def test_options_come_after_a_hash():
    entry = parse_entry("http://gpu-1:8188#tags=fast,xl,fast&weight=2.5&depth=3&state=draining")
    assert (entry.tags, entry.weight, entry.depth, entry.state) == (("fast", "xl"), 2.5, 3, "draining")
    assert entry.is_draining


@pytest.mark.parametrize(
    "text",
    [
        "http://a:1 b:2#tags=x,y http://c:3",
        "http://a:1,b:2#tags=x,y,http://c:3",
        "\n http://a:1 ,b:2#tags=x,y,\thttp://c:3, ",
    ],
)
def test_several_are_separated_by_spaces_or_commas(text):
    entries = parse_entries(text)
    assert [(entry.name, entry.tags) for entry in entries] == [("a:1", ()), ("b:2", ("x", "y")), ("c:3", ())]


def test_no_engine_is_a_good_answer():
    assert parse_entries(" ,") == []


def test_names_that_are_made_are_unlike_all_others():
    entries = parse_entries("http://a:1 https://a:1 b:2 b:2=http://c", taken={"a:1"})
    assert [entry.name for entry in entries] == ["a:1-2", "a:1-3", "b:2-2", "b:2"]


def test_no_login_is_shown():
    entry = parse_entry("http://user:secret@gpu-1:8188")
    assert entry.address == "http://gpu-1:8188"
    assert repr(entry) == (
        "EngineEntry(name='gpu-1:8188', url='http://gpu-1:8188', tags=(), weight=1, depth=2, state='active')"
    )
    with pytest.raises(InvalidParameterError) as caught:
        parse_entry("gopher://user:secret@gpu-1")
    assert "secret" not in f"{caught.value} {caught.value.hint} {caught.value!r}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("http://", "the engine's address is 'http://', but must be an http:// or https:// URL without a query"),
        (
            "a b=http://x",
            (
                "the engine's name is 'a b', but must be at most 100 letters, digits, dots, colons, dashes and "
                "underscores, the first a letter or digit"
            ),
        ),
        ("x#tags=-a", "an engine's tag is '-a', but must be at most 50 letters, digits and any of . _ + -"),
        ("x#weight=0", "the engine's weight is 0.0, but must be above 0 and at most 1000"),
        ("x#weight=nan", "the engine's weight is 'nan', but must be above 0 and at most 1000"),
        ("x#weight=heavy", "the engine's weight is 'heavy', but must be a number"),
        ("x#depth=0", "the engine's depth is 0, but must be a whole number from 1 to 1,000"),
        ("x#depth=1.5", "the engine's depth is '1.5', but must be a number"),
        ("x#state=gone", "the engine's state is 'gone', but must be active or draining"),
        ("x#wheels=4", "an engine's option is 'wheels', but must be one of tags, weight, depth, state"),
    ],
)
def test_what_cannot_work_is_told(text, message):
    with pytest.raises(InvalidParameterError) as caught:
        parse_entry(text)
    assert caught.value.message == message


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(InvalidRequestError) as caught:
        parse_entries("http:// a=x#weight=0&depth=none a=y z http://z")
    assert [error.message for error in caught.value.errors] == [
        "the engine's address is 'http://', but must be an http:// or https:// URL without a query",
        "the engine's depth is 'none', but must be a number",
        "the engine's weight is 0.0, but must be above 0 and at most 1000",
        "the address of z-2 is 'http://z', but must be another than that of z",
    ]


def test_name_that_is_taken_is_refused():
    with pytest.raises(DuplicateEngineError):
        parse_entry("a=http://x", taken={"a"})
    with pytest.raises(DuplicateEngineError):
        parse_all(["a=http://x", "a=http://y"])
    with pytest.raises(DuplicateEngineError):
        make_entry("http://x", name="a", taken={"a"})
