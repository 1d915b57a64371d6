from comfy_gen.composition.categories.precedence import together
from tests.composition.builders import category

WILDLIFE = category("wildlife", words=("wildlife", "fox"))


def test_own_category_takes_the_place_of_a_known_one():
    own = category("wildlife", source="own/wildlife.yaml")
    assert together([WILDLIFE, category()], [own]) == (category(), own)


def test_word_of_ones_own_only_hints_at_one_that_ships():
    own = category(source="own/fox.yaml")
    yielding, kept = together([WILDLIFE], [own])
    assert (yielding.keywords.primary, yielding.keywords.secondary) == (("wildlife",), ("fox",))
    assert kept is own


def test_two_of_ones_own_do_not_yield():
    other = category("wildlife", words=("fox",), source="own/wildlife.yaml")
    assert together([other], [category(source="own/fox.yaml")])[0] is other


def test_nothing_of_ones_own_changes_nothing():
    assert together([WILDLIFE], [])[0] is WILDLIFE
