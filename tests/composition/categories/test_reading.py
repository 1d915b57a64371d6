import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.composition.categories.card import card_of
from comfy_gen.composition.categories.category import (
    Category,
    Condition,
    Fragments,
    Keywords,
    Kind,
    Loras,
    LoraUse,
    Range,
    Rules,
    SettingWishes,
    WorkflowWishes,
)
from comfy_gen.composition.categories.reading import read_category, read_marked
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import CategoryFileError
from tests.composition.builders import text_of

WHOLE = """\
id: fox
type: subject
display_name: Fox
description: >
  A fox, red
  or white.
icon: pets
schema_version: 1
policy_tier: mature
keywords:
  primary: [fox, vixen]
  secondary: [cunning, 1990]
  specific: [red fox]
prompts:
  positive_fragments:
    required: [bushy tail]
    optional: ["(soft fur:1.2)"]
  negative_fragments:
    required: [blurry]
    optional: [extra legs]
loras:
  required:
    - filename: xl/fox.safetensors
      strength: -0.5
      triggers: [foxy]
      when: {families: [sdxl, flux], workflows: [sdxl], categories: [night], without: [day]}
  recommended:
    - filename: fur.safetensors
  avoid: [pixel.safetensors]
settings:
  steps: {min: 20, max: 40, default: 30}
  cfg: {min: 4, max: 9.5, default: 7.0}
  size: {aspect_ratio: 16:9}
  sampler: dpmpp_2m
  scheduler: karras
  denoise: {min: 0.4, max: 0.8, default: 0.6}
workflows:
  preferred: [sdxl, flux-dev]
  required_capabilities: [negative-prompt]
  excluded: [sd15]
models:
  preferred: [sd_xl_base_1.0.safetensors]
composition:
  priority: 70
  conflicts_with: [cat]
  requires: [night]
  enhances: [forest]
  max_per_type: 2
"""
FOX = Category(
    id="fox",
    kind=Kind.SUBJECT,
    display_name="Fox",
    description="A fox, red or white.",
    icon="pets",
    tier=Tier.MATURE,
    keywords=Keywords(("fox", "vixen"), ("cunning", "1990"), ("red fox",)),
    positive=Fragments(("bushy tail",), ("(soft fur:1.2)",)),
    negative=Fragments(("blurry",), ("extra legs",)),
    loras=Loras(
        (LoraUse("xl/fox.safetensors", -0.5, ("foxy",), Condition(("sdxl", "flux"), ("sdxl",), ("night",), ("day",))),),
        (LoraUse("fur.safetensors"),),
        ("pixel.safetensors",),
    ),
    settings=SettingWishes(Range(20, 40, 30), Range(4, 9.5, 7), Range(0.4, 0.8, 0.6), (16, 9), "dpmpp_2m", "karras"),
    workflows=WorkflowWishes(("sdxl", "flux-dev"), ("negative-prompt",), ("sd15",)),
    models=("sd_xl_base_1.0.safetensors",),
    rules=Rules(70, ("cat",), ("night",), ("forest",), 2),
    source="own/fox.yaml",
)


def problems_of(text, source="fox.yaml"):
    with pytest.raises(CategoryFileError) as caught:
        read_category(text, source)
    return list(caught.value.problems)


def test_every_field_is_read():
    assert read_category(WHOLE, "own/fox.yaml") == FOX


def test_what_is_left_out_has_its_default():
    read = read_category(text_of(), "fox.yaml")
    plain = Category(
        id="fox",
        kind=Kind.SUBJECT,
        display_name="A name",
        description="What it is for.",
        keywords=Keywords(("fox",)),
        source="fox.yaml",
    )
    assert read == plain


def test_field_without_a_value_is_left_out():
    assert read_category(text_of(more="loras:\nsettings: {cfg: }\nicon:\n"), "fox.yaml").icon == "category"


def test_lines_of_texts_are_known():
    places = read_marked(WHOLE, "fox.yaml").places
    assert places["composition.requires", "night"] == WHOLE[: WHOLE.index("requires: [night]")].count("\n") + 1
    assert places["loras.required.when.categories", "night"] < places["composition.requires", "night"]


def test_byte_order_mark_is_no_part_of_a_file():
    assert read_category("\ufeff" + text_of(), "fox.yaml").id == "fox"


def test_all_problems_are_told_in_the_order_of_their_lines():
    text = text_of(more="icno: red\nsettings:\n  stpes: 3\n  cfg: {min: 9, max: 4, default: 5}\npolicy_tier: matur\n")
    assert problems_of(text, "own/fox.yaml") == [
        "own/fox.yaml, line 6: there is no field icno; the nearest field is icon",
        "own/fox.yaml, line 8: there is no field settings.stpes; the nearest field is settings.steps",
        "own/fox.yaml, line 9: settings.cfg must have min <= default <= max, and has 9, 5, 4",
        "own/fox.yaml, line 10: policy_tier has 'matur', and may have general, mature, explicit; the nearest is mature",
    ]


def test_what_must_be_there_is_missed():
    assert problems_of("icon: pets\n") == [
        "fox.yaml, line 1: id is missing",
        "fox.yaml, line 1: type is missing",
        "fox.yaml, line 1: display_name is missing",
        "fox.yaml, line 1: description is missing",
        "fox.yaml, line 1: keywords is missing, or has no word: what should the category be known by?",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("id: fox\n", "line 6: id is there twice, first in line 1"),
        ("schema_version: 2\n", "schema_version is 2, and this ComfyGen reads 1: a newer one is needed"),
        ("schema_version: new\n", "schema_version is 'new', but must be a whole number from 1"),
        ("icon: A b\n", "icon is 'A b', but must be lower-case letters, digits and _"),
        ("icon: [a]\n", "icon must be a text, not a list"),
        ("icon: {a: b}\n", "icon must be a text, not a mapping"),
        ("prompts: yes\n", "prompts must be a mapping"),
        ("models: {preferred: x.safetensors}\n", "models.preferred must be a list, such as [one, another]"),
        ("models: {preferred: [a, a]}\n", "models.preferred has 'a' twice"),
        (
            "models: {preferred: [no]}\n",
            "models.preferred has no, which YAML takes for true or false: put it in quotes",
        ),
        ("models: {preferred: [a, ]}\nloras: {avoid: [~]}\n", "loras.avoid has an empty text"),
        ('models: {preferred: [""]}\n', "models.preferred has an empty text"),
        ('models: {preferred: ["a\\x1b[2J"]}\n', "models.preferred has characters that cannot be seen"),
        (f"models: {{preferred: [{'x' * 201}]}}\n", "has a text of 201 characters, and 200 are the most"),
        (f"models: {{preferred: [{', '.join(map(str, range(65)))}]}}\n", "has 65 entries, and 64 are the most"),
        ("[a]: 1\n", "there is no field (not a name)"),
        ("composition: {priority: 101}\n", "composition.priority is '101', but must be a whole number from 0 to 100"),
        ("composition: {priority: 1.5}\n", "composition.priority is '1.5', but must be a whole number"),
        ("composition: {priority: .inf}\n", "composition.priority is '.inf'"),
        ("composition: {priority: [1]}\n", "composition.priority is a list, but must be a whole number"),
        ("composition: {max_per_type: 0}\n", "composition.max_per_type is '0'"),
        ("composition: {requires: [fox]}\n", "composition.requires has 'fox', the category itself"),
        ("composition: {conflicts_with: [fox]}\n", "composition.conflicts_with has 'fox', the category itself"),
        ("loras: {required: [{strength: 1}]}\n", "loras.required.filename is missing"),
        ("loras: {required: [a.safetensors]}\n", "loras.required must be a mapping"),
        ("loras: {recommended: [{filename: a, strength: 2.1}]}\n", "loras.recommended.strength is '2.1'"),
        ("loras: {recommended: [{filename: a, weight: 1}]}\n", "there is no field loras.recommended.weight"),
        ("loras: {recommended: [{filename: a}], avoid: [a]}\n", "loras.avoid has 'a', which it wants too"),
        ("loras: {required: [{filename: a, when: {families: [sdx]}}]}\n", "the nearest is sdxl"),
        ("settings: {steps: {min: 1, max: 5}}\n", "settings.steps.default is missing"),
        ("settings: {steps: 30}\n", "settings.steps must be a mapping"),
        ("settings: {steps: {min: 1.5, max: 5, default: 2}}\n", "settings.steps.min is '1.5'"),
        ("settings: {denoise: {min: 0, max: 2, default: 1}}\n", "settings.denoise.max is '2'"),
        ("settings: {size: {aspect_ratio: wide}}\n", 'must be width:height, such as "3:4"'),
        ('settings: {size: {aspect_ratio: "1:0"}}\n', 'must be width:height, such as "3:4"'),
        ("settings: {size: {aspect_ratio: 9:1}}\n", "one side is at most 8 times the other"),
        ("workflows: {required_capabilities: [lora]}\n", "the nearest is loras"),
        ("workflows: {preferred: [sdxl], excluded: [sdxl]}\n", "workflows.excluded has 'sdxl', and so has"),
        ("prompts: {positive_fragments: {required: ['a, b']}}\n", "each part between commas is an entry of its own"),
        (
            "prompts: {positive_fragments: {required: [a], optional: [a]}}\n",
            "positive_fragments.optional has 'a', and so",
        ),
        (
            "prompts: {positive_fragments: {required: [a]}, negative_fragments: {optional: [a]}}\n",
            "prompts has 'a' among the positive and among the negative fragments",
        ),
    ],
)
def test_each_mistake_is_told(more, said):
    assert any(said in problem for problem in problems_of(text_of(more=more))), problems_of(text_of(more=more))


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ("{primary: [Fox]}", "keywords.primary has 'Fox'; words are in lower case"),
        ("{specific: ['fox, den']}", "keywords.specific has 'fox, den', which is no single word or phrase"),
        ("{secondary: ['--']}", "keywords.secondary has '--', which is no single word or phrase"),
        ("{primary: [fox], secondary: [fox]}", "keywords has 'fox' twice: as primary and as secondary"),
        ("{primary: []}", "keywords is missing, or has no word"),
    ],
)
def test_keywords_are_words(keywords, said):
    text = text_of().replace("{primary: [fox]}", keywords)
    (problem,) = problems_of(text)
    assert problem.startswith(f"fox.yaml, line 5: {said}")


@pytest.mark.parametrize("own", ["Fox", "-fox", "fox_1", "f" * 49, "a b"])
def test_id_has_its_form(own):
    assert "id is" in problems_of(text_of().replace("id: fox", f"id: {own}"), f"{own}.yaml")[0]


def test_file_is_called_as_the_id():
    said = "line 1: id is 'fox', and the file is called 'dog': they must be the same"
    assert problems_of(text_of(), "own/dog.yaml") == [f"own/dog.yaml, {said}"]


def test_what_is_no_yaml_is_one_problem():
    (problem,) = problems_of("a: [")
    assert "it is not YAML: " in problem


def test_card_is_read_as_the_category_that_it_is_of():
    import json

    card = {name: value for name, value in card_of(FOX).items() if value is not None}
    assert read_category(json.dumps(card), "own/fox.yaml") == FOX


@given(st.text(max_size=200))
def test_any_text_is_told_its_problems(text):
    assert all(problem.startswith("fox.yaml, line ") for problem in problems_of(text))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["min", "required", "x"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["id", "type", "keywords", "prompts", "loras", "settings", "models"]), VALUES))
def test_any_values_are_told_their_problems(values):
    import yaml

    assert all(problem.startswith("fox.yaml, line ") for problem in problems_of(yaml.safe_dump(values)))
