import copy
import json

import pytest

from comfy_gen.errors import NotUiWorkflowError, WorkflowFormatError
from comfy_gen.workflows.convert import Kind, convert
from tests.workflows.convert.drawing import (
    BYPASSED,
    MUTED,
    OBJECT_INFO,
    converted,
    drawing,
    link,
    node,
    out,
    socket,
    told,
)

PICTURE = node(2, "Picture", values=(128,), outputs=out("IMAGE"))
SAVE = node(10, "Save", socket("images", link=1), values=("x",), title="Keep it")


def test_graph_has_inputs_class_and_title_as_the_editor_exports_them():
    assert converted(drawing(SAVE, PICTURE, links=[link(1, 2)])).workflow == {
        "2": {"class_type": "Picture", "inputs": {"size": 128}, "_meta": {"title": "Picture"}},
        "10": {
            "class_type": "Save",
            "inputs": {"filename_prefix": "x", "images": ["2", 0]},
            "_meta": {"title": "Keep it"},
        },
    }


def test_nodes_are_in_the_order_in_which_javascript_lists_them():
    nodes = [node(node_id, "Picture") for node_id in (10, "b", 9, "a")]
    assert list(converted(drawing(*nodes)).workflow) == ["9", "10", "b", "a"]


def test_title_is_what_the_class_calls_itself():
    assert converted(drawing(node(1, "Loader"))).workflow["1"]["_meta"] == {"title": "Load It"}


def test_drawing_stays_as_it_was():
    info = {"Wheel": {"input": {"required": {"color": ["COLOR"]}}}}
    ui = drawing(node(1, "Wheel", values=([1, [2]],)))
    before = copy.deepcopy(ui)
    conversion = converted(ui, info)
    conversion.workflow["1"]["inputs"]["color"]["__value__"][1].append(3)
    assert ui == before


def test_notes_and_groups_are_dropped_without_a_word():
    ui = drawing(PICTURE, node(3, "Note", values=("hi",)), node(4, "MarkdownNote"), groups=[{"title": "all"}])
    conversion = converted(ui)
    assert list(conversion.workflow) == ["2"]
    assert told(conversion) == []


@pytest.mark.parametrize(("mode", "word"), [(MUTED, "muted"), (BYPASSED, "bypassed")])
def test_inactive_node_is_left_out_and_noted(mode, word):
    conversion = converted(drawing(PICTURE, node(3, "Scale", mode=mode)))
    assert list(conversion.workflow) == ["2"]
    assert [str(note) for note in conversion.notes] == [f"node 3 (Scale): it is {word} and not in the graph"]


def test_class_that_the_engine_lacks_is_named_with_the_nearest_that_it_has():
    conversion = converted(drawing(node(5, "SaveIt")))
    (problem,) = conversion.problems
    assert problem.kind is Kind.MISSING_CLASS
    assert str(problem) == "node 5 (SaveIt): the engine has no node class of this name; nearest: Save"
    assert conversion.workflow["5"]["class_type"] == "SaveIt"


def test_name_like_no_other_is_compared_with_all():
    (problem,) = converted(drawing(node(5, "sampler"))).problems
    assert problem.nearest[0] == "Sampler"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("d7163dfc-b5dc-40f6-be07-3f08c4d14ba9", "a subgraph that the file does not define"),
        ("workflow>mine", "a group node of an old editor"),
    ],
)
def test_node_that_is_no_class_at_all_is_told_apart(kind, words):
    (problem,) = converted(drawing(node(5, kind))).problems
    assert words in problem.claim
    assert not problem.nearest


def test_drawing_of_notes_alone_has_nothing_to_run():
    conversion = converted(drawing(node(1, "Note"), node(2, "Save", mode=MUTED)))
    assert conversion.workflow == {}
    assert [problem.kind for problem in conversion.problems] == [Kind.NOTHING_TO_RUN]
    assert str(conversion.problems[0]).startswith("there is nothing to run")


@pytest.mark.parametrize("data", [None, [], "x", 3, {}, {"3": {"class_type": "Save", "inputs": {}}}])
def test_other_json_is_refused(data):
    with pytest.raises(NotUiWorkflowError, match=r"^a\.json is not a workflow in UI format: "):
        convert(data, OBJECT_INFO, source="a.json")


def test_value_that_is_nested_too_deeply_is_refused():
    deep = json.loads("[" * 150 + "]" * 150)
    info = {"Wheel": {"input": {"required": {"color": ["COLOR"]}}}}
    with pytest.raises(WorkflowFormatError, match="nested too deeply"):
        convert(drawing(node(1, "Wheel", values=(deep,))), info)


def test_value_that_python_cannot_copy_is_refused():
    deep = []
    for _ in range(2000):
        deep = [deep]
    info = {"Wheel": {"input": {"required": {"color": ["COLOR"]}}}}
    with pytest.raises(NotUiWorkflowError, match="nested too deeply"):
        convert(drawing(node(1, "Wheel", values=(deep,))), info)
