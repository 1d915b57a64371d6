"""``comfygen library``: what people see of what was made."""

from __future__ import annotations

import asyncio

import pytest

from comfy_gen.cli.completion import generations
from comfy_gen.composition.recipe import Recipe
from comfy_gen.library.recipes import Recipes
from tests.cli.shelves import shelf
from tests.contracts.job_stores import open_desk
from tests.library.shelf import graph, recipe

__all__ = ["shelf"]


def test_list_has_newest_first(comfygen, shelf):
    shelf("a red fox", recipe=recipe("portrait"))
    shelf("a\nblue car", model="flux/Schnell.safetensors", now=1_700_000_100.0)
    said = comfygen("library", "list")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].startswith("id")
    assert "a blue car" in lines[1]
    assert "Schnell" in lines[1]
    assert "a red fox" in lines[2]
    assert "portrait" in lines[2]


def test_list_fits_a_narrow_terminal(comfygen, shelf, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    shelf("a very long prompt " * 20, recipe=recipe("portrait", "night", "rain"))
    assert all(len(line) <= 60 for line in comfygen("library", "list").out.splitlines())


def test_every_condition_reaches_the_library(comfygen, shelf):
    fox = shelf("a red fox", recipe=recipe("portrait"), owner="ann")
    shelf("a car", now=1_600_000_000.0)
    comfygen("favorites", "add", fox, "--rating", "4", "--tag", "best")
    for said in (
        ("--text", "fox"),
        ("--category", "@portrait"),
        ("--owner", "ann"),
        ("--favorites",),
        ("--min-rating", "4"),
        ("--tag", "best"),
        ("--since", "2023-01-01"),
        ("--recipe", comfygen("library", "show", fox, "--json").json["recipe_id"]),
        ("--model", "dream", "--text", "fox"),
    ):
        listed = comfygen("library", "list", *said, "--json").json
        assert ([one["generation_id"] for one in listed["generations"]], listed["total"]) == ([fox], 1), said
    assert comfygen("library", "list", "--until", "2021-01-01", "--json").json["total"] == 1
    assert comfygen("library", "list", "--since", "1h", "--json").json["total"] == 0


def judged(**facts):
    """Return what a worker says of pictures that it judged."""
    return {"quality": {"passed": None, "score": None, "reason": "", "take": 1, "takes": 1, **facts}}


def test_list_finds_by_score_and_by_what_passed(comfygen, shelf):
    good = shelf("a red fox", **judged(passed=True, score=0.3125))
    bad = shelf("a car", **judged(passed=False, score=0.2))
    shelf("a boat")
    for said, ids in (
        (("--min-score", "0.3"), [good]),
        (("--passed",), [good]),
        (("--not-passed",), [bad]),
        (("--not-passed", "--min-score", "0.3"), []),
    ):
        listed = comfygen("library", "list", *said, "--json").json["generations"]
        assert [one["generation_id"] for one in listed] == ids, said
    assert comfygen("library", "list", "--min-score", "2").code == 2


def test_scores_are_listed_where_there_are_any(comfygen, shelf):
    shelf("a boat")
    assert "score" not in comfygen("library", "list").out
    for prompt, facts in {
        "a fox": judged(passed=True, score=0.3125),
        "a car": judged(passed=False),
        "a cat": judged(passed=False, score=0.2),
        "a hut": judged(passed=True),
    }.items():
        shelf(prompt, **facts)
    lines = comfygen("library", "list").out.splitlines()
    assert "score" in lines[0]
    shown = {name: line for line in lines for name in ("fox", "car", "cat", "hut", "boat") if f"a {name}" in line}
    assert "0.31 " in shown["fox"]
    assert "✗" not in shown["fox"]
    assert "✗" in shown["car"]
    assert "0.20 ✗" in shown["cat"]
    assert "✓" in shown["hut"]
    assert not {"✓", "✗"} & set(shown["boat"])


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (judged(passed=True, score=0.3125), "passed · score 0.312"),
        (judged(passed=False, score=0.2, takes=3, take=1), "did not pass · score 0.200 · take 1 of 3"),
        (judged(passed=False), "did not pass"),
    ],
)
def test_show_tells_what_was_found_of_its_pictures(comfygen, shelf, facts, line):
    assert line in comfygen("library", "show", shelf(**facts)).out


def test_show_of_what_nobody_judged_says_nothing_of_it(comfygen, shelf):
    assert "quality" not in comfygen("library", "show", shelf()).out


def test_list_says_that_there_is_more(comfygen, shelf):
    for _ in range(3):
        shelf()
    said = comfygen("library", "list", "--limit", "2")
    assert "of 3" in said.err
    assert len(said.out.splitlines()) == 3


def test_list_of_nothing_says_so(comfygen, shelf):
    said = comfygen("library", "list")
    assert (said.code, said.out) == (0, "")
    assert "no such generation" in said.err


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_moment_that_is_none_is_refused(comfygen, shelf, option):
    said = comfygen("library", "list", option, "yesterday")
    assert said.code == 2
    assert "such as 2026-01-31" in said.err


def test_show_tells_how_it_was_made(comfygen, shelf):
    facts = {"engine": "gpu-1", "comfyui_version": "0.3.75", "verdicts": [{"check": "safety", "passed": True}]}
    fox = shelf(recipe=recipe("portrait", steps=12, width=64, height=96), title="Fox", owner="ann", **facts)
    comfygen("favorites", "add", fox, "--feedback", "Perfect")
    out = comfygen("library", "show", fox[:8]).out
    for part in (fox, "Fox", "a red fox", "ugly", "portrait", "64x96", "steps 12", "dream.safetensors", "gpu-1"):
        assert part in out
    for part in ("0.3.75", "ann", "sha256:", "generate 1.5 s", "test_0.png", "safety", "★★★★★", "Perfect"):
        assert part in out


def test_show_tells_what_each_check_found_in_words(comfygen, shelf):
    verdicts = [
        {"check": "safety", "passed": True, "score": 0.0023, "reason": ""},
        {"check": "quality", "passed": True, "score": 0.3125, "reason": "", "findings": [{"check": "black"}]},
        {"check": "quality", "passed": False, "score": None, "reason": "it is almost black"},
        {"check": "quality", "passed": None, "score": None, "reason": "no weights"},
    ]
    lines = comfygen("library", "show", shelf(verdicts=verdicts)).out.splitlines()
    assert [line.split("check")[1].strip() for line in lines if "  check " in line] == [
        "safety: passed",
        "quality: passed, with a similarity to the prompt of 0.312",
        "quality: it is almost black",
        "quality: could not be judged: no weights",
    ]


def test_show_as_json_has_everything(comfygen, shelf, tmp_path):
    fox = shelf()
    shown = comfygen("library", "show", fox, "--json").json
    assert (shown["generation_id"], shown["seed"], shown["favorite"], shown["state"]) == (fox, 7, None, "completed")
    assert shown["artifacts"][0]["path"].startswith(str(tmp_path))
    assert shown["models"] == [{"folder": "checkpoints", "file": "dream.safetensors", "sha256": None}]


def test_show_workflow_prints_what_ran(comfygen, shelf):
    assert comfygen("library", "show", shelf(), "--workflow").json == graph()


def test_rerun_queues_the_same(comfygen, shelf):
    fox = shelf(owner="ann", title="Fox", recipe=recipe("portrait"))
    (job,) = comfygen("library", "rerun", fox[:8], "--json").json["jobs"]
    assert (job["state"], job["title"], job["owner"]) == ("queued", "Fox", "ann")
    asked = comfygen("jobs", "show", job["job_id"], "--request", "--json").json["request"]
    assert asked["workflow"] == graph()
    assert comfygen("library", "rerun", fox).out.startswith("Accepted")


def test_diff_of_a_repetition_is_nothing(comfygen, shelf):
    said = comfygen("library", "diff", shelf(timings={"generate": 1.0}), shelf(timings={"generate": 2.0}))
    assert said.code == 0
    assert "timings.generate" in said.out


def test_diff_says_what_is_not_the_same(comfygen, shelf):
    said = comfygen("library", "diff", shelf(seed=7), shelf("a car", seed=8))
    assert said.code == 1
    lines = {line.split()[0]: line for line in said.out.splitlines()}
    assert "a red fox" in lines["prompt"]
    assert "a car" in lines["prompt"]
    assert "nodes.40.seed" in lines


def test_diff_as_json(comfygen, shelf):
    told = comfygen("library", "diff", shelf(seed=7), shelf(seed=8), "--json").json
    assert {"field": "seed", "before": 7, "after": 8} in told["differences"]
    assert told["is_same_outcome"] is True


@pytest.mark.parametrize("command", [("show", "nothing"), ("rerun", "nothing"), ("diff", "nothing", "nothing")])
def test_what_is_not_there_is_told(comfygen, shelf, command):
    said = comfygen("library", *command, "--json")
    assert said.json["error"]["code"] == "generation_not_found"
    assert said.code == 1


def test_tab_offers_generations(comfygen, shelf):
    fox = shelf()
    assert generations(fox[:4]) == [(fox[:8], "a red fox")]


def test_recipes_that_were_never_run_are_forgotten(comfygen, shelf, tmp_path):
    kept = comfygen("library", "show", shelf(recipe=recipe("portrait")), "--json").json["recipe_id"]

    async def keep():
        async with open_desk(f"sqlite:///{tmp_path}/data/comfygen.db") as desk:
            await Recipes(desk.store.transactions).keep(Recipe(input="a car"), now=1.0)

    asyncio.run(keep())
    assert "1 recipe is forgotten" in comfygen("library", "prune").out
    assert comfygen("library", "prune", "--older-than", "1s", "--json").json == {"deleted": 0}
    assert comfygen("library", "list", "--recipe", kept, "--json").json["total"] == 1
    assert comfygen("library", "prune", "--older-than", "soon").code == 2
