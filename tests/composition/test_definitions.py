"""The categories that ship."""

from collections import Counter
from itertools import chain

import pytest

from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.categories.folder import SHIPPED, look
from comfy_gen.composition.categories.registry import Categories, shipped
from comfy_gen.composition.tier import Tier

ALL = shipped().all
each = pytest.mark.parametrize("category", ALL, ids=lambda category: category.id)


def test_all_can_be_read_and_go_together():
    categories = Categories()
    assert categories.current() is shipped()
    assert categories.problems == ()


def test_every_file_is_a_category_in_the_folder_of_its_type():
    contents = look(SHIPPED)
    files = {path: file.marked.category for path, file in contents.files.items()}
    assert {path.stem for path in SHIPPED.rglob("*") if path.is_file()} == {one.id for one in ALL}
    assert [path for path, one in files.items() if path.parent.name != f"{one.kind}s"] == []


def test_there_are_enough_of_each_type():
    assert len(ALL) >= 60
    counts = Counter(one.kind for one in ALL)
    assert all(counts[kind] >= 15 for kind in Kind), counts


def test_all_but_two_are_for_everybody():
    above = {one.id: one.tier for one in ALL if one.tier is not Tier.GENERAL}
    assert above == {"horror": Tier.MATURE, "dark-fantasy": Tier.MATURE}


def test_no_two_have_the_same_name():
    names = Counter(one.display_name for one in ALL)
    assert [name for name, count in names.items() if count > 1] == []


@each
def test_category_says_what_it_brings(category):
    assert 1 <= len(category.positive.required) <= 3
    assert len(category.positive.optional) <= 4
    assert category.keywords.primary
    assert category.icon != "category"


@each
def test_loras_and_models_are_files_that_engines_have(category):
    loras = chain(category.loras.required, category.loras.recommended)
    files = [*(use.filename for use in loras), *category.loras.avoid, *category.models]
    assert [file for file in files if not file.endswith((".safetensors", ".ckpt"))] == []


@each
def test_conflict_is_within_one_type_or_said_on_purpose(category):
    """What conflicts with all others of its type alone would never be combined."""
    same = [other.id for other in ALL if other.kind is category.kind and other.id != category.id]
    assert not set(same) <= set(category.rules.conflicts_with)
