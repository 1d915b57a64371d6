import pytest

from comfy_gen.composition.categories.category import Condition, Keywords

HERE = {"family": "sdxl", "workflow": "sdxl", "categories": ("fox", "night")}


def test_keywords_are_told_with_the_surest_first():
    assert Keywords(("fox",), ("tail",), ("red fox",)).all == ("fox", "red fox", "tail")


def test_condition_that_says_nothing_holds_everywhere():
    assert Condition().holds(family="", workflow="", categories=())


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(families=("sd15", "sdxl")), True),
        (Condition(families=("sd15",)), False),
        (Condition(workflows=("sdxl",)), True),
        (Condition(workflows=("flux-dev",)), False),
        (Condition(categories=("day", "night")), True),
        (Condition(categories=("day",)), False),
        (Condition(without=("day",)), True),
        (Condition(without=("day", "fox")), False),
        (Condition(families=("sdxl",), categories=("day",)), False),
    ],
)
def test_condition_holds_where_each_of_its_parts_does(condition, holds):
    assert condition.holds(**HERE) is holds
