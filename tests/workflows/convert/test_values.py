import pytest

from tests.workflows.convert.drawing import converted, drawing, inputs_of, node, told

SAMPLER = {"seed": 5, "steps": 9, "denoise": 0.5}


def test_values_in_order_get_their_names_from_the_class():
    assert inputs_of(drawing(node(1, "Sampler", values=(5, "fixed", 9, 0.5))), "1") == SAMPLER


@pytest.mark.parametrize("values", [dict(SAMPLER), ()])
def test_values_by_name_need_no_order(values):
    assert inputs_of(drawing(node(1, "Sampler", values=values, widgets_values_named=SAMPLER)), "1") == SAMPLER


def test_names_go_before_the_order_of_a_class_that_has_changed():
    named = {"denoise": 0.5, "removed": 3, "seed": 5, "steps": 9}
    ui = drawing(node(1, "Sampler", values=(0.5, 3, 5, 9), widgets_values_named=named))
    assert inputs_of(ui, "1") == SAMPLER
    assert [str(note) for note in converted(ui).notes] == [
        "node 1 (Sampler): the engine's class has no input for some of its values: removed = 3"
    ]


def test_names_that_are_fewer_than_the_values_are_stale():
    ui = drawing(node(1, "Sampler", values=(5, "fixed", 9, 0.5), widgets_values_named={"seed": 1}))
    assert inputs_of(ui, "1") == SAMPLER


def test_class_that_is_declared_as_nothing_is_a_stranger():
    conversion = converted(drawing(node(1, "Odd", values=(1,))), {"Odd": None})
    assert told(conversion) == [("unnamed_values", "1")]
    assert conversion.workflow["1"]["_meta"]["title"] == "Odd"
