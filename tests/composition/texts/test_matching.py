import pytest

from comfy_gen.composition.texts.matching import Match, matches_of
from comfy_gen.composition.texts.words import words_of
from tests.composition.small_lexicon import LEXICON


def matches(text: str) -> tuple[Match, ...]:
    return matches_of(words_of(text), LEXICON)


def ids(text: str) -> list[str]:
    return [sense.id for match in matches(text) for sense in match.senses]


@pytest.mark.parametrize("text", ["golden hour", "Golden-Hour", "goldenhour", "GOLDEN HOURS", "golden the hour"])
def test_phrase_is_found_however_it_is_joined(text: str):
    assert ids(text) == ["golden-hour"]


@pytest.mark.parametrize("text", ["golden, hour", "golden retriever hour", "golden. Hour"])
def test_phrase_ends_at_a_mark(text: str):
    assert ids(text) == []


def test_longest_phrase_counts_and_its_words_count_not_again():
    assert ids("a rubber duck") == ["toy"]
    assert ids("a duck of rubber") == ["bird"]


def test_idiom_takes_its_words_away():
    assert ids("a train of thought and a train") == ["train"]


def test_end_of_a_phrase_means_what_it_means_where_the_kind_differs():
    assert ids("a cyberpunk city") == ["cyberpunk", "city"]
    assert ids("a toy car") == ["toy"]


def test_word_of_several_categories_means_all_of_them():
    assert sorted(ids("a boxer")) == ["dog", "people"]


def test_keyword_written_as_two_words_is_found():
    match = matches("water colors of the sea side, a water, color")[0]
    assert (match.start, match.end, match.forms) == (0, 2, ("watercolors",))
    assert ids("sea side") == ["beach"]
    assert ids("sea, side") == []
    assert ids("a loco motive") == ["train"]


def test_keyword_written_as_two_words_counts_before_its_first_word():
    assert ids("a wolf hound and a dog") == ["dog", "dog"]
    assert ids("a car toon") == ["car"]


def test_relatives_of_a_keyword_are_not_it():
    assert ids("animated animals") == ["animal"]


def test_verb_is_no_part_of_a_phrase_with_a_noun():
    assert ids("in the parking zone") == ["park"]
    assert matches("in the parking zone")[0].forms == ("parking",)


def test_misspelt_word_is_read_as_what_was_meant():
    (match,) = matches("a wolfhuond")
    assert (match.forms, match.is_typo) == (("wolfhound",), True)
    assert ids("goldn huor") == ["golden-hour"]


def test_name_is_no_misspelling():
    assert ids("a picture of Farmir today") == []
    assert ids("a picture of farmir today") == ["people"]
    assert ids("Farmir today and more") == ["people"]


def test_title_has_no_names():
    assert ids("A Farmir In The Ctiy") == ["people", "city"]


def test_form_of_a_keyword_says_so():
    (match,) = matches("two kittens")
    assert match.is_form_of(match.senses[0])
    (match,) = matches("one kitten")
    assert not match.is_form_of(match.senses[0])
