from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.categories.registry import Registry
from comfy_gen.composition.compose import Ask
from comfy_gen.composition.preview import preview
from comfy_gen.composition.texts.variants import expand
from comfy_gen.composition.tier import Tier
from tests.composition.making import made

REGISTRY = Registry.of(
    [
        made("portrait"),
        made("city", Kind.SETTING, hints=("tower",)),
        made("sunset", Kind.MODIFIER, conflicts_with=("night",)),
        made("night", Kind.MODIFIER, priority=1),
        made("horror", Kind.STYLE, tier=Tier.MATURE),
    ]
)


def seen(text, **asked):
    return preview(Ask(input=text, **asked), REGISTRY).as_json()


def test_preview_has_the_documented_fields():
    told = seen("@portrait in city at sunset")
    assert told["tags_found"] == ["portrait"]
    assert [(one["id"], one["type"]) for one in told["categories_inferred"]] == [
        ("city", "setting"),
        ("sunset", "modifier"),
    ]
    assert all(0 < one["confidence"] <= 1 for one in told["categories_inferred"])
    assert (told["conflicts"], told["policy_violations"]) == ([], [])


def test_categories_that_cannot_go_together_are_told():
    (conflict,) = seen("@sunset @night")["conflicts"]
    assert (conflict["kept"], conflict["dropped"]) == ("sunset", "night")


def test_what_the_tier_does_not_allow_is_told_and_not_refused():
    assert seen("@horror, gore")["policy_violations"] == [
        {"id": "horror", "kind": "category", "needs": "mature"},
        {"id": "gore", "kind": "word", "needs": "mature"},
    ]
    assert seen("@horror, gore", tier=Tier.MATURE)["policy_violations"] == []


def test_a_text_that_is_not_finished_is_no_error():
    told = seen("@por, no city")
    assert told["unknown_tags"] == {"por": ["portrait", *told["unknown_tags"]["por"][1:]]}
    assert told["negated"] == ["city"]
    assert seen("")["categories_inferred"] == []


def test_what_is_less_sure_than_asked_for_is_not_told():
    assert [one["id"] for one in seen("a tower", min_confidence=0.0)["categories_inferred"]] == ["city"]
    assert seen("a tower", min_confidence=0.99)["categories_inferred"] == []


def test_categories_are_told_in_the_order_of_use_with_where_they_were_found():
    text = "@portrait in the city at sunset, a tower"
    told = seen(text)["categories"]
    found = [(one["id"], one["source"], [text[start:end] for start, end in one["spans"]]) for one in told]
    assert found == [
        ("portrait", "tag", ["@portrait"]),
        ("city", "inferred", ["city", "tower"]),
        ("sunset", "inferred", ["sunset"]),
    ]


def test_category_that_another_requires_is_found_nowhere():
    registry = Registry.of([made("castle", requires=("stone",)), made("stone", Kind.MODIFIER)])
    told = preview(Ask(input="@castle"), registry).as_json()["categories"]
    assert [(one["id"], one["source"], one["spans"]) for one in told] == [
        ("castle", "tag", [[0, 7]]),
        ("stone", "required", []),
    ]
    told = preview(Ask(input="@castle of stone"), registry).as_json()["categories"]
    assert [(one["id"], one["spans"]) for one in told] == [("castle", [[0, 7]]), ("stone", [[11, 16]])]


def test_category_that_is_not_wanted_is_not_used():
    assert [one["id"] for one in seen("@portrait, city", without=("city",))["categories"]] == ["portrait"]
    assert seen("@portrait, city", without=("portrait", "City", "nothing"))["categories"] == []


def test_choice_is_where_a_category_was_found():
    text = "a {city|city} at {sunset|sunset}"
    told = preview(Ask(input=text), REGISTRY, text=expand(text, 1, {})).as_json()["categories"]
    assert [[text[start:end] for start, end in one["spans"]] for one in told] == [["{city|city}"], ["{sunset|sunset}"]]
