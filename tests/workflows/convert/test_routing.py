"""What is between a node and the one that feeds it; all of it is ComfyUI behaviour, but where a name says otherwise."""

import pytest

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
    told,
)

PICTURE = node(1, "Picture", values=(64,), outputs=out("IMAGE"))


def save(link_id=9, kind="IMAGE"):
    return node(9, "Save", socket("images", kind, link_id), values=("x",))


def fed(*nodes, links, **more):
    """What the saving node gets, beside the name that it has itself."""
    inputs = inputs_of(drawing(save(), *nodes, links=links, **more), "9")
    assert inputs.pop("filename_prefix") == "x"
    return inputs


@pytest.mark.parametrize("kind", ["Reroute", "Reroute (rgthree)"])
def test_reroutes_are_wires(kind):
    first = node(2, kind, socket("", "*", 1))
    second = node(3, kind, socket("", "*", 2))
    assert fed(PICTURE, first, second, links=[link(1, 1), link(2, 2), link(9, 3)]) == {"images": ["1", 0]}


def test_reroute_without_an_input_is_nothing():
    assert fed(node(2, "Reroute"), links=[link(9, 2)]) == {}


def test_bypassed_node_hands_on_its_first_input_of_the_type():
    mixed = node(
        2, "Blend", socket("mask", "MASK", 3), socket("image1", link=4), socket("image2"), mode=BYPASSED,
        outputs=out("IMAGE"),
    )  # fmt: skip
    links = [link(3, 1, 5), link(4, 1), link(9, 2)]
    assert fed(PICTURE, mixed, links=links) == {"images": ["1", 0]}


def test_bypassed_node_prefers_the_input_of_the_same_number():
    two = node(2, "Both", socket("a", link=3), socket("b", link=4), mode=BYPASSED, outputs=out("IMAGE", "IMAGE"))
    assert fed(PICTURE, two, links=[link(3, 1, 0), link(4, 1, 7), link(9, 2, 1)]) == {"images": ["1", 7]}


def test_bypassed_node_hands_on_one_of_several_types_if_need_be():
    loose = node(2, "Loose", socket("a", "MASK"), socket("b", "IMAGE,LATENT", 3), mode=BYPASSED, outputs=out("IMAGE"))
    assert fed(PICTURE, loose, links=[link(3, 1), link(9, 2)]) == {"images": ["1", 0]}


def test_bypassed_node_feeds_an_input_that_takes_anything_by_its_own_type():
    scale = node(2, "Scale", socket("mask", "MASK"), socket("image", link=3), mode=BYPASSED, outputs=out("IMAGE"))
    ui = drawing(save(kind="*"), PICTURE, scale, links=[link(3, 1), link(9, 2)])
    assert inputs_of(ui, "9")["images"] == ["1", 0]


@pytest.mark.parametrize("slot", [0, 3, -3])
def test_bypassed_node_of_no_type_hands_on_its_first_input(slot):
    anything = node(2, "Any", socket("a", "*", 3), socket("b", "MASK"), mode=BYPASSED, outputs=out("*"))
    ui = drawing(save(kind="*"), PICTURE, anything, links=[link(3, 1), link(9, 2, slot)])
    assert inputs_of(ui, "9")["images"] == ["1", 0]


def test_bypassed_node_without_a_fitting_input_feeds_nothing():
    loader = node(2, "Scale", socket("by", "FLOAT"), mode=BYPASSED, outputs=out("IMAGE"))
    assert fed(loader, links=[link(9, 2)]) == {}


def test_input_of_a_muted_node_gets_nothing_not_even_its_own_value():
    text = node(2, "Picture", mode=MUTED, outputs=out("STRING"))
    named = node(9, "Save", socket("filename_prefix", "STRING", 3, widget=True), values=("x",))
    conversion = converted(drawing(named, text, links=[link(3, 2)]))
    assert conversion.workflow["9"]["inputs"] == {}
    assert told(conversion) == [("inactive_source", "9"), ("left_out", "2")]
    assert str(conversion.problems[0]) == ("node 9 (Save): filename_prefix gets nothing: node 2 (Picture) is muted")


def test_input_of_a_bypassed_node_without_a_way_through_keeps_its_value():
    text = node(2, "Picture", mode=BYPASSED, outputs=out("STRING"))
    named = node(9, "Save", socket("filename_prefix", "STRING", 3, widget=True), values=("x",))
    assert inputs_of(drawing(named, text, links=[link(3, 2)]), "9") == {"filename_prefix": "x"}


def test_link_goes_before_the_value_of_a_converted_widget():
    named = node(9, "Save", socket("filename_prefix", "STRING", 3, widget=True), values=("x",))
    assert inputs_of(drawing(named, PICTURE, links=[link(3, 1)]), "9") == {"filename_prefix": ["1", 0]}


@pytest.mark.parametrize("more", [{"values": ("y", "fixed")}, {"widgets_values_named": {"value": "y"}}])
def test_primitive_node_gives_its_value(more):
    primitive = node(2, "PrimitiveNode", **more)
    named = node(9, "Save", socket("filename_prefix", "STRING", 3, widget=True), values=("x",))
    assert inputs_of(drawing(named, primitive, links=[link(3, 2)]), "9") == {"filename_prefix": "y"}


def test_primitive_node_gives_its_value_through_reroutes():
    ui = drawing(save(), node(2, "PrimitiveNode", values=(4,)), node(3, "Reroute", socket("", "*", 1)))
    ui["links"] = [link(1, 2), link(9, 3)]
    assert inputs_of(ui, "9")["images"] == 4


def test_primitive_node_without_a_value_gives_nothing():
    assert fed(node(2, "PrimitiveNode"), links=[link(9, 2)]) == {}


@pytest.mark.parametrize(("setter", "getter"), [("SetNode", "GetNode"), ("easy setNode", "easy getNode")])
def test_get_node_gets_what_was_set_under_its_name(setter, getter):
    other = node(2, setter, socket("IMAGE"), values=("other",))
    mine = node(3, setter, socket("IMAGE", link=1), values=("mine",))
    get = node(4, getter, values=("mine",))
    assert fed(PICTURE, other, mine, get, links=[link(1, 1), link(9, 4)]) == {"images": ["1", 0]}


def test_set_node_is_a_wire_too():
    mine = node(3, "SetNode", socket("IMAGE", link=1), values=("mine",))
    assert fed(PICTURE, mine, links=[link(1, 1), link(9, 3)]) == {"images": ["1", 0]}


def test_get_node_knows_its_name_from_an_object_too():
    mine = node(3, "SetNode", socket("IMAGE", link=1), values={"name": "mine"})
    assert fed(PICTURE, mine, node(4, "GetNode", values=("mine",)), links=[link(1, 1), link(9, 4)]) == {
        "images": ["1", 0]
    }


def test_name_that_nobody_sets_is_told():
    conversion = converted(drawing(save(), node(4, "GetNode", values=("mine",)), links=[link(9, 4)]))
    assert told(conversion) == [("missing_setter", "9")]
    assert conversion.problems[0].claim == "images is not connected: it asks for 'mine', which no Set node gives"


def test_other_nodes_of_the_editor_feed_nothing():
    assert fed(node(2, "Note"), links=[link(9, 2)]) == {}


def test_link_that_is_not_drawn_feeds_an_open_input():
    extra = {"ue_links": [{"downstream": 9, "downstream_slot": 0, "upstream": 1, "upstream_slot": 0}]}
    ui = drawing(save(None), PICTURE, node(5, "Anything Everywhere", socket("anything", "*", 3)), extra=extra)
    conversion = converted({**ui, "links": [link(3, 1)]})
    assert conversion.workflow["9"]["inputs"]["images"] == ["1", 0]
    assert list(conversion.workflow) == ["1", "9"]


def test_circle_of_reroutes_is_told():
    nodes = [node(2, "Reroute", socket("", "*", 1)), node(3, "Reroute", socket("", "*", 2))]
    conversion = converted(drawing(save(), *nodes, links=[link(1, 3), link(2, 2), link(9, 3)]))
    assert [problem.claim for problem in conversion.problems] == ["images is not connected: it leads in a circle"]


@pytest.mark.parametrize(
    ("links", "words"),
    [([], "it has the link 9, which is not in the file"), ([link(9, 7)], "its link comes from node 7, which is not")],
)
def test_link_to_nothing_is_told(links, words):
    conversion = converted(drawing(save(), links=links))
    assert told(conversion) == [("broken_link", "9")]
    assert words in conversion.problems[0].claim
