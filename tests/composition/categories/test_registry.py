import logging

import pytest

from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.categories.registry import Categories, Registry, shipped
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import CategoryNotFoundError
from tests.composition.builders import category, write

SMALL = Registry.of(
    [
        category("night", Kind.MODIFIER, words=("night", "nocturnal")),
        category("wolf", tier=Tier.MATURE),
        category("fox", words=("fox", "vixen")),
        category("city", Kind.SETTING),
    ]
)


class Clock:
    def __init__(self):
        self.time = 100.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


def ids(found):
    return [one.id for one in found]


def test_categories_are_in_the_order_of_kind_and_id():
    assert ids(SMALL.all) == ["fox", "wolf", "city", "night"]
    assert len(SMALL) == 4
    assert "fox" in SMALL
    assert "dog" not in SMALL


def test_of_several_of_one_id_the_last_counts():
    assert Registry.of([category(), category(words=("vixen",))]).get("fox").keywords.primary == ("vixen",)


@pytest.mark.parametrize("said", ["golden-hour", "Golden-Hour", "golden_hour", " golden-hour "])
def test_category_is_got_however_its_id_is_written(said):
    assert shipped().get(said).id == "golden-hour"


def test_unknown_id_names_the_nearest():
    with pytest.raises(CategoryNotFoundError) as caught:
        SMALL.get("nihgt")
    assert (caught.value.category_id, caught.value.nearest[0]) == ("nihgt", "night")
    with pytest.raises(CategoryNotFoundError):
        Registry.of([]).get("fox")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["fox", "wolf", "city", "night"]),
        ({"kind": Kind.SUBJECT}, ["fox", "wolf"]),
        ({"tier": Tier.GENERAL}, ["fox", "city", "night"]),
        ({"tier": Tier.EXPLICIT}, ["fox", "wolf", "city", "night"]),
        ({"kind": Kind.SUBJECT, "tier": Tier.GENERAL, "text": "x"}, ["fox"]),
        ({"text": "Vixen"}, ["fox"]),
        ({"text": "about NOCT"}, ["night"]),
        ({"text": "fox night"}, []),
    ],
)
def test_categories_are_found(wanted, found):
    assert ids(SMALL.find(**wanted)) == found


def test_version_is_of_what_categories_say():
    assert Registry.of([category(), category("dog")]).version == Registry.of([category("dog"), category()]).version
    assert Registry.of([category(source="own/fox.yaml")]).version == Registry.of([category()]).version
    assert Registry.of([category(priority=3)]).version != Registry.of([category()]).version
    assert len(SMALL.version) == 64


def test_lexicon_is_made_once():
    assert SMALL.lexicon is SMALL.lexicon


def test_word_of_an_own_category_only_hints_at_one_that_ships(tmp_path, clock):
    write(tmp_path, "fox")
    categories = Categories(tmp_path, now=clock)
    claims = [one.id for one in categories.current().all if "fox" in one.keywords.primary]
    assert (claims, categories.problems) == (["fox"], ())


def test_without_a_folder_there_is_what_ships(clock):
    categories = Categories(now=clock)
    assert categories.current() is shipped()
    clock.time += 60
    assert categories.current() is shipped()
    assert {one.source for one in shipped().all} == {""}


def test_own_category_is_there_beside_those_that_ship(tmp_path, clock):
    path = write(tmp_path, "arctic-fox")
    categories = Categories(tmp_path, now=clock)
    registry = categories.current()
    assert registry.get("arctic-fox").source == str(path)
    assert len(registry) == len(shipped()) + 1
    assert categories.problems == ()


def test_own_category_takes_the_place_of_one_that_ships(tmp_path, clock):
    write(tmp_path, "portrait")
    registry = Categories(tmp_path, now=clock).current()
    assert registry.get("portrait").display_name == "A name"
    assert len(registry) == len(shipped())


def test_empty_folder_leaves_what_ships(tmp_path, clock):
    assert Categories(tmp_path, now=clock).current() is shipped()


def test_folder_is_looked_at_once_a_second(tmp_path, clock):
    write(tmp_path, "arctic-fox")
    categories = Categories(tmp_path, now=clock)
    first = categories.current()
    write(tmp_path, "red-fox")
    clock.time += 0.9
    assert categories.current() is first
    clock.time += 0.1
    second = categories.current()
    assert "red-fox" in second
    assert "red-fox" not in first
    clock.time += 1
    assert categories.current() is second


def test_removed_file_gives_way_to_the_one_that_ships(tmp_path, clock):
    path = write(tmp_path, "portrait")
    categories = Categories(tmp_path, now=clock)
    assert categories.current().get("portrait").source
    path.unlink()
    clock.time += 1
    assert categories.current().get("portrait") == shipped().get("portrait")


def test_problem_is_logged_once_and_gone_when_mended(tmp_path, clock, caplog):
    write(tmp_path, "arctic-fox", "colour: red\n")
    categories = Categories(tmp_path, now=clock)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert "arctic-fox" not in categories.current()
            write(tmp_path, f"fox-{clock.time:.0f}", seconds=int(clock.time))
            clock.time += 1
    assert len(categories.problems) == 1
    assert [record.getMessage() for record in caplog.records] == [
        "1 problem in your categories: comfygen categories validate",
    ]
    write(tmp_path, "arctic-fox", seconds=9)
    clock.time += 1
    assert "arctic-fox" in categories.current()
    assert categories.problems == ()


def test_log_has_one_warning_for_all_problems_and_each_for_who_looks_closely(tmp_path, caplog):
    write(tmp_path, "arctic-fox", "colour: red\n")
    write(tmp_path, "red-fox", "colour: red\n")
    with caplog.at_level(logging.INFO, logger="comfy_gen"):
        Categories(tmp_path, tells=False).current()
        assert caplog.records == []
        categories = Categories(tmp_path)
        categories.current()
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert said == [
        ("WARNING", "2 problems in your categories: comfygen categories validate"),
        *(("INFO", f"category file: {problem}") for problem in categories.problems),
    ]


def test_problems_between_files_are_told_with_their_lines(tmp_path, clock):
    path = write(tmp_path, "arctic-fox", "composition:\n  requires: [snwo]\nworkflows: {preferred: [sdlx]}\n")
    categories = Categories(tmp_path, now=clock)
    assert "arctic-fox" in categories.current()
    assert [problem.partition(": ")[0] for problem in categories.problems] == [f"{path}, line 7", f"{path}, line 8"]
    assert "the nearest is snow" in categories.problems[0]
    assert "the nearest is sdxl" in categories.problems[1]


def test_folder_that_is_not_there_leaves_what_ships(tmp_path, clock):
    categories = Categories(tmp_path / "gone", now=clock)
    assert categories.current() is shipped()
    assert "No such file or directory" in categories.problems[0]
    write(tmp_path, "fox")
    (tmp_path / "gone").symlink_to(tmp_path)
    clock.time += 1
    assert "fox" in categories.current()
    assert categories.problems == ()
