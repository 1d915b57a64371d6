"""The names of the files of an archive."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import JobState
from comfy_gen.library.archive import entries_of
from comfy_gen.library.generation import Generation
from tests.contracts.job_stores import artifact

ID = JobId("6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10")
SAFE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(-[a-z0-9]+)*(\.[a-z0-9]{1,8})?")


def generation(*filenames, **facts):
    usual = {"title": "", "prompt": "", "created": 1_772_366_400.0, "generation_id": ID, "state": JobState.COMPLETED}
    plain = {"owner": "", "recipe": {}, "models": (), "seed": None}
    empty = ("recipe_id", "workflow", "workflow_digest", "negative_prompt", "tier", "engine", "comfyui_version")
    made = [artifact(ID, place, filename=name) for place, name in enumerate(filenames)]
    return Generation(**dict.fromkeys((*empty, "version"), "") | plain | usual | facts, artifacts=tuple(made))


def names(*generations):
    return [entry.name for entry in entries_of(generations)]


def test_name_says_when_what_and_which():
    assert names(generation("ComfyUI_00001_.png", title="The Keeper!", prompt="a lighthouse")) == [
        "2026-03-01-the-keeper-6f0c6f4e.png"
    ]


def test_prompt_stands_in_for_a_title():
    assert names(generation("x.PNG", prompt="café, 35 mm")) == ["2026-03-01-cafe-35-mm-6f0c6f4e.png"]


def test_words_that_no_system_can_be_trusted_with_are_left_out():
    assert names(generation("x.png", prompt="灯台")) == ["2026-03-01-6f0c6f4e.png"]


def test_long_prompt_is_cut_between_words():
    (name,) = names(generation("x.png", prompt="lighthouse " * 30))
    assert name == f"2026-03-01-{'-'.join(['lighthouse'] * 4)}-6f0c6f4e.png"


def test_files_of_one_generation_are_numbered():
    assert names(generation("a.png", "b.png", "c.txt")) == [
        "2026-03-01-6f0c6f4e.png",
        "2026-03-01-6f0c6f4e-2.png",
        "2026-03-01-6f0c6f4e.txt",
    ]


def test_generations_whose_ids_begin_alike_have_names_of_their_own():
    other = replace(generation("a.png"), generation_id=JobId("6f0c6f4e-0000-4a53-9a53-1d1f6c1b7a10"))
    assert names(generation("a.png"), other) == ["2026-03-01-6f0c6f4e.png", "2026-03-01-6f0c6f4e-2.png"]


def test_moment_that_a_zip_cannot_say_becomes_the_next_that_it_can():
    (early,), (late,) = (entries_of([generation("a.png", created=at)]) for at in (0.0, 5e9))
    assert (early.made.year, late.made.year) == (1980, 2107)


@given(st.lists(st.tuples(st.text(max_size=80), st.text(max_size=80), st.text(max_size=20)), max_size=8))
def test_names_are_safe_and_each_is_there_once_whatever_people_wrote(written):
    made = names(*(generation(file, "same.png", title=title, prompt=prompt) for title, prompt, file in written))
    assert len(set(made)) == len(made) == 2 * len(written)
    assert all(SAFE.fullmatch(name) and len(name) < 100 for name in made)
