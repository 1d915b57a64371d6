import pytest

from comfy_gen.workflows.slots import Slot, is_literal, origin
from tests.workflows.samples import node

NUMBERS = (int, float)


def test_slot_reads_what_stands_there():
    assert Slot("1", "seed").value({"1": node("KSampler", seed=3)}) == 3


@pytest.mark.parametrize("graph", [{}, {"1": {"class_type": "KSampler"}}, {"1": node("KSampler")}])
def test_slot_reads_none_where_there_is_nothing(graph):
    assert Slot("1", "seed").value(graph) is None


def test_slot_writes_over_a_link():
    graph = {"1": node("KSampler", seed=["2", 0])}
    Slot("1", "seed").put(graph, 5)
    assert graph["1"]["inputs"]["seed"] == 5


def test_origin_is_the_slot_itself_when_a_value_stands_there():
    assert origin({"1": node("KSampler", seed=3)}, Slot("1", "seed"), NUMBERS) == Slot("1", "seed")


@pytest.mark.parametrize(
    ("source", "name", "kinds"),
    [
        (node("PrimitiveInt", value=3), "value", NUMBERS),
        (node("Seed", seed=3, control_after_generate="fixed"), "seed", NUMBERS),
        (node("SizeChooser", width=3), "width", NUMBERS),
        (node("PrimitiveString", value="a fox"), "value", (str,)),
        (node("PrimitiveStringMultiline", value="a fox"), "value", (str,)),
    ],
)
def test_origin_is_in_the_primitive_node(source, name, kinds):
    graph = {"1": node("Any", width=["2", 0]), "2": source}
    assert origin(graph, Slot("1", "width"), kinds) == Slot("2", name)


def test_origin_is_found_behind_reroutes():
    graph = {"1": node("CLIPTextEncode", text=["2", 0]), "2": {"class_type": "Reroute", "inputs": {"": ["3", 0]}}}
    graph["3"] = node("PrimitiveString", value="a fox")
    assert origin(graph, Slot("1", "text"), (str,)) == Slot("3", "value")


@pytest.mark.parametrize(
    "source",
    [
        node("StringConcatenate", string_a="a", string_b="b", delimiter=", "),
        node("TextReplace", text="a fox", find="fox", replace="owl"),
        node("StringConcatenate", string_a=["3", 0], string_b="b", delimiter=", "),
        node("StringTrim", string=["3", 0], mode="Both"),
        node("PrimitiveInt", value=3),
        node("LoadImage", image="x.png"),
        node("GetImageSize", image=["3", 0]),
        node("Reroute", value=["1", 0]),
    ],
)
def test_origin_is_the_slot_itself_when_a_computation_feeds_it(source):
    graph = {"1": node("CLIPTextEncode", text=["2", 0]), "2": source, "3": node("Two", text="a", value="b")}
    assert origin(graph, Slot("1", "text"), (str,)) == Slot("1", "text")


def test_origin_ends_on_a_circle_of_reroutes():
    graph = {"1": node("X", text=["2", 0]), "2": node("Reroute", value=["3", 0]), "3": node("Reroute", value=["2", 0])}
    assert origin(graph, Slot("1", "text"), (str,)) == Slot("1", "text")


def test_origin_is_the_slot_itself_when_the_source_is_missing():
    assert origin({"1": node("X", text=["2", 0])}, Slot("1", "text"), (str,)) == Slot("1", "text")


def test_true_is_no_number():
    assert not is_literal(True, NUMBERS)
    assert is_literal(True, (bool,))
    assert is_literal(1, NUMBERS)
