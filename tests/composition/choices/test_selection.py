import pytest

from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import ForbiddenContentError, NoCategoryError, PolicyTierError, UnknownTagError
from tests.composition.making import composed, made, reasons

FOX = made("fox", hints=("tail",))
HORROR = made("horror", Kind.STYLE, tier=Tier.MATURE, hints=("scary",))


def test_all_unknown_tags_are_told_with_the_nearest():
    with pytest.raises(UnknownTagError) as caught:
        composed("@fxo @nothing-like-it @fox", FOX, HORROR)
    assert list(caught.value.tags) == ["fxo", "nothing-like-it"]
    assert caught.value.tags["fxo"][0] == "fox"


def test_a_tag_above_the_tier_is_refused_with_what_is_needed():
    with pytest.raises(PolicyTierError) as caught:
        composed("@fox @horror", FOX, HORROR, may=Tier.MATURE)
    error = caught.value
    assert (error.needed, error.allowed, error.by, error.may) == ("mature", "general", ["@horror"], "mature")


def test_what_is_surely_meant_is_refused_as_a_tag_is():
    with pytest.raises(PolicyTierError) as caught:
        composed("@fox horror", FOX, HORROR, min_confidence=1.0)
    assert caught.value.by == ["horror (“horror”)"]


def test_what_may_be_meant_is_left_out():
    composition = composed("@fox, scary", FOX, HORROR, min_confidence=0.0)
    assert composition.categories == ("fox",)
    assert reasons(composition, "horror") == ["it needs the tier mature, and this request is general"]


def test_a_tier_that_allows_it_has_it():
    assert composed("@fox @horror", FOX, HORROR, tier=Tier.EXPLICIT).categories == ("fox", "horror")


def test_words_need_a_tier_as_categories_do():
    with pytest.raises(PolicyTierError) as caught:
        composed("@fox, gore", FOX)
    assert caught.value.by == ["gore"]
    assert composed("@fox, gore", FOX, tier=Tier.MATURE).recipe.tier is Tier.MATURE


def test_what_no_tier_allows_is_refused_in_every_tier():
    with pytest.raises(ForbiddenContentError):
        composed("@fox, nude child", FOX, tier=Tier.EXPLICIT)


def test_less_sure_than_asked_for_is_told_with_its_confidence():
    composition = composed("@fox scary", FOX, HORROR, tier=Tier.MATURE, min_confidence=0.99)
    assert composition.categories == ("fox",)
    assert reasons(composition, "horror")[0].endswith("sure, and less than 0.99 does not count")


def test_categories_that_were_thought_of_are_told_where_none_is_sure_enough():
    with pytest.raises(NoCategoryError) as caught:
        composed("a tail", FOX, min_confidence=0.99)
    assert caught.value.nearest == ["fox"]


def test_what_the_text_does_not_want_is_told():
    composition = composed("@fox, no horror", FOX, HORROR, tier=Tier.MATURE)
    assert composition.categories == ("fox",)
    assert reasons(composition, "horror") == ["the text says not to show it"]


def test_what_is_tagged_is_used_though_the_words_deny_it():
    assert composed("@fox, no fox", FOX).categories == ("fox",)


def test_what_is_likely_is_used():
    assert composed("a fox", FOX).categories == ("fox",)


@pytest.mark.parametrize("text", ["@fox no foxes", "no @fox @fox"])
def test_what_is_tagged_and_not_to_be_shown_is_shown_and_told(text):
    composition = composed(text, FOX)
    assert composition.categories == ("fox",)
    assert "fox" not in composition.recipe.negative_prompt
    (conflict,) = composition.conflicts
    assert (conflict.kept, conflict.dropped, conflict.about) == ("fox", "you", "category")


def test_more_than_the_tag_that_is_not_to_be_shown_is_no_contradiction():
    composition = composed("@fox, no red foxes", FOX)
    assert composition.conflicts == ()
    assert composition.recipe.negative_prompt == "red foxes"
