import pytest

from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.checks.structure import check_structure, circles
from tests.workflows.samples import custom, experts, inpainting, node, plain


@pytest.mark.parametrize("name", template_names())
def test_shipped_templates_are_sound(name):
    assert check_structure(load_template(name).workflow) == []


def test_usual_graphs_are_sound():
    assert [check_structure(graph) for graph in (plain(), custom(), experts(), inpainting())] == [[]] * 4


def test_everything_wrong_is_told_at_once():
    problems = check_structure(
        {
            "1": node("A", x=["9", 0], y=["2", -1], z=[1, 2, 3]),
            "2": {"inputs": {"w": ["1", 0]}},
            "3": {"class_type": "B", "inputs": None},
            "4": 5,
            "5": {"class_type": "", "inputs": {}},
        }
    )
    assert [str(problem) for problem in problems] == [
        "node 1 (A): x is linked to node '9', which is not in the workflow",
        "node 1 (A): y is linked to output -1 of node 2, but outputs count from 0",
        "node 1 (A): z is [1, 2, 3], but a list must be a link [node id, output slot]",
        "node 2: it has no class_type",
        "node 3 (B): it has no inputs",
        "node 4: it is 5, not an object with class_type and inputs",
        "node 5: it has no class_type",
        "nodes feed each other in a circle: 1 (A) → 2 (no class) → 1 (A)",
    ]
    assert problems[0].input_name == "x"


def test_every_circle_is_found():
    graph = {
        "1": node("A", x=["2", 0]),
        "2": node("A", x=["1", 0]),
        "3": node("A", x=["3", 0]),
        "4": node("A", x=["1", 0]),
    }
    assert sorted(sorted(set(circle)) for circle in circles(graph)) == [["1", "2"], ["3"]]
    assert list(circles(plain())) == []
