import pytest

from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import NoCategoryError
from tests.composition.making import composed, made, reasons

SUBJECTS = made("cat", words=("cat",)), made("dog"), made("car")


def test_tags_come_first_in_the_order_of_the_text():
    snow, fox, studio = made("snow", Kind.MODIFIER), made("fox"), made("studio", Kind.SETTING)
    composition = composed("snow, @studio with a @fox", snow, fox, studio)
    assert composition.categories == ("studio", "fox", "snow")
    assert composition.recipe.categories == composition.categories


def test_a_tag_said_twice_is_used_once():
    assert composed("@cat and @cat", *SUBJECTS).categories == ("cat",)


def test_there_is_room_for_as_many_as_were_asked_for():
    kinds = [made(one, Kind.MODIFIER) for one in ("rain", "fog", "night", "snow")]
    composition = composed("@rain @fog @night @snow", *kinds, max_categories=2)
    assert composition.categories == ("rain", "fog")
    assert reasons(composition, "snow") == ["there is room for 2 categories"]
    assert reasons(composed("@rain @fog", *kinds, max_categories=1), "fog") == ["there is room for 1 category"]


def test_only_one_subject_is_inferred():
    composition = composed("a @cat and a dog", *SUBJECTS)
    assert composition.categories == ("cat",)
    assert "cat is the subject already" in reasons(composition, "dog")[0]


def test_two_tagged_subjects_stay_and_the_first_is_the_primary_one():
    composition = composed("@cat @dog", *SUBJECTS)
    assert composition.categories == ("cat", "dog")
    assert any(
        step.action == "primary_subject" and step.detail.startswith("cat is the primary subject")
        for step in composition.explanation.steps
    )


def test_subjects_that_go_together_are_inferred_together():
    two = made("cat", max_per_type=2), made("dog", max_per_type=2)
    assert set(composed("a cat and a dog", *two).categories) == {"cat", "dog"}


def test_limit_of_a_kind_counts_wherever_it_was_said():
    styles = made("anime", Kind.STYLE), made("comic", Kind.STYLE), made("ink", Kind.STYLE, max_per_type=2)
    composition = composed("@anime @ink comic", *styles)
    assert composition.categories == ("anime", "ink")
    assert "anime and ink are the style already" in reasons(composition, "comic")[0]


def test_of_two_that_conflict_the_one_with_the_higher_priority_is_kept():
    anime = made("anime", Kind.STYLE, priority=64)
    photo = made("photo", Kind.STYLE, priority=70, conflicts_with=("anime",))
    composition = composed("@anime @photo", anime, photo)
    assert composition.categories == ("photo",)
    (conflict,) = composition.conflicts
    assert (conflict.kept, conflict.dropped, conflict.about) == ("photo", "anime", "category")
    assert conflict.reason == "photo and anime cannot go together, and photo goes before anime"
    assert reasons(composition, "anime") == [conflict.reason]


def test_of_equals_the_one_named_first_is_kept():
    styles = made("anime", Kind.STYLE), made("photo", Kind.STYLE, conflicts_with=("anime",))
    composition = composed("@anime @photo", *styles)
    assert composition.categories == ("anime",)
    assert composition.conflicts[0].reason.endswith("the one named first is kept")


def test_a_tag_beats_what_is_only_inferred():
    styles = made("anime", Kind.STYLE, priority=1), made("photo", Kind.STYLE, priority=99, conflicts_with=("anime",))
    composition = composed("photo @anime", *styles)
    assert composition.categories == ("anime",)
    assert composition.conflicts[0].reason.endswith("anime was tagged, photo was not")


def test_nobody_gives_way_to_a_category_that_is_not_used():
    """The strongest drops the second, so that the third, which only the second excludes, stays."""
    first = made("a", Kind.STYLE, priority=90, conflicts_with=("b",))
    second = made("b", Kind.STYLE, priority=50, conflicts_with=("c",))
    third = made("c", Kind.STYLE, priority=10)
    assert composed("@c @b @a", first, second, third).categories == ("c", "a")


def test_whoever_gave_way_comes_in_again_when_the_winner_is_struck_off():
    """With room for two, only the loser's going lets in the one before which the winner gives way."""
    low = made("low", Kind.STYLE, priority=10)
    middle = made("middle", Kind.STYLE, priority=50, conflicts_with=("low", "high"))
    high = made("high", Kind.STYLE, priority=90)
    composition = composed("@low @middle @high", low, middle, high, max_categories=2)
    assert composition.categories == ("low", "high")
    assert [(one.kept, one.dropped) for one in composition.conflicts] == [("high", "middle")]


def test_what_is_required_comes_along_and_counts():
    fox, snow = made("fox", requires=("snow",)), made("snow", Kind.MODIFIER)
    night = made("night", Kind.MODIFIER)
    composition = composed("@fox @night", fox, snow, night, max_categories=2)
    assert composition.categories == ("fox", "snow")
    assert any(step.detail.endswith("fox requires it") for step in composition.explanation.steps)


def test_categories_may_require_each_other():
    pair = made("fox", requires=("snow",)), made("snow", Kind.MODIFIER, requires=("fox",))
    assert composed("@snow", *pair).categories == ("snow", "fox")


def test_a_requirement_that_cannot_be_met_is_reported():
    fox = made("fox", requires=("gone", "gore", "snow"))
    gore, snow = made("gore", Kind.STYLE, tier=Tier.MATURE), made("snow", Kind.MODIFIER)
    composition = composed("@fox, no snow", fox, gore, snow)
    assert composition.categories == ("fox",)
    assert reasons(composition, "gone") == ["fox requires it, but there is no such category"]
    assert reasons(composition, "gore") == [
        "fox requires it, but it needs the tier mature, and this request is general"
    ]
    assert "fox requires it, but the text says not to show it" in reasons(composition, "snow")
    crowded = composed("@fox", fox, snow, max_categories=1)
    assert reasons(crowded, "snow") == ["fox requires it, but there is room for 1 category"]


def test_what_a_tag_requires_beats_what_is_only_inferred():
    fox = made("fox", requires=("snow",))
    snow = made("snow", Kind.MODIFIER, priority=1, conflicts_with=("rain",))
    rain = made("rain", Kind.MODIFIER, priority=99)
    composition = composed("@fox in the rain", fox, snow, rain)
    assert composition.categories == ("fox", "snow")
    assert composition.conflicts[0].reason.endswith("snow is required by one that was, rain was not")


def test_a_tag_counts_as_such_also_where_another_category_requires_it():
    fox = made("fox", requires=("snow",))
    snow, rain = made("snow", Kind.MODIFIER, priority=50), made("rain", Kind.MODIFIER, priority=9)
    clash = composed("@fox @rain @snow", fox, snow, rain, made("x", Kind.STYLE, conflicts_with=("snow",)))
    assert clash.categories == ("fox", "snow", "rain")
    rain = made("rain", Kind.MODIFIER, priority=9, conflicts_with=("snow",))
    assert composed("@fox @snow @rain", fox, snow, rain).categories == ("fox", "snow")


def test_of_the_equally_likely_the_one_that_is_enhanced_goes_first():
    fox = made("fox", enhances=("rain",))
    modifiers = made("fog", Kind.MODIFIER, priority=90), made("rain", Kind.MODIFIER, priority=10)
    assert composed("@fox fog rain", fox, *modifiers, max_categories=2).categories == ("fox", "rain")
    assert composed("@fox fog rain", made("fox"), *modifiers, max_categories=2).categories == ("fox", "fog")


def test_what_is_not_to_be_shown_is_not_used():
    composition = composed("@cat, no dogs", *SUBJECTS)
    assert composition.categories == ("cat",)
    assert reasons(composition, "dog") == ["the text says not to show it"]


def test_a_text_that_means_no_category_is_refused():
    with pytest.raises(NoCategoryError, match="no category matches 'something else'"):
        composed("something else", *SUBJECTS)


def test_what_came_along_is_not_taken_again():
    fox, snow = made("fox", requires=("snow",)), made("snow", Kind.MODIFIER)
    assert composed("@fox in the snow", fox, snow).categories == ("fox", "snow")


def test_subject_is_not_left_out_for_its_light_and_lens():
    light, lens = made("storm", Kind.MODIFIER, priority=90), made("wide", Kind.MODIFIER, priority=80)
    style, castle = made("cinematic", Kind.STYLE, priority=99), made("castle", priority=1)
    composition = composed("wide shot of a castle in a storm, cinematic", light, lens, style, castle)
    assert composition.categories == ("castle", "cinematic", "storm")
    assert reasons(composition, "wide") == ["there is room for 3 categories"]


def test_of_equally_likely_subjects_the_one_that_the_text_has_first_is_the_primary_one():
    three = [made(one, max_per_type=3) for one in ("bee", "cat", "dog")]
    composition = composed("a dog, a cat and a bee", *three)
    details = [step.detail for step in composition.explanation.steps if step.action == "primary_subject"]
    assert details == ["dog is the primary subject; cat and bee are shown beside it"]


def test_of_equals_that_nobody_tagged_the_likelier_one_is_kept():
    styles = made("anime", Kind.STYLE), made("photo", Kind.STYLE, conflicts_with=("anime",))
    composition = composed("a photo of anime, anime", *styles)
    assert composition.conflicts[0].reason == "anime and photo cannot go together, and the likelier one is kept"
