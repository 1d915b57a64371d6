from comfy_gen.composition.texts.inference import by_category, hints_of, infer
from comfy_gen.composition.texts.matching import matches_of
from comfy_gen.composition.texts.words import words_of
from tests.composition.small_lexicon import LEXICON


def test_hints_are_one_for_each_meaning():
    words = words_of("a boxer")
    hints = list(hints_of(words, matches_of(words, LEXICON), LEXICON))
    assert sorted((hint.sense.id, hint.clue.rivals) for hint in hints) == [("dog", 1), ("people", 1)]


def test_hints_are_gathered_by_category():
    words = words_of("a cat, a dog, a kitten")
    hints = list(hints_of(words, matches_of(words, LEXICON), LEXICON))
    assert {name: len(those) for name, those in by_category(hints).items()} == {"cat": 2, "dog": 1}


def test_categories_are_inferred_with_their_words():
    text = "a cat and two dogs"
    words = words_of(text)
    found = infer(hints_of(words, matches_of(words, LEXICON), LEXICON), words, text)
    assert [(each.id, each.evidence[0].words) for each in found] == [("cat", "cat"), ("dog", "dogs")]


def test_nothing_is_inferred_of_nothing():
    assert infer([], (), "") == ()
