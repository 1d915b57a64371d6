"""``comfygen favorites``: what people see of what they like."""

from __future__ import annotations

import pytest

from comfy_gen.cli.completion import favorites as offered
from tests.cli.shelves import shelf
from tests.library.shelf import recipe

__all__ = ["shelf"]


@pytest.fixture
def favorites(comfygen, shelf):
    """The command."""
    return lambda *arguments: comfygen("favorites", *arguments)


def test_generation_is_made_a_favorite(favorites, shelf):
    fox = shelf(recipe=recipe("portrait"))
    said = ("--rating", "4", "--feedback", "Perfect", "--tag", "best", "--tag", "portfolio", "--json")
    made = favorites("add", fox[:8], *said).json
    assert (made["generation_id"], made["rating"], made["feedback"]) == (fox, 4, "Perfect")
    assert (made["tags"], made["categories"]) == (["best", "portfolio"], ["portrait"])
    again = favorites("add", fox)
    assert made["favorite_id"] in again.out
    assert favorites("list", "--json").json["total"] == 1


def test_list_shows_what_was_said(favorites, shelf):
    favorites("add", shelf(recipe=recipe("portrait")), "-r", "3", "-f", "Fine\nlight", "--tag", "best")
    out = favorites("list").out
    for part in ("fav_", "★★★", "portrait", "best", "Fine light"):
        assert part in out


def test_list_has_those_that_fit(favorites, shelf):
    one = favorites("add", shelf(recipe=recipe("portrait")), "-r", "3", "--tag", "a", "--json").json["favorite_id"]
    two = favorites("add", shelf(recipe=recipe("car"), owner="ann"), "--tag", "b", "--json").json["favorite_id"]
    for said, found in {
        (): [two, one],
        ("--min-rating", "4"): [two],
        ("--category", "@portrait", "--category", "food"): [one],
        ("--tag", "a", "--tag", "b"): [two, one],
        ("--owner", "ann"): [two],
        ("--limit", "1"): [two],
        ("--offset", "1"): [one],
    }.items():
        assert [item["favorite_id"] for item in favorites("list", *said, "--json").json["favorites"]] == found, said
    assert "1 of 2" in favorites("list", "--limit", "1").err


def test_list_of_nothing_says_how_to_make_one(favorites):
    said = favorites("list")
    assert (said.code, said.out) == (0, "")
    assert "comfygen favorites add" in said.err


def test_show_has_the_generation(favorites, shelf):
    made = favorites("add", shelf(), "--json").json
    assert "a red fox" in favorites("show", made["favorite_id"]).out
    shown = favorites("show", made["favorite_id"], "--json").json
    assert (shown["rating"], shown["generation"]["prompt"]) == (5, "a red fox")


def test_rating_is_changed(favorites, shelf):
    made = favorites("add", shelf(), "--feedback", "good", "--json").json
    rated = favorites("rate", made["favorite_id"], "2", "--json").json
    assert (rated["rating"], rated["feedback"]) == (2, "good")
    assert "rating of 3" in favorites("rate", made["favorite_id"], "3", "--feedback", "").out


def test_removed_favorite_is_gone(favorites, shelf):
    made = favorites("add", shelf(), "--json").json
    assert "no favorite any more" in favorites("remove", made["favorite_id"]).out
    assert favorites("remove", made["favorite_id"], "--json").json["error"]["code"] == "favorite_not_found"


def test_job_of_a_favorite_is_not_deleted(favorites, comfygen, shelf):
    kept, other = shelf(), shelf()
    favorites("add", kept)
    refused = comfygen("jobs", "delete", kept)
    assert refused.code == 1
    assert "favorite_kept" in refused.err
    said = comfygen("jobs", "delete", "--all", "--yes", "--json").json
    assert ([job["job_id"] for job in said["jobs"]], said["favorites"]) == ([other], [kept])
    assert "1 favorite is left alone" in comfygen("jobs", "delete", "--all", "--yes").out


def test_named_favorite_among_others_is_left_alone(favorites, comfygen, shelf):
    kept, other = shelf(), shelf()
    favorites("add", kept)
    said = comfygen("jobs", "delete", kept, other)
    assert said.code == 1
    assert "1 job deleted" in said.out
    assert "1 favorite is left alone" in said.out


def test_tab_offers_favorites(favorites, shelf):
    made = favorites("add", shelf(), "--feedback", "good", "--json").json
    assert offered("fav") == [(made["favorite_id"], "good")]


def test_recipe_is_made_for_other_categories(favorites, shelf):
    portrait = recipe("portrait", positive_prompt="a fox, detailed face", steps=30)
    made = favorites("add", shelf(recipe=portrait), "--json").json
    told = favorites("extract-recipe", made["favorite_id"], "@car", "--json").json
    assert told["source_favorite"] == made["favorite_id"]
    assert "car" in told["recipe"]["categories"]
    assert "portrait" not in told["recipe"]["categories"]
    assert told["recipe_id"].startswith("sha256:")
    assert told["adaptations"]
    out = favorites("extract-recipe", made["favorite_id"], "car", "--new-loras", "--new-settings").out
    assert "recipe sha256:" in out
    assert "· " in out


def test_category_that_there_is_not_is_told(favorites, shelf):
    made = favorites("add", shelf(recipe=recipe("portrait")), "--json").json
    told = favorites("extract-recipe", made["favorite_id"], "carr", "--json")
    assert told.json["error"]["code"] == "category_not_found"
