import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.composition.texts.variants import DEEPEST, LONGEST, MOST_CHOICES, Choice, expand, has_variants, pieces_of
from comfy_gen.errors import PromptSyntaxError

WILDCARDS = {
    "colour": ["red", "blue"],
    "animals/small": ["mouse", "{tame|wild} hamster"],
    "weighted": ["0::never", "always"],
    "loop": ["__loop__"],
    "empty": [],
}


def texts(text, count=40):
    return {expand(text, seed, WILDCARDS).text for seed in range(count)}


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("a {red|blue} car", {"a red car", "a blue car"}),
        ("{a|{b|c} d}", {"a", "b d", "c d"}),
        ("{a|}b", {"ab", "b"}),
        ("{2$$a|b}", {"a, b", "b, a"}),
        ("{1-2$$ and $$a|b}", {"a", "b", "a and b", "b and a"}),
        ("{2$$$$a|b}", {"ab", "ba"}),
        ("{0-1$$a|b}", {"", "a", "b"}),
        ("{0::a|b}", {"b"}),
        ("__colour__ car", {"red car", "blue car"}),
        ("__animals/small__", {"mouse", "tame hamster", "wild hamster"}),
        ("{2$$ or $$__colour__}", {"red or blue", "blue or red"}),
        ("__weighted__", {"always"}),
        ("{__colour__|green}", {"red", "blue", "green"}),
    ],
)
def test_each_possible_text_comes_up_and_no_other(text, possible):
    assert texts(text) == possible


@pytest.mark.parametrize(
    "text",
    ["a red car", "{red}", "red {", "red }", "red | blue", "}{", "snake__case", "____", "__ a __", r"\(soft\) (x:1.2)"],
)
def test_what_is_no_choice_stays_as_it_is(text):
    assert texts(text) == {text}
    assert not has_variants(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [(r"\{a|b\}", "{a|b}"), (r"{a\|b|a\|b}", "a|b"), (r"\__colour__", "__colour__"), (r"\_\_colour\_\_", "__colour__")],
)
def test_what_is_escaped_is_no_choice(text, plain):
    assert texts(text) == {plain}
    assert has_variants(text)


def test_an_open_brace_before_variants_stays_as_it_is():
    assert texts("{a, {b|c}") == {"{a, b", "{a, c"}


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("a {b|c", "has no }", 2),
        ("__color__", "no wildcard is called __color__; there are __colour__", 0),
        ("a __empty__", "has no lines", 2),
        ("{3$$a|b}", "3 are wanted of 2", 0),
        ("{2-1$$a|b}", "is no number", 0),
        ("{0$$a|b}", "is no number", 0),
        ("{0::a|0::b}", "weight above 0", 0),
        ("x __loop__", f"more than {DEEPEST} deep", 2),
        ("{a|" * (DEEPEST + 1) + "b" + "}" * (DEEPEST + 1), "deep", None),
        ("{a|b}" * (MOST_CHOICES + 1), "more than 1,000 choices", 5 * MOST_CHOICES),
        ("x" * (LONGEST + 1), "longer than", LONGEST),
        ("{" + "x" * 6000 + "|" + "x" * 3000 + "}__big__", "comes to more", 0),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text, reason, position):
    assert has_variants(text) or "longer" in reason
    with pytest.raises(PromptSyntaxError) as caught:
        for seed in range(200):
            expand(text, seed, {**WILDCARDS, "big": ["y" * 9000]})
    assert reason in caught.value.message
    assert position is None or caught.value.position == position


def test_a_wildcard_that_nobody_has_is_refused_where_there_is_none_at_all():
    with pytest.raises(PromptSyntaxError, match="for there are none"):
        expand("__colour__", 1, {})


def test_the_same_seed_gives_the_same_text_for_ever():
    """Our choice: these are pinned, for a picture's seed must mean the same after an update."""
    given = "{a|b|c|d} {2$$e|f|g|h} __colour__"
    assert [expand(given, seed, WILDCARDS).text for seed in range(4)] == [
        "b g, f blue",
        "a e, h red",
        "c e, g red",
        "a e, g blue",
    ]


def test_choices_are_recorded_in_the_texts_order_with_their_source():
    found = expand("x {a} {b|b __animals/small__}", 0, {"animals/small": ["{tiny|tiny} mouse"]})
    assert found.seed == 0
    outer = Choice(6, 2, found.text.removeprefix("x {a} "))
    inner = () if outer.chosen == "b" else (Choice(11, 1, "tiny mouse", "animals/small"), Choice(11, 2, "tiny"))
    assert found.choices == (outer, *inner)


def test_choices_inside_a_wildcard_have_the_place_of_the_wildcard():
    found = expand("a __pet__", 3, {"pet": ["{old|old} cat"]})
    assert found.choices == (Choice(2, 1, "old cat", "pet"), Choice(2, 2, "old"))


def test_weights_count():
    taken = [expand("{3::a|b}", seed, {}).text for seed in range(1000)]
    assert 700 < taken.count("a") < 800


@given(st.text(alphabet="ab{}|$_\\:12 ", max_size=60), st.integers())
def test_any_text_is_expanded_or_refused_and_always_the_same(text, seed):
    first, again = outcome(text, seed), outcome(text, seed)
    assert first == again
    if isinstance(first, int):
        assert 0 <= first <= len(text)
    else:
        assert has_variants(text) or (first.text, first.choices) == (text, ())


def outcome(text, seed):
    """Return what comes of a text: where it is wrong, or what it is expanded to."""
    try:
        return expand(text, seed, {"a": ["b", "{a|b}"]})
    except PromptSyntaxError as error:
        return error.position


def test_long_text_without_choices_has_none():
    assert not has_variants("a fox | a hare } " * 2_000)
    assert has_variants("{a|b} " * 2_000)


@pytest.mark.parametrize("seed", range(5))
def test_pieces_of_a_text_come_to_what_it_was_expanded_to(seed):
    text = "a \\{b\\} {c|{d|\\|}} __hat__{2$$x|y}z"
    expanded = expand(text, seed, {"hat": ["{a|b} hat"]})
    pieces = [*pieces_of(text, expanded.choices)]
    assert "".join(text[one.start : one.end] if one.chosen is None else one.chosen for one in pieces) == expanded.text
    assert [text[one.start : one.end] for one in pieces if one.chosen is not None] == [
        "{c|{d|\\|}}",
        "__hat__",
        "{2$$x|y}",
    ]
