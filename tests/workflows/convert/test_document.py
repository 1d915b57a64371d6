import pytest

from comfy_gen.errors import NotUiWorkflowError
from comfy_gen.workflows.convert.document import Edge, Mode, read_document
from tests.workflows.convert.drawing import BYPASSED, MUTED, drawing, node, out, socket, subgraph


def read(ui):
    return read_document(ui, "a.json")


def only_node(**fields):
    ((only,)) = read(drawing({"id": 1, "type": "Save", **fields})).root.nodes.values()
    return only


def test_links_are_read_in_both_layouts():
    as_object = {"id": 2, "origin_id": "x", "origin_slot": 1, "target_id": 3, "target_slot": 0, "type": "IMAGE"}
    links = read(drawing(links=[[1, 4, 0, 5, 0, "IMAGE"], as_object, None])).root.links
    assert links == {"1": Edge("4", 0), "2": Edge("x", 1)}


@pytest.mark.parametrize("bad", [[], [1, 2], [1, None, 0, 3, 0, "*"], {"id": 1}, "x", 3])
def test_link_of_another_layout_is_refused(bad):
    with pytest.raises(NotUiWorkflowError, match="neither of the two layouts"):
        read(drawing(links=[bad]))


@pytest.mark.parametrize(("mode", "meaning"), [(2, Mode.MUTED), (4, Mode.BYPASSED), (0, Mode.ALWAYS), (3, Mode.ALWAYS)])
def test_mode_is_one_of_three(mode, meaning):
    assert only_node(mode=mode).mode is meaning


def test_modes_of_the_tests_are_those_of_the_editor():
    assert (Mode.MUTED, Mode.BYPASSED) == (MUTED, BYPASSED)


def test_node_of_little_is_filled_in():
    bare = only_node()
    assert (bare.inputs, bare.output_types, bare.values, bare.named, bare.title) == ((), (), (), None, "")


def test_values_are_a_list_or_an_object():
    assert only_node(widgets_values=[1, "a"]).values == (1, "a")
    assert only_node(widgets_values={"a": 1}).named == {"a": 1}


def test_names_are_those_of_the_list_and_values_of_the_list_are_newer():
    both = only_node(widgets_values=[5, "new"], widgets_values_named={"a": 5, "b": "old"})
    assert both.named == {"a": 5, "b": "new"}


def test_names_of_another_number_keep_their_own_values():
    assert only_node(widgets_values=[5], widgets_values_named={"a": 1, "b": 2}).named == {"a": 1, "b": 2}


def test_sockets_know_their_link_and_widget():
    wide = only_node(inputs=[socket("image", link=0), socket("by", "FLOAT", widget=True)], outputs=out("IMAGE"))
    assert wide.inputs[0].link == "0"
    assert wide.inputs[1].widget == "by"
    assert wide.socket("by") is wide.inputs[1]
    assert wide.socket("none") is None
    assert wide.output_types == ("IMAGE",)


def test_definitions_are_found_by_id():
    inner = node(7, "Save", socket("images", link=3))
    document = read(drawing(subgraphs=[subgraph("sub", inner, inputs={"image": [3]}, outputs=[[4]])]))
    graph = document.definitions["sub"]
    assert graph.name == "the sub"
    assert [(port.name, port.links) for port in graph.inputs] == [("image", ("3",))]
    assert [port.links for port in graph.outputs] == [("4",)]
    assert graph.targets["3"] == ("7", graph.nodes["7"].inputs[0])


def test_links_that_are_not_drawn_are_links_of_inputs_that_have_none():
    far = {"downstream": 3, "upstream": "4", "upstream_slot": 2}
    extra = {"ue_links": [{**far, "downstream_slot": 0}, {**far, "downstream_slot": 1}]}
    root = read(drawing(node(3, "Blend", socket("a", link=7), socket("b")), extra=extra)).root
    drawn, undrawn = root.nodes["3"].inputs
    assert drawn.link == "7"
    assert root.links[undrawn.link] == Edge("4", 2)


@pytest.mark.parametrize(
    ("ui", "words"),
    [
        ({"nodes": {}}, "the file: `nodes` is no list"),
        ({"nodes": [3]}, r"nodes\[0\] is no JSON object"),
        ({"nodes": [{"type": "Save"}]}, r"nodes\[0\]: it has no `id`"),
        ({"nodes": [{"id": 1}]}, r"nodes\[0\]: it has no type"),
        ({"nodes": [{"id": 1, "type": "A"}, {"id": "1", "type": "B"}]}, "another node has the id 1 too"),
        ({"nodes": [], "definitions": {"subgraphs": [{}]}}, r"subgraphs\[0\]: it has no `id`"),
        ({"links": []}, "the file: it has no `nodes`"),
    ],
)
def test_part_that_cannot_be_read_is_named(ui, words):
    with pytest.raises(NotUiWorkflowError, match=words):
        read(ui)
