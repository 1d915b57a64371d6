import subprocess
import sys

import pytest

from comfy_gen.composition.texts.spelling import Spelling, is_english

SPELLING = Spelling(
    ["portrait", "castle", "woman", "lake", "robot", "watercolor", "loft", "3d", "cat", "thunderstorm", "girl", "grill"]
)


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("portrit", "portrait"),
        ("potrait", "portrait"),
        ("portriat", "portrait"),
        ("casle", "castle"),
        ("casltes", "castle"),
        ("wman", "woman"),
        ("laek", "lake"),
        ("robto", "robot"),
        ("orbot", "robot"),
        ("gril", "girl"),
        ("watrecolr", "watercolor"),
        ("thunderstrom", "thunderstorm"),
    ],
)
def test_misspelt_word_is_corrected(typo: str, meant: str):
    assert SPELLING.correct(typo) == meant


@pytest.mark.parametrize(
    "word",
    [
        "cassette",  # a word of its own
        "hustle",
        "vats",
        "ct",  # too short to tell
        "catt3",
        "bortrait",  # its first letter is wrong
        "lofi",  # short, and another letter
        "prtrt",  # too far
        "zorblaxian",
    ],
)
def test_other_words_are_left_alone(word: str):
    assert SPELLING.correct(word) is None


def test_answer_is_the_same_when_asked_again():
    assert SPELLING.correct("portrit") == SPELLING.correct("portrit") == "portrait"
    assert SPELLING.correct("zorblaxian") is SPELLING.correct("zorblaxian") is None


def test_many_words_are_not_all_remembered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("comfy_gen.composition.texts.spelling._KEPT", 2)
    spelling = Spelling(["portrait"])
    answers = [spelling.correct(word) for word in ("portrit", "aaaa", "bbbb", "portrit")]
    assert answers == ["portrait", None, None, "portrait"]
    assert len(spelling._known) <= 2  # pyright: ignore[reportPrivateUsage] - that it is bounded shows nowhere else


def test_forms_of_english_words_are_english():
    assert is_english("house")
    assert is_english("quibbled")
    assert not is_english("bokeh")


def test_dictionary_is_not_loaded_before_a_word_is_unknown():
    code = (
        "import sys\n"
        "from comfy_gen.composition.texts.parsing import read_text\n"
        "from comfy_gen.composition.categories.registry import shipped\n"
        "assert read_text('two cats and a dog', shipped().lexicon).inferred\n"
        "sys.exit('symspellpy' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
