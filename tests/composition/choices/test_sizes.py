import pytest

from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.choices.sizes import settle_size
from comfy_gen.composition.compose import Wishes
from comfy_gen.composition.explanation import Account
from comfy_gen.workflows.parameter import Parameter
from comfy_gen.workflows.template import Template
from tests.composition.making import composed, made, reasons, stock, template


def size(composition):
    return composition.recipe.width, composition.recipe.height


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        ((1, 1), (1024, 1024)),
        ((3, 4), (896, 1152)),
        ((16, 9), (1344, 768)),
        ((9, 21), (640, 1536)),
        ((1, 9), (320, 2048)),
    ],
)
def test_shape_has_the_pixels_that_the_workflow_is_made_for(ratio, expected):
    assert size(composed("@fox", made("fox", aspect_ratio=ratio), of=stock("sdxl"))) == expected


def test_shape_of_the_highest_priority_counts():
    fox = made("fox", priority=10, aspect_ratio=(3, 4))
    sea = made("sea", Kind.SETTING, priority=20, aspect_ratio=(16, 9))
    composition = composed("@fox @sea", fox, sea, of=stock("sd15"))
    assert size(composition) == (704, 384)
    assert reasons(composition, "size 3:4") == ["sea goes first"]


def test_shape_that_both_want_is_no_matter():
    both = made("fox", aspect_ratio=(1, 1)), made("sea", Kind.SETTING, aspect_ratio=(1, 1))
    assert reasons(composed("@fox @sea", *both), "size 1:1") == []


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (Wishes(width=640, height=648), (640, 648)),
        (Wishes(width=768), (768, 1024)),
        (Wishes(height=768), (576, 768)),
    ],
)
def test_side_that_was_wished_for_is_kept_and_the_other_follows_the_shape(wishes, expected):
    assert size(composed("@fox", made("fox", aspect_ratio=(3, 4)), of=stock("sdxl"), wishes=wishes)) == expected


def test_without_a_shape_the_other_side_is_the_workflows():
    assert size(composed("@fox", made("fox"), of=stock("sdxl"), wishes=Wishes(width=640))) == (640, 1024)


def settled(*parts, ratio=(4, 3), **said):
    own = Template(name="own", workflow={}, parameters=parts)
    return settle_size([made("fox", aspect_ratio=ratio)], own, Account(), wished={}, kept={}, **said)


def side(name, default, **said):
    return Parameter(name=name, type="integer", role=name, default=default, **said)


def test_workflow_without_a_size_has_none():
    assert settled() == {}
    assert settled(side("width", 512)) == {}
    assert settled(side("width", 512), side("height", None)) == {}


def test_sides_keep_to_what_the_workflow_takes():
    assert settled(side("width", 500, multiple_of=10), side("height", 500, multiple_of=24)) == {
        "width": 640,
        "height": 384,
    }
    narrow = side("width", 40, minimum=30, maximum=60, multiple_of=4)
    assert settled(narrow, side("height", 40)) == {"width": 48, "height": 64}
    assert settled(side("width", 41, minimum=41, maximum=41, multiple_of=2), side("height", 64))["width"] == 41


@pytest.mark.parametrize(
    ("kept", "expected"), [((640, 704), (640, 704)), ((641, 704), (1152, 896)), ((640, None), (1152, 896))]
)
def test_size_of_an_earlier_recipe_is_kept_where_the_workflow_takes_it(kept, expected):
    before = {side: value for side, value in zip(("width", "height"), kept, strict=True) if value}
    fox = made("fox", aspect_ratio=(4, 3))
    sides = settle_size([fox], template("sdxl"), Account(), wished={}, kept=before)
    assert (sides["width"], sides["height"]) == expected
