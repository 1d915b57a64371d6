import pytest

from comfy_gen.composition.texts.words import form_of, is_form, is_inflected, stem_of, words_of


def forms(text: str) -> list[str]:
    return [word.form for word in words_of(text)]


def test_words_stand_where_they_stand_in_the_text():
    text = "A red-haired woman's café, at night."
    words = words_of(text)
    assert [text[word.start : word.end] for word in words] == [word.text for word in words]
    assert forms(text) == ["a", "red", "haired", "woman", "cafe", "at", "night"]


def test_marks_are_what_parts_a_word_from_the_one_before():
    assert [word.mark for word in words_of("(red) car, at night; rain\nfog | snow - ice — wind")] == [
        *("", "", ",", "", ";", "\n", "|", "", "—"),
    ]


def test_mark_before_the_first_word_parts_it_from_nothing():
    assert words_of(", cat")[0].mark == ""


def test_hyphen_alone_joins_two_words():
    assert [word.is_hyphenated for word in words_of("snow-capped peak - crowd -free")] == [
        *(False, True, False, False, False),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(cat:1.2) and [dog:0.5] and ((bird))", ["cat", "and", "dog", "and", "bird"]),
        ("cat <lora:night_city:0.8> dog", ["cat", "dog"]),
        ("cat embedding:night-city.pt, dog", ["cat", "dog"]),
        ("EMBEDDING:night dog", ["dog"]),
        ("canon 35mm f/1.8", ["canon", "35mm", "f", "1", "8"]),
        ("", []),
        ("!!! ___ ???", []),
    ],
)
def test_markup_is_read_through(text: str, expected: list[str]):
    assert forms(text) == expected


def test_lora_parts_words_and_weight_does_not():
    assert [word.mark for word in words_of("no cats <lora:x:1> dogs")] == ["", "", ","]
    assert [word.mark for word in words_of("(golden:1.2) hour")] == ["", ""]


def test_name_has_a_capital_alone():
    assert [word.is_name for word in words_of("Paris paris PARIS A")] == [True, False, False, False]


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("Colourful", "colorful"),
        ("GREY", "gray"),
        ("harbours", "harbors"),
        ("hours", "hours"),
        ("mourning", "mourning"),
        ("dog's", "dog"),
        ("dogs\u2019", "dogs\u2019"),
        ("bird\u2019s", "bird"),
        ("don\u2019t", "don't"),
        ("naïve", "naive"),
        ("glamour", "glamor"),
    ],
)
def test_form_is_american_without_accents_and_possessive(word: str, form: str):
    # An apostrophe at a word's end is none of its letters, so that of "dogs'" never comes here.
    assert form_of(word) == form.replace("dogs\u2019", "dogs")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("portrait", "portraits"),
        ("city", "cities"),
        ("wolf", "wolves"),
        ("leaf", "leaves"),
        ("woman", "women"),
        ("run", "running"),
        ("blur", "blurred"),
        ("paint", "painted"),
        ("snow", "snowing"),
        ("impressionism", "impressionist"),
        ("dramatic", "dramatically"),
    ],
)
def test_forms_of_one_word_are_known(one: str, other: str):
    assert stem_of(one) == stem_of(other) or {one, other} == {"impressionism", "impressionist"}
    assert is_form(one, other)
    assert is_form(other, one)


@pytest.mark.parametrize(("one", "other"), [("anime", "animal"), ("anime", "animated"), ("universe", "university")])
def test_relatives_with_one_stem_are_no_forms(one: str, other: str):
    assert not is_form(one, other)


def test_bent_form_is_a_verb_s_of_a_keyword_that_is_none():
    assert is_inflected("parked", "park")
    assert not is_inflected("parks", "park")
    assert not is_inflected("painting", "painting")
    assert not is_inflected("lighting", "blurred")
