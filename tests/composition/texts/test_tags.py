import pytest

from comfy_gen.composition.texts.tags import id_of, take_tags


@pytest.mark.parametrize(
    ("text", "rest", "tags"),
    [
        ("@portrait of a woman", "of a woman", ("portrait",)),
        ("a woman @portrait", "a woman", ("portrait",)),
        ("@portrait, @night, red hair", "red hair", ("portrait", "night")),
        ("red hair, @night, rain", "red hair, rain", ("night",)),
        ("red hair, @night.", "red hair.", ("night",)),
        ("red hair,@night", "red hair", ("night",)),
        ("a @night scene", "a scene", ("night",)),
        ("(@night:1.2), rain", "rain", ("night",)),
        ("@night:1.2, rain", "rain", ("night",)),
        ("@night:3d", ":3d", ("night",)),
        ("(@night, rain)", "(rain)", ("night",)),
        ("@Golden_Hour @3d-render", "", ("Golden_Hour", "3d-render")),
        ("@night- rain", "- rain", ("night",)),
        ("  rain  ", "  rain  ", ()),
        ("rain,,  snow @ night", "rain,,  snow @ night", ()),
        ("mail ann@example.org", "mail ann@example.org", ()),
        (r"look \@night", "look @night", ()),
        ("@@night", "@@night", ()),
        ("@night@rain", "@night@rain", ()),
        ("@", "@", ()),
        ("", "", ()),
    ],
)
def test_tags_are_taken_out_of_the_text(text: str, rest: str, tags: tuple[str, ...]):
    tagged = take_tags(text)
    assert (tagged.text, tagged.tags, tagged.negated) == (rest, tags, ())


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("a beach, no @people", "a beach"),
        ("no @people, a beach", "a beach"),
        ("a beach without any @people at night", "a beach at night"),
        ("a beach, not @people, rain", "a beach, rain"),
    ],
)
def test_tag_after_a_no_is_not_wanted_and_takes_the_no_along(text: str, rest: str):
    tagged = take_tags(text)
    assert (tagged.text, tagged.tags, tagged.negated) == (rest, (), ("people",))


def test_word_that_only_ends_like_a_no_stays():
    assert take_tags("piano @night").text == "piano"


def test_id_is_found_whatever_its_case_and_hyphens():
    ids = {"golden-hour", "night"}
    assert id_of("Golden_Hour", ids) == "golden-hour"
    assert id_of("nights", ids) is None


def test_what_was_taken_out_is_known_by_its_place():
    text = "a @cat, no @people, (@city:1.2)"
    tagged = take_tags(text)
    assert [text[start:end] for start, end in tagged.spans] == ["@cat", "(@city:1.2)"]
    assert [text[start:end] for start, end in tagged.cuts] == ["@cat", "no @people", "(@city:1.2)"]
