from __future__ import annotations

import pytest

from comfy_gen.batch.change import Change
from comfy_gen.batch.vary import Variation, combinations, parse_variation
from comfy_gen.errors import InvalidParameterError


def read(path):
    return {"p.txt": "a cat\n\n  a dog \na cat\n", "empty.txt": "\n"}[path]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("seed=1..4", ("1", "2", "3", "4")),
        ("seed=3..1", ("3", "2", "1")),
        ("seed=5..5", ("5",)),
        ("seed=-1..1", ("-1", "0", "1")),
        ("steps=10..35..10", ("10", "20", "30")),
        ("cfg=5..6..0.5", ("5.0", "5.5", "6.0")),
        ("denoise=.2..0..0.1", ("0.2", "0.1", "0.0")),
        ("cfg=5, 7,9", ("5", "7", "9")),
        ("cfg=5,5", ("5",)),
        ("sampler=euler", ("euler",)),
        ('prompt="a cat, asleep",a dog', ("a cat, asleep", "a dog")),
        ("prompt=@p.txt", ("a cat", "a dog")),
        ("prompt=half..full", ("half..full",)),
    ],
)
def test_values_are_read(text, texts):
    assert parse_variation(text, read).texts == texts


@pytest.mark.parametrize(
    "text",
    ["seed", "seed=", "seed=,", "sed=1..2", "seed=1..3..0", "seed=1..1000000", "prompt=@empty.txt"],
)
def test_what_is_no_variation_is_refused(text):
    with pytest.raises(InvalidParameterError, match=r"^vary is"):
        parse_variation(text, read)


def test_every_combination_is_made_with_a_name():
    made = list(combinations([Variation("seed", ("1", "2")), Variation("3.cfg", ("5", "7.5"))]))
    assert [label for _, label in made] == ["seed1-cfg5", "seed1-cfg7.5", "seed2-cfg5", "seed2-cfg7.5"]
    assert made[1][0] == (Change("seed", "1"), Change("3.cfg", "7.5"))


def test_nothing_varied_is_one_combination():
    assert list(combinations([])) == [((), "")]


def test_long_values_are_numbered():
    assert Variation("prompt", ("a", "a cat")).labels == ("prompt1", "prompt2")
    assert Variation("sampler", ("euler", "dpmpp_2m")).labels == ("samplereuler", "samplerdpmpp_2m")


def test_too_many_combinations_are_refused():
    many = Variation("seed", tuple(map(str, range(1000))))
    with pytest.raises(InvalidParameterError, match="1,000,000 combinations"):
        next(combinations([many, many]))
