from __future__ import annotations

import pytest

from comfy_gen.workflows.nearest import MOST_LETTERS, at_most, nearest_names

MODELS = [
    "sd_xl_base_1.0.safetensors",
    "sd_xl_refiner_1.0.safetensors",
    "v1-5-pruned-emaonly.ckpt",
    "flux1-dev.safetensors",
    "flux1-schnell.safetensors",
    "sub/Juggernaut-XL.safetensors",
    "t5xxl_fp16.safetensors",
]


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("FLUX1-DEV.safetensors", "flux1-dev.safetensors"),
        ("flux1-dev.ckpt", "flux1-dev.safetensors"),
        ("models/flux1-schnell.gguf", "flux1-schnell.safetensors"),
        ("sub\\juggernaut-xl.safetensors", "sub/Juggernaut-XL.safetensors"),
        ("SD XL base 1.0", "sd_xl_base_1.0.safetensors"),
        ("juggernaut", "sub/Juggernaut-XL.safetensors"),
        ("sd_xl_bsae_1.0.safetensors", "sd_xl_base_1.0.safetensors"),
        ("t5xl", "t5xxl_fp16.safetensors"),
    ],
)
def test_the_name_that_was_meant_comes_first(wanted, first):
    assert nearest_names(wanted, MODELS)[0] == first


def test_exact_name_comes_before_the_same_stem_in_another_folder():
    assert nearest_names("a/x.ckpt", ["b/x.ckpt", "x.safetensors", "A\\X.ckpt"])[0] == "A\\X.ckpt"


def test_at_most_limit_names_are_given():
    assert len(nearest_names("flux", MODELS)) == 5
    assert len(nearest_names("flux", MODELS, limit=2)) == 2


def test_whoever_asks_for_nonsense_still_learns_what_there_is():
    assert set(nearest_names("qqq", ["euler", "heun"])) == {"euler", "heun"}


def test_nothing_is_near_when_there_is_nothing():
    assert nearest_names("euler", []) == ()


def test_equally_near_names_keep_their_order_and_appear_once():
    assert nearest_names("x", ["bb", "aa", "bb"]) == ("bb", "aa")


def test_two_letters_in_common_are_no_strong_reason():
    assert nearest_names("sd", ["a-long-name-with-sd-in-it", "sx"])[0] == "sx"


def test_searches_end_where_somebody_bounds_them():
    with at_most(2):
        assert [nearest_names("eulr", ["euler"]) for _ in range(3)] == [("euler",), ("euler",), ()]
        with at_most(1):
            assert nearest_names("eulr", ["euler"]) == ("euler",)
    assert nearest_names("eulr", ["euler"]) == ("euler",)


def test_what_is_far_too_long_for_a_name_is_like_none():
    assert nearest_names("e" * (MOST_LETTERS + 1), ["euler"]) == ()
