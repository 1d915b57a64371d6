import pytest

from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.choices.merging import Words, fragment, merge
from comfy_gen.composition.explanation import Account
from tests.composition.making import composed, made, reasons


def merged(words, *categories, **said):
    given = Words(words) if isinstance(words, str) else words
    return merge(given, categories, Account(), **said)


def test_documented_prompt_has_the_words_first_and_the_fragments_of_the_subject_behind():
    shown, hidden = ("detailed face", "sharp focus on eyes"), ("blurry", "distorted face")
    portrait = made("portrait", words=("portrait", "headshot"), shows=shown, hides=hidden)
    composition = composed("@portrait @outdoor professional headshot", portrait, made("outdoor", Kind.SETTING))
    assert composition.recipe.positive_prompt == "professional headshot, detailed face, sharp focus on eyes"
    assert composition.recipe.negative_prompt == "blurry, distorted face"
    steps = [(step.action, step.detail, step.source) for step in composition.explanation.steps]
    assert ("prompt_merge", "Merged 2 positive fragments", "portrait") in steps


def test_kinds_speak_in_their_order_and_the_optional_ones_last_in_turn():
    style = made("ink", Kind.STYLE, shows=("ink",), may_show=("brush marks", "wet edges"))
    subject = made("fox", shows=("fur",), may_show=("whiskers", "paws"))
    light = made("fog", Kind.MODIFIER, shows=("mist",))
    place = made("wood", Kind.SETTING, shows=("trees",))
    prompts = merged("a fox", style, subject, light, place)
    assert prompts.positive == "a fox, fur, trees, mist, ink, whiskers, brush marks, paws, wet edges"


def test_words_are_kept_as_they_are():
    fox = made("fox", shows=("soft fur",))
    words = "A (red fox:1.3)  in SNOW, <lora:ink:0.8> embedding:old"
    assert merged(words, fox).positive == "A (red fox:1.3) in SNOW, <lora:ink:0.8> embedding:old, soft fur"


def test_a_sentence_is_not_continued_with_a_comma():
    assert merged("A fox runs.", made("fox", shows=("soft fur",))).positive == "A fox runs. soft fur"
    assert merged("A fox runs.", made("fox")).positive == "A fox runs."
    assert merged("a fox, ", made("fox", shows=("soft fur",))).positive == "a fox, soft fur"


def test_a_text_of_tags_alone_is_called_by_its_categories():
    categories = made("golden-hour", Kind.MODIFIER, shows=("low sun",)), made("fox", shows=("soft fur",))
    assert merged("", *categories).positive == "fox, golden hour, soft fur, low sun"


def test_what_is_said_already_is_not_said_again():
    one = made("fox", shows=("soft furs", "Sharp Focus on eyes"))
    other = made("snow", Kind.MODIFIER, shows=("sharp focus", "sharp-focus on eyes", "white ground"))
    assert merged("a fox, soft fur", one, other).positive == "a fox, soft fur, Sharp Focus on eyes, white ground"


def test_optional_fragments_stop_where_the_encoder_does():
    fox = made("fox", words=("word",), shows=("one two three",), may_show=("four five six", "seven"))
    long = " ".join(["word"] * 53)
    account = Account()
    prompts = merge(Words(long), [fox], account, family="sdxl")
    assert prompts.positive == f"{long}, one two three, seven"
    assert account.rejected[0].reason == "the positive prompt has room for 75 tokens"
    assert merged(long, fox, family="flux").positive.endswith("four five six, seven")


def test_required_fragments_are_there_however_long_the_words_are():
    assert merged("word " * 200, made("fox", shows=("fur",))).positive.endswith("word, fox, fur")


def test_of_two_that_contradict_each_other_the_higher_priority_counts():
    photo = made("photo", Kind.STYLE, priority=70, shows=("natural light",), hides=("painting",))
    oil = made("oil", Kind.STYLE, priority=50, shows=("oil painting",), hides=("natural lights",))
    composition = composed("@photo @oil", photo, oil)
    assert "oil painting" not in composition.recipe.positive_prompt
    assert composition.recipe.negative_prompt == "painting"
    assert {(one.kept, one.dropped, one.about) for one in composition.conflicts} == {
        ("photo", "oil", "oil painting"),
        ("photo", "oil", "natural lights"),
    }
    assert reasons(composition, "oil painting") == ["photo says the opposite with “painting”, and goes first"]


def test_nothing_gives_way_to_a_fragment_that_gives_way_itself():
    first = made("a", Kind.STYLE, priority=90, shows=("warm haze",))
    second = made("b", Kind.STYLE, priority=50, hides=("haze",))
    third = made("c", Kind.STYLE, priority=10, shows=("cold haze",))
    prompts = merged("x", first, second, third)
    assert prompts == ("x, warm haze, cold haze", "")


def test_of_a_category_that_contradicts_itself_the_positive_counts():
    composition = composed("@fox", made("fox", shows=("blurry background",), hides=("blurry", "text")))
    assert composition.recipe.negative_prompt == "text"
    assert reasons(composition, "blurry") == ["fox says the opposite with “blurry background”, and goes first"]
    assert composition.conflicts == ()


def test_what_the_words_ask_for_is_not_kept_out():
    night = made("night", Kind.MODIFIER, hides=("bright sky", "noise"))
    composition = composed("@night, a bright sky", night)
    assert composition.recipe.negative_prompt == "noise"
    assert reasons(composition, "bright sky") == ["your own words ask for what it would keep out"]


def test_what_the_words_do_not_want_goes_to_the_negative_prompt():
    street = made("street", Kind.SETTING, shows=("many people", "old houses"), hides=("people", "fog"))
    composition = composed("@street, no people", street)
    assert composition.recipe.positive_prompt == "no people, old houses"
    assert composition.recipe.negative_prompt == "people, fog"
    assert reasons(composition, "many people") == ["you said not to show it"]


def test_negative_prompt_that_was_given_goes_first_and_counts_as_the_persons_words():
    street = made("street", Kind.SETTING, shows=("old houses", "long shadows"), hides=("fog",))
    prompts = merged(Words("x", negated=("rain",), negative="text, Shadows, rain"), street)
    assert prompts == ("x, old houses", "text, Shadows, rain, fog")


def test_negative_fragments_are_left_out_where_they_do_nothing():
    account = Account()
    words = Words("x", negated=("rain",))
    assert merge(words, [made("street", hides=("fog",))], account, has_negative=False).negative == ""
    (rejected,) = account.rejected
    assert (rejected.what, rejected.reason) == ("rain, fog", "the workflow has no negative prompt that does anything")


def test_words_that_loras_need_come_before_the_optional_fragments():
    fox = made("fox", shows=("fur",), may_show=("whiskers",))
    triggers = [fragment("inkstyle", "ink", 50), fragment("Fur", "ink", 50)]
    assert merged("a fox", fox, triggers=triggers).positive == "a fox, fur, inkstyle, whiskers"


def test_a_fragment_without_words_says_nothing():
    assert merged("a fox", made("fox", shows=("...",), hides=("!",))) == ("a fox", "")


def test_nothing_is_left_out_where_there_is_nothing():
    account = Account()
    assert merge(Words("a fox"), [made("fox")], account, has_negative=False) == ("a fox", "")
    assert account.rejected == ()


@pytest.mark.parametrize(
    ("text", "positive"),
    [
        ("in a field", "in a field, wild horse, mane"),
        ("in a field of horses", "in a field of horses, mane"),
        ("ponies in a field", "ponies in a field, mane"),
        ("", "wild horse, mane"),
        (" . [] ", "wild horse, mane"),
        (": on a hill", "on a hill, wild horse, mane"),
    ],
)
def test_subject_is_named_where_the_words_do_not_name_it(text, positive):
    assert merged(text, made("wild-horse", words=("horse", "pony"), shows=("mane",))).positive == positive


def test_only_subjects_are_named_beside_the_words():
    assert merged("a horse", made("fog", Kind.MODIFIER, shows=("mist",))).positive == "a horse, mist"


def test_given_negative_prompt_is_all_that_is_kept_where_it_does_nothing():
    account = Account()
    words = Words("a fox, no dogs", ("dogs",), negative="text")
    prompts = merge(words, [made("fox", hides=("blur",))], account, has_negative=False)
    assert prompts.negative == "text"
    assert [one.what for one in account.rejected] == ["dogs, blur"]
    (step,) = account.explanation("").steps
    assert (step.action, step.source) == ("negative_prompt", "you")
