from __future__ import annotations

import pytest

from comfy_gen.pipeline.judgement import JudgedTake, Judgement, change_words, finding, take_line
from comfy_gen.validation.takes import Take

BAD = Take(number=1, passed=False, score=0.1, reason="a similarity to the prompt of 0.100, below 0.250")
BETTER = Take(number=2, passed=False, score=0.2, reason="too dark", changes={"seed": 7, "steps": 50, "cfg": 7.5})


def test_judgement_tells_of_the_best_take():
    judgement = Judgement([JudgedTake(BAD, "p-1"), JudgedTake(BETTER, "p-2")])
    assert judgement.best is BETTER
    assert judgement.summary == {"passed": False, "score": 0.2, "reason": "too dark", "take": 2, "takes": 2}
    assert judgement.line == "take 2 is the best of 2: too dark"
    assert Judgement([JudgedTake(BAD, "p-1")]).line == BAD.reason


def test_take_is_told_with_the_prompt_that_made_it():
    told = JudgedTake(BETTER, "p-2").as_json()
    assert (told["number"], told["passed"], told["prompt_id"]) == (2, False, "p-2")
    assert "attempt" not in told


def test_line_of_a_take_says_what_was_changed():
    assert take_line(BAD) == f"Take 1: {BAD.reason}"
    assert take_line(BETTER) == "Take 2 (seed 7, steps 50, cfg 7.5): too dark"
    assert take_line(BETTER, 3) == "Take 2 of seed 3 (seed 7, steps 50, cfg 7.5): too dark"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((True, None, ""), "passed"),
        ((True, 0.3, ""), "passed, with a similarity to the prompt of 0.300"),
        ((False, 0.3, "it is black"), "it is black"),
        ((None, None, "no weights"), "could not be judged: no weights"),
    ],
)
def test_finding_is_told_in_words(found, said):
    assert finding(*found) == said


def test_another_prompt_is_not_spelt_out():
    assert change_words({"seed": 7, "positive_prompt": "a fox, sharp focus"}) == "seed 7, another prompt"
    assert change_words({}) == ""
