import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.composition.texts.inference import SURE, Evidence
from comfy_gen.composition.texts.parsing import Reading, read_text
from tests.composition.small_lexicon import CATEGORIES, LEXICON


def read(text: str) -> Reading:
    return read_text(text, LEXICON)


def sure(text: str) -> set[str]:
    return {found.id for found in read(text).inferred if found.confidence >= 0.3}


def test_tags_are_ids_in_their_order_each_once():
    reading = read("@Night, @golden_hour a cat @night")
    assert reading.tags == ("night", "golden-hour")
    assert reading.text == "a cat"
    assert [found.id for found in reading.inferred] == ["cat"]


def test_tagged_category_is_not_inferred_too():
    assert read("@cat, a cat").inferred == ()


def test_unknown_tags_are_told_with_the_nearest():
    reading = read("@nihgt and @Golden_Houre and @night")
    assert reading.tags == ("night",)
    assert reading.unknown_tags["nihgt"][0] == "night"
    assert reading.unknown_tags["Golden_Houre"][0] == "golden-hour"


def test_nearest_ids_are_looked_up_for_the_first_unknown_tags_alone():
    reading = read(" ".join(f"@nothing{number}" for number in range(20)))
    assert [bool(nearest) for nearest in reading.unknown_tags.values()] == [True] * 10 + [False] * 10


def test_evidence_says_what_speaks_for_a_category():
    text = "two Kittens, a wolfhuond"
    cat, dog = read(text).inferred
    assert cat.evidence == (
        Evidence(words="Kittens", start=4, end=11, level="primary", keyword="kitten", is_form=True),
    )
    (said,) = dog.evidence
    assert (said.words, said.is_typo, said.is_form) == ("wolfhuond", True, False)
    assert text[said.start : said.end] == said.words


def test_surest_comes_first_and_then_what_is_said_first():
    assert [found.id for found in read("a dog, a warm cat after dark and a boxer").inferred][:3] == [
        *("night", "dog", "cat"),
    ]
    assert [found.id for found in read("the dog and the cat").inferred] == ["dog", "cat"]


def test_several_words_for_a_category_make_it_surer():
    (once,), (twice,) = read("the cat").inferred, read("the cat and the kitten").inferred
    assert twice.confidence > once.confidence
    assert len(twice.evidence) == 2


def test_what_is_negated_is_not_inferred():
    reading = read("a beach at night without people or cars, no dogs")
    assert {found.id for found in reading.inferred} == {"beach", "night"}
    assert reading.negated == ("people", "cars", "dogs")
    assert reading.negated_ids == ("people", "car", "dog")


def test_what_is_wanted_elsewhere_is_not_unwanted():
    reading = read("a cat, not a cat")
    assert sure("a cat, not a cat") == {"cat"}
    assert reading.negated_ids == ()
    assert reading.negated == ("cat",)


def test_hint_alone_names_nothing_that_is_not_to_be_shown():
    assert read("a road without a tree").negated_ids == ()
    assert read("a road without a tree").negated == ("tree",)


def test_hint_elsewhere_does_not_keep_what_is_not_to_be_shown():
    assert read("a worker, no people").negated_ids == ("people",)


def test_phrase_that_is_not_wanted_is_one_thing():
    reading = read("a cat, not black and white")
    assert (reading.negated, reading.negated_ids) == (("black and white",), ("black-and-white",))


def test_nobody_means_no_people():
    reading = read("a beach with nobody")
    assert (reading.negated, reading.negated_ids) == (("people",), ("people",))


def test_tag_that_is_not_wanted_is_negated():
    reading = read("a beach, no @golden_hour, no @nihgt")
    assert (reading.text, reading.tags) == ("a beach", ())
    assert (reading.negated, reading.negated_ids) == (("golden hour",), ("golden-hour",))
    assert list(reading.unknown_tags) == ["nihgt"]


@pytest.mark.parametrize(
    "text", ["(golden hour:1.3), ((cat)), [dog]", "a cat <lyco:night:0.8>", "embedding:night, cat"]
)
def test_markup_is_kept_in_the_text(text: str):
    assert read(text).text == text
    assert "night" not in sure(text)
    assert "cat" in sure(text)


def test_loras_are_read_apart_from_the_text():
    reading = read("a cat, <lora:night:0.8>, @beach")
    assert reading.text == "a cat"
    assert reading.loras == (("night", 0.8),)
    assert "night" not in sure("a cat, <lora:night:0.8>, @beach")
    assert reading.names_and_text == "a cat\nnight"


@pytest.mark.parametrize("text", ["", "   ", "@", "!!!", "😀", "\0", "no", "no " * 50, "of " * 50])
def test_text_that_says_nothing_is_read_as_nothing(text: str):
    reading = read(text)
    assert (reading.tags, reading.inferred, reading.negated_ids) == ((), (), ())


KEYWORDS = [keyword for category in CATEGORIES for keyword in category.keywords.all]
PARTS = st.one_of(
    st.sampled_from([*KEYWORDS, "no", "not", "without", "and", "or", "a", "of", "@night", "@nope", "(", ")", ":1.2)"]),
    st.text(string.printable + "éß\u2019\u2014", max_size=6),
)


@given(st.lists(PARTS, max_size=12), st.sampled_from([" ", ", ", "-", ""]))
def test_any_text_is_read_the_same_twice_and_within_bounds(parts: list[str], joint: str):
    text = joint.join(parts)
    reading = read(text)
    assert reading == read(text)
    assert all(0 < found.confidence <= 1 for found in reading.inferred)
    for found in reading.inferred:
        assert found.id not in reading.tags
        assert all(reading.text[said.start : said.end] == said.words for said in found.evidence)
    assert not set(reading.tags) & set(reading.unknown_tags)
    for text_said in reading.negated:
        assert text_said in reading.text or text_said in {"people", "night"}


def test_what_is_only_hinted_at_does_not_bring_back_what_is_not_to_be_shown():
    reading = read("peopled street, no people")
    assert reading.inferred[0].confidence < SURE
    assert reading.negated_ids == ("people",)


def test_what_is_tagged_and_not_to_be_shown_is_among_both():
    reading = read("@dog, no dogs, no cats")
    assert (reading.tags, reading.negated, reading.negated_ids) == (("dog",), ("cats",), ("cat", "dog"))


def test_tag_is_not_contradicted_by_a_kind_of_what_it_is():
    reading = read("@dog, no small dogs")
    assert (reading.negated, reading.negated_ids) == (("small dogs",), ())
