from dataclasses import replace

from comfy_gen.composition.categories.category import Condition, Kind, Loras, LoraUse, WorkflowWishes
from comfy_gen.composition.categories.relations import problems_between
from comfy_gen.composition.tier import Tier
from tests.composition.builders import category

FOX = category(source="own/fox.yaml")
NIGHT = category("night", Kind.MODIFIER)


def test_categories_that_go_together_have_no_problem():
    fox = category(requires=("night",), enhances=("night",), conflicts_with=("dog",))
    assert problems_between([fox, NIGHT, category("dog", requires=("night",))]) == []


def test_two_may_require_each_other():
    assert problems_between([category("a", requires=("b",)), category("b", requires=("a",))]) == []


def test_unknown_id_is_told_with_line_and_nearest():
    fox = category(source="own/fox.yaml", conflicts_with=("nihgt",))
    places = {"fox": {("composition.conflicts_with", "nihgt"): 7}}
    said = "composition.conflicts_with has 'nihgt', and there is no such category; the nearest is night"
    assert problems_between([fox, NIGHT], places) == [f"own/fox.yaml, line 7: {said}"]


def test_each_place_for_ids_and_workflows_is_looked_at():
    use = LoraUse("a", when=Condition(workflows=("w1",), categories=("c1",), without=("c2",)))
    fox = replace(
        category(requires=("c3",), enhances=("c4",)),
        loras=Loras(recommended=(use,)),
        workflows=WorkflowWishes(preferred=("w2",), excluded=("w3",)),
    )
    said = problems_between([fox], workflows=["sdxl"])
    assert [f"{kind}{number}" for kind in "cw" for number in (1, 2, 3, 4) if f"'{kind}{number}'" in str(said)] == [
        *("c1", "c2", "c3", "c4"),
        *("w1", "w2", "w3"),
    ]
    assert all(one.startswith("the category fox that ships: ") for one in said)


def test_workflows_do_not_matter_where_they_are_not_known():
    assert problems_between([replace(FOX, workflows=WorkflowWishes(("mine",)))]) == []


def test_what_is_required_must_not_conflict():
    said = "own/fox.yaml: it requires night, and the two conflict"
    requiring = category(source="own/fox.yaml", requires=("night",))
    assert problems_between([requiring, category("night", conflicts_with=("fox",))]) == [said]
    both = category(source="own/fox.yaml", requires=("night",), conflicts_with=("night",))
    assert problems_between([both, NIGHT]) == [said]


def test_what_is_required_must_not_need_more_than_oneself():
    fox, gore = category(requires=("gore",)), category("gore", tier=Tier.MATURE)
    (said,) = problems_between([fox, gore])
    assert said.endswith("it requires gore, whose tier is mature, and its own is general")
    assert problems_between([replace(fox, tier=Tier.EXPLICIT), gore]) == []


def test_primary_word_of_two_is_told_of_the_file_that_one_may_edit():
    ships = category("wolf", words=("fox",))
    (said,) = problems_between([FOX, ships])
    assert said.startswith("own/fox.yaml: the primary keyword 'fox' is one of wolf too")
