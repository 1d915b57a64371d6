import pytest

from comfy_gen.composition.explanation import Account, Conflict, Rejected, Step, conjoined


def test_explanation_is_told_as_documented():
    account = Account()
    account.step("composition", "prompt_merge", "Merged 2 positive fragments", "portrait")
    account.step("parsing", "tag_extraction", "Found @portrait, @outdoor tags", "parser")
    account.reject("anime", "category", "it was not meant", "parser")
    assert account.explanation("Selected portrait (subject) category").as_json() == {
        "summary": "Selected portrait (subject) category",
        "steps": [
            {
                "phase": "parsing",
                "action": "tag_extraction",
                "detail": "Found @portrait, @outdoor tags",
                "source": "parser",
            },
            {
                "phase": "composition",
                "action": "prompt_merge",
                "detail": "Merged 2 positive fragments",
                "source": "portrait",
            },
        ],
        "rejected": [{"what": "anime", "kind": "category", "reason": "it was not meant", "source": "parser"}],
    }


def test_steps_keep_their_order_within_a_phase():
    account = Account()
    for action in ("b", "a"):
        account.step("loras", action, "", "x")
    account.step("policy", "c", "", "x")
    assert [step.action for step in account.explanation("").steps] == ["c", "b", "a"]


def test_what_is_noted_twice_counts_once():
    account = Account()
    for _ in range(2):
        account.step("recipe", "a", "", "x")
        account.reject("a", "lora", "no", "x")
        account.conflict(kept="a", dropped="b", about="steps", reason="no")
    assert account.explanation("").steps == (Step("recipe", "a", "", "x"),)
    assert account.rejected == (Rejected("a", "lora", "no", "x"),)
    assert account.conflicts == (Conflict("a", "b", "steps", "no"),)


@pytest.mark.parametrize(("names", "said"), [("", "nothing"), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")])
def test_names_are_told_as_in_a_sentence(names, said):
    assert conjoined([*names]) == said
