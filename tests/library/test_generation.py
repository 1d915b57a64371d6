"""What the library knows of a generation."""

from __future__ import annotations

import json
from dataclasses import replace

from comfy_gen.library.generation import Favorite
from tests.library.shelf import recipe
from tests.library.test_diff import ID, generation


def test_generation_is_json():
    liked = Favorite(favorite_id="fav_1", generation_id=ID, owner="ann", rating=5, tags=("best",))
    told = json.loads(json.dumps(generation(recipe=recipe("portrait"), favorite=liked).as_json()))
    assert (told["generation_id"], told["state"], told["seed"]) == (ID, "completed", 7)
    assert told["categories"] == told["recipe"]["categories"] == ["portrait"]
    assert (told["favorite"]["rating"], told["favorite"]["tags"]) == (5, ["best"])
    assert told["artifacts"][0]["filename"] == "test_0.png"


def test_generation_that_nobody_likes_says_so():
    assert generation().as_json()["favorite"] is None


def test_categories_are_those_of_the_recipe():
    assert generation(recipe=recipe("a", "b")).categories == ("a", "b")
    assert replace(generation(), recipe={}).categories == ()
