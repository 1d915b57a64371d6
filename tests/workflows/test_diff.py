import copy
import random

import pytest

from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.diff import InputChange, diff_workflows
from comfy_gen.workflows.edits import insert_lora
from comfy_gen.workflows.graph import Workflow, is_link
from tests.workflows.samples import node, plain, two_passes


def renumbered(workflow: Workflow, seed: int = 1) -> tuple[Workflow, dict[str, str]]:
    """Return the same graph with other ids in another order, and the new ids by the old ones."""
    chance = random.Random(seed)
    numbers = [str(number + 100) for number in range(len(workflow))]
    chance.shuffle(numbers)
    ids = dict(zip(workflow, numbers, strict=True))
    nodes = [(ids[node_id], copy.deepcopy(node)) for node_id, node in workflow.items()]
    for _, one in nodes:
        one["inputs"] = {k: [ids[v[0]], v[1]] if is_link(v) else v for k, v in one["inputs"].items()}
    chance.shuffle(nodes)
    return dict(nodes), ids


@pytest.mark.parametrize("name", template_names())
def test_same_graph_with_other_ids_does_not_differ(name):
    graph = load_template(name).workflow
    other, ids = renumbered(graph)
    found = diff_workflows(graph, other)
    assert not found
    assert found.renumbered == ids


def test_titles_do_not_count():
    graph = plain()
    graph["40"]["_meta"] = {"title": "Painter"}
    found = diff_workflows(plain(), graph)
    assert not found
    assert found.renumbered == {}


@pytest.mark.parametrize("seed", range(5))
def test_twins_do_not_differ_from_their_shuffled_selves(seed):
    graph: Workflow = {}
    for number in range(4):
        graph |= {f"a{number}": node("A"), f"b{number}": node("B", x=[f"a{number}", 0])}
        graph |= {f"c{number}": node("C", x=[f"b{number}", 0])}
    assert not diff_workflows(graph, renumbered(graph, seed)[0])


def test_changed_values_are_told_by_node_and_input():
    after, ids = renumbered(plain())
    after[ids["42"]]["inputs"]["text"] = "an owl"
    after[ids["40"]]["inputs"]["steps"] = 30
    found = diff_workflows(plain(), after)
    assert (found.removed, found.added) == ((), ())
    assert [(change.before_id, change.after_id, change.class_type) for change in found.changed] == [
        ("42", ids["42"], "CLIPTextEncode"),
        ("40", ids["40"], "KSampler"),
    ]
    assert found.changed[0].inputs == (InputChange("text", ("a fox",), ("an owl",)),)
    assert found.changed[1].inputs[0].as_json() == {"input": "steps", "before": 20, "after": 30}


def test_inserted_node_is_added_and_its_neighbours_are_rewired():
    after, ids = renumbered(plain())
    insert_lora(after, "snow.safetensors", 0.5)
    found = diff_workflows(plain(), after)
    assert [after[node_id]["class_type"] for node_id in found.added] == ["LoraLoader"]
    assert found.removed == ()
    assert {change.before_id: [one.name for one in change.inputs] for change in found.changed} == {
        "43": ["clip"],
        "42": ["clip"],
        "40": ["model"],
    }
    assert found.renumbered == ids


def test_removed_nodes_are_told_by_their_old_ids():
    found = diff_workflows(two_passes(), plain())
    assert (set(found.removed), found.added) == ({"39", "50"}, ())


def test_input_that_only_one_side_has_is_empty_on_the_other():
    after = plain()
    after["46"]["inputs"]["extra"] = None
    del after["46"]["inputs"]["filename_prefix"]
    (change,) = diff_workflows(plain(), after).changed
    assert [one.as_json() for one in change.inputs] == [
        {"input": "filename_prefix", "before": "x"},
        {"input": "extra", "after": None},
    ]


def test_another_class_is_another_node():
    after = plain()
    after["44"]["class_type"] = "EmptySD3LatentImage"
    found = diff_workflows(plain(), after)
    assert (found.removed, found.added) == (("44",), ("44",))


def test_numbers_are_compared_as_nodes_read_them():
    whole = plain(cfg=8)
    assert not diff_workflows(plain(), whole)
    assert diff_workflows({"1": node("A", x=True)}, {"1": node("A", x=1)})


def test_links_to_nowhere_and_values_of_any_kind_are_compared():
    before = {"1": node("A", x=["9", 0], y={"deep": [1]}, z=[1, 2, 3])}
    assert not diff_workflows(before, copy.deepcopy(before))
    after = {"1": node("A", x=["8", 0], y={"deep": [2]}, z=[1, 2, 3])}
    assert [one.name for one in diff_workflows(before, after).changed[0].inputs] == ["x", "y"]


def test_many_nodes_that_look_alike_are_paired_without_trying_each():
    before = {str(number): node("A", v=number) for number in range(300)}
    after = {str(number): node("A", v=-number - 1) for number in range(300)}
    found = diff_workflows(before, after)
    assert (len(found.changed), found.renumbered) == (300, {})
