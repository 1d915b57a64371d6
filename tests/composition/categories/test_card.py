import json

from comfy_gen.composition.categories.card import card_of, summary_of
from comfy_gen.composition.categories.registry import shipped
from tests.composition.builders import category


def test_summary_has_the_documented_fields():
    assert summary_of(category(words=("fox", "vixen"))) == {
        "id": "fox",
        "type": "subject",
        "display_name": "Fox",
        "description": "About fox.",
        "icon": "category",
        "keywords": ["fox", "vixen"],
        "policy_tier": "general",
    }


def test_card_of_a_small_category_says_what_it_leaves_out():
    card = card_of(category())
    assert card["settings"] == dict.fromkeys(("steps", "cfg", "size", "sampler", "scheduler", "denoise"))
    assert card["prompts"]["positive_fragments"] == {"required": [], "optional": []}
    assert card["composition"]["max_per_type"] is None


def test_card_of_every_category_that_ships_is_json():
    for one in shipped().all:
        card = card_of(one)
        assert json.loads(json.dumps(card)) == card


def test_steps_are_whole_and_guidance_is_not():
    settings = card_of(shipped().get("portrait"))["settings"]
    assert isinstance(settings["steps"]["default"], int)
    assert isinstance(settings["cfg"]["default"], float)
