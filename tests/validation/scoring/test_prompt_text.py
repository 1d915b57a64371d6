"""A prompt without the marks that only ComfyUI reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.validation.scoring.prompt_text import plain


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("a red car", "a red car"),
        ("(Porsche 911:2.0) single car, driving", "Porsche 911 single car, driving"),
        ("((a fox)), [snow], {night}", "a fox, snow, night"),
        ("(a (very:1.1) red car:1.3), sunset", "a very red car, sunset"),
        ("[fog:0.5] over (hills: .8 )", "fog over hills"),
        ("a red fox <lora:snow:0.8> in snow", "a red fox in snow"),
        ("<lora:snow:0.8>, a fox, <hypernet:x:1>, a tree", "a fox, a tree"),
        ("embedding:EasyNegative, blurry", "blurry"),
        ("blurry, (embedding:bad-hands.pt:1.2), dark", "blurry, dark"),
        ("a castle BREAK a lake", "a castle, a lake"),
        (r"a smile :\) of \(someone\)", "a smile :) of (someone)"),
        ("at 10:30, a ratio of 16:9", "at 10:30, a ratio of 16:9"),
        ("a dog AND a cat", "a dog AND a cat"),
        ("breaking waves, a BREAKWATER", "breaking waves, a BREAKWATER"),
        ("a fox,\n\n  in snow  ", "a fox, in snow"),
        ("(:1.2)", ""),
        (" , ,", ""),
        ("", ""),
    ],
)
def test_marks_are_left_out_and_words_kept(prompt, said):
    assert plain(prompt) == said


@given(st.text(alphabet="ab ,.:(){}[]<>\\019lorembding"))
def test_what_is_plain_has_no_more_spaces_than_needed(prompt):
    said = plain(prompt)
    assert said == said.strip(" ,")
    assert "  " not in said


@given(st.lists(st.sampled_from(["red", "fox", "10:30", "e.g.", "AND", "half-timbered"]), min_size=1))
def test_plain_words_stay_as_they_are(words):
    assert plain(" ".join(words)) == " ".join(words)


def test_a_hostile_prompt_takes_no_time_to_speak_of():
    assert plain("(" * 100_000) == ""
    assert plain("<lora:" * 20_000 + "x") != ""
    assert plain("a," + " ," * 50_000) == "a"
    assert plain("embedding:" * 10_000) == ""
    assert plain(":1" * 50_000) == ":1" * 50_000
