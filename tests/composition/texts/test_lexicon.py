from comfy_gen.composition.categories.category import Category, Keywords, Kind
from comfy_gen.composition.texts.lexicon import Lexicon
from tests.composition.small_lexicon import CATEGORIES, LEXICON


def test_words_and_phrases_lead_to_their_categories():
    (sense,) = LEXICON.senses["kitten",]
    assert (sense.id, sense.level, sense.keyword, sense.forms) == ("cat", "primary", "kitten", ("kitten",))
    assert LEXICON.senses["golden", "hour"][0].id == "golden-hour"


def test_phrase_is_also_known_as_one_word():
    assert LEXICON.senses["goldenhour",][0].level == "specific"


def test_phrase_that_ends_in_y_is_known_as_the_stemmer_has_it():
    sky = Category(
        id="sky", kind=Kind.SETTING, display_name="Sky", description="Sky.", keywords=Keywords(specific=("night sky",))
    )
    assert ("nightski",) in Lexicon.of([sky]).senses


def test_word_that_several_categories_have_has_a_sense_of_each():
    assert {sense.id for sense in LEXICON.senses["boxer",]} == {"dog", "people"}


def test_articles_are_no_part_of_a_phrase():
    assert ("in", "park") in LEXICON.senses


def test_reach_is_that_of_the_longest_phrase():
    assert LEXICON.reach["black"] == 3
    assert LEXICON.reach["cat"] == 1


def test_idioms_mean_nothing():
    assert LEXICON.senses["train", "of", "thought"] == ()


def test_keywords_of_nothing_but_marks_are_left_out():
    odd = Category(
        id="odd", kind=Kind.STYLE, display_name="O", description="O.", keywords=Keywords(primary=("!", "the"))
    )
    assert all(sense.id != "odd" for those in Lexicon.of([odd]).senses.values() for sense in those)


def test_lexicon_knows_all_kinds_and_words():
    assert LEXICON.kinds == {category.id: category.kind for category in CATEGORIES}
    assert {"golden", "hour", "maine"} <= LEXICON.forms
    assert "portrait" in LEXICON.stems
    assert LEXICON.spelling.correct("goldenhuor") == "goldenhour"
