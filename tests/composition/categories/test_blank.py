import re

import pytest

from comfy_gen.composition.categories.blank import blank
from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.categories.reading import read_category


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("category_id", ["arctic-fox", "on", "null", "1990", "a-", "2026-01-01", "f" * 48])
def test_new_file_is_right_as_it_stands(kind, category_id):
    read = read_category(blank(category_id, kind), f"{category_id}.yaml")
    assert (read.id, read.kind) == (category_id, kind)
    assert read.keywords.primary == (category_id.replace("-", " ").strip(),)


def test_new_file_tells_of_every_field_and_each_example_is_right():
    text = re.sub(r"^( *)# (?=[ a-z_-]+:|- filename)", r"\1", blank("arctic-fox", Kind.SUBJECT), flags=re.MULTILINE)
    read = read_category(text, "arctic-fox.yaml")
    assert read.loras.recommended[0].when.families == ("sdxl",)
    assert read.settings.aspect_ratio == (3, 4)
    assert read.workflows.preferred
    assert read.models
    assert read.rules.max_per_type == 1
    assert read.keywords.specific
