import pytest

from tests.workflows.convert.drawing import converted, drawing, node, socket, told

A, B = socket("a", "INT", widget=True), socket("b", "STRING", widget=True)


def stranger(*sockets, values=(), **more):
    conversion = converted(drawing(node(1, "Stranger", *sockets, values=values, **more)))
    return conversion.workflow["1"]["inputs"], [kind for kind, _ in told(conversion) if kind != "missing_class"]


def test_names_in_the_file_are_enough():
    named = {"a": 1, "upload": "image", "seed": 4, "control_after_generate": "fixed", "fixed": "fixed", "none": None}
    assert stranger(values=(), widgets_values_named=named) == ({"a": 1, "seed": 4}, [])


def test_names_of_sockets_are_enough_when_there_is_a_value_for_each():
    assert stranger(A, B, values=(1, "x")) == ({"a": 1, "b": "x"}, [])


def test_value_of_a_control_and_below_all_is_passed_over():
    assert stranger(A, B, values=(1, "randomize", "x", "image", None)) == ({"a": 1, "b": "x"}, [])


@pytest.mark.parametrize("values", [(1,), (1, "x", "y")])
def test_values_are_left_out_when_they_are_not_as_many_as_the_names(values):
    assert stranger(A, B, values=values) == ({}, ["unnamed_values"])


def test_values_without_any_name_are_left_out():
    assert stranger(values=(1,)) == ({}, ["unnamed_values"])


def test_node_without_values_has_nothing_to_tell():
    assert stranger(A) == ({}, [])
