"""Subgraphs as newer and older editors save them; all of it is ComfyUI behaviour, but where a name says otherwise."""

import pytest

from comfy_gen.errors import NotUiWorkflowError
from tests.workflows.convert.drawing import (
    BYPASSED,
    MUTED,
    converted,
    drawing,
    inputs_of,
    link,
    node,
    out,
    socket,
    subgraph,
    told,
)

PICTURE = node(1, "Picture", values=(64,), outputs=out("IMAGE"))
SAVE = node(9, "Save", socket("images", link=9), values=("x",))
SCALE = node(
    8, "Scale", socket("image", link=1), socket("by", "FLOAT", 2, widget=True), values=(2.0,), outputs=out("IMAGE")
)
SUB = subgraph(
    "sub",
    SCALE,
    links=[(1, -10, 0, 8, 0), (2, -10, 1, 8, 1), (3, 8, 0, -20, 0)],
    inputs={"image": [1], "by": [2]},
    outputs=[[3]],
)
LINKS = [link(5, 1), link(9, 57)]


def host(*, values=(), by_link=None, kind="sub", **more):
    sockets = (socket("image", link=5), socket("by", "FLOAT", by_link, widget=True))
    return node(57, kind, *sockets, values=values, outputs=out("IMAGE"), **more)


def around(a_host, *subgraphs, nodes=(), links=()):
    return drawing(PICTURE, a_host, SAVE, *nodes, links=[*LINKS, *links], subgraphs=subgraphs or (SUB,))


def test_nodes_inside_are_linked_with_those_outside():
    workflow = converted(around(host())).workflow
    assert list(workflow) == ["1", "9", "57:8"]
    assert workflow["57:8"]["inputs"] == {"image": ["1", 0], "by": 2.0}
    assert workflow["9"]["inputs"]["images"] == ["57:8", 0]


@pytest.mark.parametrize("more", [{"values": (3.0,)}, {"values": {"by": 3.0, "none": None}}])
def test_value_of_the_node_goes_before_the_one_inside(more):
    assert inputs_of(around(host(**more)), "57:8")["by"] == 3.0


@pytest.mark.parametrize("values", [(3.0, 4.0), (None,)])
def test_values_that_are_no_match_leave_those_inside(values):
    assert inputs_of(around(host(values=values)), "57:8")["by"] == 2.0


def test_link_goes_before_the_value_of_the_node():
    ui = around(host(values=(3.0,), by_link=6), nodes=[node(2, "PrimitiveNode", values=(5.0,))], links=[link(6, 2)])
    assert inputs_of(ui, "57:8")["by"] == 5.0


def test_one_definition_serves_two_nodes_with_values_of_their_own():
    second = {**host(values=(4.0,)), "id": 58}
    ui = around(host(values=(3.0,)), nodes=[second])
    workflow = converted(ui).workflow
    assert [workflow[node_id]["inputs"]["by"] for node_id in ("57:8", "58:8")] == [3.0, 4.0]


@pytest.mark.parametrize("entry", [["8", "by"], [8, "by"]])
def test_shown_widgets_have_the_values_of_the_node_in_their_order(entry):
    shown = {"proxyWidgets": [["8", "control_after_generate"], entry, "odd"]}
    assert inputs_of(around(host(values=(None, 3.0, 1), properties=shown)), "57:8")["by"] == 3.0


def test_shown_widget_of_the_node_itself_is_that_of_its_input():
    shown = {"proxyWidgets": [["-1", "by"]]}
    assert inputs_of(around(host(values=(3.0,), properties=shown)), "57:8")["by"] == 3.0


def test_shown_widgets_without_values_leave_those_inside():
    shown = {"proxyWidgets": [["8", "by"], ["8", "other"]]}
    assert inputs_of(around(host(values=(3.0,), properties=shown)), "57:8")["by"] == 2.0


def test_shown_widget_that_is_not_linked_gets_its_value():
    lone = subgraph(
        "sub", node(8, "Picture", values=(64,), outputs=out("IMAGE")), links=[(3, 8, 0, -20, 0)], outputs=[[3]]
    )
    ui = around(host(values=(99, "fixed"), properties={"proxyWidgets": [["8", "size"], ["8", "gone"]]}), lone)
    assert inputs_of(ui, "57:8") == {"size": 99}


def test_shown_widget_of_a_class_that_the_engine_lacks_gets_its_value():
    lone = subgraph("sub", node(8, "Stranger"))
    shown = {"proxyWidgets": [["8", "size"], ["8", "control_after_generate"]]}
    assert inputs_of(around(host(values=(99, "fixed"), properties=shown), lone), "57:8") == {"size": 99}


def nested(**inner_host):
    """A subgraph whose one node stands for the other."""
    sockets = (socket("image", link=1), socket("by", "FLOAT", 2, widget=True))
    inner = node(4, "sub", *sockets, outputs=out("IMAGE"), **inner_host)
    links = [(1, -10, 0, 4, 0), (2, -10, 1, 4, 1), (3, 4, 0, -20, 0)]
    return subgraph("outer", inner, links=links, inputs={"image": [1], "factor": [2]}, outputs=[[3]])


def outer_host(values=()):
    sockets = (socket("image", link=5), socket("factor", "FLOAT", widget=True))
    return node(57, "outer", *sockets, values=values, outputs=out("IMAGE"))


@pytest.mark.parametrize(
    ("outer", "inner", "by"), [((5.0,), (3.0,), 5.0), ((), (3.0,), 3.0), ((), (), 2.0), ((5.0,), (), 5.0)]
)
def test_of_nested_subgraphs_the_outermost_value_counts(outer, inner, by):
    ui = around(outer_host(outer), SUB, nested(values=inner))
    workflow = converted(ui).workflow
    assert workflow["57:4:8"]["inputs"] == {"image": ["1", 0], "by": by}
    assert workflow["9"]["inputs"]["images"] == ["57:4:8", 0]


def test_value_of_one_input_reaches_all_that_it_leads_to():
    twin = {**SCALE, "id": 7, "inputs": [socket("by", "FLOAT", 4, widget=True)], "widgets_values": [9.0]}
    both = subgraph("sub", SCALE, twin, links=[(2, -10, 0, 8, 1), (4, -10, 0, 7, 0)], inputs={"by": [99, 2, 4]})
    workflow = converted(around(host(), both)).workflow
    assert [workflow[node_id]["inputs"]["by"] for node_id in ("57:7", "57:8")] == [2.0, 2.0]


def test_subgraph_may_be_a_wire():
    wire = subgraph("sub", links=[(3, -10, 0, -20, 0)], inputs={"image": [3]}, outputs=[[3]])
    assert inputs_of(around(host(), wire), "9")["images"] == ["1", 0]


def test_get_node_inside_gets_what_was_set_outside():
    inner = {**SCALE, "inputs": [socket("image", link=1)]}
    sub = subgraph("sub", inner, node(3, "GetNode", values=("pic",)), links=[(1, 3, 0, 8, 0)])
    setter = node(2, "SetNode", socket("IMAGE", link=6), values=("pic",))
    assert inputs_of(around(host(), sub, nodes=[setter], links=[link(6, 1)]), "57:8")["image"] == ["1", 0]


def test_link_that_is_not_drawn_reaches_into_a_subgraph():
    a_host = {**host(), "inputs": [socket("image")]}
    extra = {"ue_links": [{"downstream": 57, "downstream_slot": 0, "upstream": 1, "upstream_slot": 0}]}
    assert inputs_of({**around(a_host), "extra": extra}, "57:8")["image"] == ["1", 0]


def test_bypassed_subgraph_hands_on_its_input():
    conversion = converted(around(host(mode=BYPASSED)))
    assert list(conversion.workflow) == ["1", "9"]
    assert conversion.workflow["9"]["inputs"]["images"] == ["1", 0]


def test_muted_subgraph_feeds_nothing():
    conversion = converted(around(host(mode=MUTED)))
    assert list(conversion.workflow) == ["1", "9"]
    assert told(conversion) == [("inactive_source", "9"), ("left_out", "57")]


def test_input_that_is_open_inside_and_outside_stays_open():
    unlinked = {**host(), "inputs": [socket("by", "FLOAT", widget=True)]}
    conversion = converted(around(unlinked))
    assert conversion.workflow["57:8"]["inputs"] == {"by": 2.0}
    assert told(conversion) == []


@pytest.mark.parametrize("outputs", [[], [[]], [[77]]])
def test_output_that_nothing_feeds_is_told(outputs):
    conversion = converted(around(host(), subgraph("sub", SCALE, outputs=outputs)))
    assert ("broken_link", "9") in told(conversion)


def test_input_that_the_definition_does_not_have_is_told():
    sub = subgraph("sub", SCALE, links=[(1, -10, 4, 8, 0), (2, -10, -1, 8, 1)], inputs={"image": [1]})
    conversion = converted(around(host(), sub))
    broken = [problem.claim for problem in conversion.problems if problem.node_id == "57:8"]
    assert broken == [
        "image is not connected: its link comes from input 4 of a subgraph that has none of that number",
        "by is not connected: its link comes from input -1 of a subgraph that has none of that number",
    ]


def test_subgraph_in_itself_is_refused():
    circle = subgraph("sub", node(8, "sub"))
    with pytest.raises(NotUiWorkflowError, match="the subgraph 'the sub' contains itself"):
        converted(around(host(), circle))


def test_subgraphs_that_multiply_beyond_measure_are_refused():
    levels = [subgraph(f"s{n}", *(node(i, f"s{n + 1}") for i in range(20))) for n in range(12)]
    with pytest.raises(NotUiWorkflowError, match="unfold to more than 100000 nodes"):
        converted(around(host(kind="s0"), *levels))
