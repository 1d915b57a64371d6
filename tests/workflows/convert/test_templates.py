"""All official template workflows, converted for the recorded engine, which is older than most of them."""

from __future__ import annotations

import json
from collections import Counter
from importlib.metadata import version

import pytest

from comfy_gen.workflows.checks import check
from comfy_gen.workflows.convert import Kind, convert
from tests.workflows.convert import templates


@pytest.fixture(scope="module")
def pinned():
    return json.loads(templates.SHORTFALLS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shortfalls(object_info):
    return templates.survey(object_info)


@pytest.fixture
def same_version(pinned):
    if version(templates.PACKAGE) != pinned["version"]:
        pytest.skip(f"the shortfalls are those of {templates.PACKAGE} {pinned['version']}")


def test_workflows_of_known_classes_have_no_problem_but_values_that_are_newer_than_the_engine(object_info, shortfalls):
    known = {name for name, ui in templates.templates().items() if templates.classes_of(ui) <= object_info.keys()}
    reasons = {reason for name in known for reason in shortfalls.get(name, ())}
    assert len(known) > 50
    assert reasons <= {"refused"}


def test_every_class_that_the_engine_lacks_is_named(object_info, shortfalls):
    for name, ui in templates.templates().items():
        named = set(shortfalls.get(name, {}).get("missing_class", ()))
        assert named <= templates.classes_of(ui) - object_info.keys(), name


def test_shortfalls_are_those_that_are_listed(shortfalls, pinned, same_version):
    assert shortfalls == pinned["shortfalls"]


def test_counts_are_those_that_are_told(object_info, shortfalls, pinned, same_version):
    known = {name for name, ui in templates.templates().items() if templates.classes_of(ui) <= object_info.keys()}
    kinds = Counter(reason for reasons in shortfalls.values() for reason in reasons)
    assert len(templates.templates()) == pinned["workflows"] == 644
    assert len(known) == 92
    assert sorted(name for name in known if name in shortfalls) == [
        "image-qwen_image_edit_2511_lora_inflation",
        "image_kandinsky5_t2i",
        "image_newbieimage_exp0_1-t2i",
        "image_ovis_text_to_image",
    ]
    assert kinds == {
        "missing_class": 551,
        "unnamed_values": 307,
        "made_in_browser": 4,
        "refused": 4,
        "broken_link": 1,
    }


def test_names_and_order_of_values_agree_wherever_a_file_has_both(object_info):
    """The order that we compute is checked by the names that newer editors write beside the values."""
    differing = []
    for name, ui in templates.templates().items():
        plain = json.loads(json.dumps(ui).replace('"widgets_values_named"', '"unread"'))
        by_name, by_order = (convert(one, object_info).workflow for one in (ui, plain))
        known = [node_id for node_id, node in by_name.items() if node["class_type"] in object_info]
        differing += [
            (name, by_name[node_id]["class_type"])
            for node_id in known
            if by_name[node_id]["inputs"] != by_order[node_id]["inputs"]
        ]
    # SaveVideo has two more widgets in newer editors; only names tell which.
    assert {class_type for _, class_type in differing} <= {"SaveVideo"}


def test_problem_of_a_workflow_is_one_that_the_engine_has_too(object_info):
    """Our choice: what converts without a problem is refused for nothing but values."""
    for name, ui in templates.templates().items():
        conversion = convert(ui, object_info, source=name)
        if any(problem.kind is Kind.MISSING_CLASS for problem in conversion.problems):
            continue
        types = {problem.type for problem in check(conversion.workflow, object_info).problems}
        assert types <= {"value_not_in_list", "custom_validation_failed"}, name
