import pytest

from comfy_gen.storage.policies import allowed_to_all, allows_reading, closed, opened, readable_by_all

OURS = {"AWS": ["arn:aws:iam::1:user/a"]}
LOGIN = {"Effect": "Allow", "Principal": OURS, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}
REFUSAL = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b/*"}
ANYTHING = {"Effect": "Allow", "Principal": "*", "Action": ["s3:PutObject", "s3:ListBucket"], "Resource": "*"}


def policy(*statements):
    return {"Version": "2012-10-17", "Id": "mine", "Statement": list(statements)}


def test_everybody_may_read_objects_and_nothing_else():
    made = readable_by_all("b")
    assert allowed_to_all(made) == ("s3:GetObject",)
    assert made["Statement"][0]["Resource"] == ["arn:aws:s3:::b/*"]


def test_opening_keeps_other_rules_and_takes_back_what_else_everybody_might_do():
    made = opened(policy(LOGIN, REFUSAL, ANYTHING), "b")
    assert made["Statement"][:2] == [LOGIN, REFUSAL]
    assert made["Id"] == "mine"
    assert allowed_to_all(made) == ("s3:GetObject",)


def test_opening_twice_changes_nothing():
    once = opened(None, "b")
    assert opened(once, "b") == once == readable_by_all("b")


def test_closing_leaves_what_is_not_for_all():
    assert closed(policy(LOGIN, REFUSAL, ANYTHING)) == policy(LOGIN, REFUSAL)


@pytest.mark.parametrize("given", [None, readable_by_all("b"), policy(ANYTHING), policy()])
def test_nothing_is_left_where_all_was_for_all(given):
    assert closed(given) is None


@pytest.mark.parametrize(
    "principal", ["*", ["*"], {"AWS": "*"}, {"AWS": ["arn:aws:iam::1:root", "*"]}], ids=["star", "list", "aws", "among"]
)
def test_everybody_is_found_however_it_is_written(principal):
    assert allowed_to_all(policy({**ANYTHING, "Principal": principal})) == ("s3:ListBucket", "s3:PutObject")


def test_everybody_but_some_is_everybody():
    rule = {"Effect": "Allow", "NotPrincipal": OURS, "NotAction": "s3:PutObject", "Resource": "*"}
    assert allowed_to_all(policy(rule)) == ("all but s3:PutObject",)


def test_services_and_nobody_are_not_everybody():
    rules = [{**ANYTHING, "Principal": {"Service": "logging.s3.amazonaws.com"}}, {**ANYTHING, "Principal": None}]
    assert allowed_to_all(policy(*rules, LOGIN, REFUSAL)) == ()


def test_single_rule_need_not_be_in_a_list():
    assert allowed_to_all({"Statement": ANYTHING}) == ("s3:ListBucket", "s3:PutObject")


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (("s3:GetObject",), True),
        (("s3:PutObject", "s3:*"), True),
        (("s3:Get*",), True),
        (("*",), True),
        (("s3:ListBucket", "s3:PutObject"), False),
        (("all but s3:PutObject",), False),
        ((), False),
    ],
)
def test_reading_is_found_however_it_is_written(actions, expected):
    assert allows_reading(actions) is expected
