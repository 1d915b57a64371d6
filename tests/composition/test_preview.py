from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.categories.registry import Registry
from comfy_gen.composition.compose import Ask
from comfy_gen.composition.preview import preview
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
