import pytest

from comfy_gen.workflows.convert.widgets import Widget, declared_widgets


def names(declaration, grown=()):
    return [widget.name for widget in declared_widgets(declaration, grown)]


def test_widgets_are_the_inputs_of_plain_types():
    required = {"model": ["MODEL"], "seed": ["INT", {}], "pick": [["a", "b"]], "anything": ["*", {}]}
    assert names({"input": {"required": required, "optional": {"text": ["STRING"]}}}) == ["seed", "pick", "text"]


def test_order_is_as_the_class_says_and_then_as_it_comes():
    inputs = {"a": ["INT"], "b": ["INT"], "c": ["INT"]}
    assert names({"input": {"required": inputs}, "input_order": {"required": ["c", "gone", "a"]}}) == ["c", "a", "b"]


def test_class_without_inputs_has_no_widgets():
    assert names({}) == names({"input": {"required": None}}) == []


def test_input_of_several_types_may_have_the_widget_of_one():
    assert names({"input": {"required": {"n": ["INT,FLOAT", {"widgetType": "FLOAT"}]}}}) == ["n"]


def test_inputs_that_grow_have_the_names_that_the_node_has():
    template = {"input": {"required": {"text": ["STRING", {}]}}, "prefix": "text", "min": 1}
    declaration = {"input": {"required": {"texts": ["COMFY_AUTOGROW_V3", {"template": template}], "n": ["INT"]}}}
    assert names(declaration, ["texts.text0", "other", "texts.text1"]) == ["texts.text0", "texts.text1", "n"]


@pytest.mark.parametrize("options", [{}, {"template": {"input": {"required": {"image": ["IMAGE"]}}}}])
def test_inputs_that_grow_without_a_widget_are_sockets(options):
    assert names({"input": {"required": {"images": ["COMFY_AUTOGROW_V3", options]}}}, ["images.image0"]) == []


@pytest.mark.parametrize(
    ("widget", "initial"),
    [
        (Widget("a", "INT", {"default": 7}), 7),
        (Widget("a", "INT", {}), 0),
        (Widget("a", "STRING", {}), ""),
        (Widget("a", ["x", "y"], {}), "x"),
        (Widget("a", [], {}), None),
        (Widget("a", "COMBO", {"options": ["x", "y"]}), "x"),
        (Widget("a", "COMBO", {"options": ["x"], "multiselect": True}), None),
        (Widget("a", "COMBO", {"remote": {}}), None),
        (Widget("a", "COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "k"}]}), "k"),
    ],
)
def test_new_widget_has_a_value(widget, initial):
    assert widget.initial == initial


@pytest.mark.parametrize(
    ("widget", "is_controlled"),
    [
        (Widget("seed", "INT", {}), True),
        (Widget("model.noise_seed", "INT", {}), True),
        (Widget("seed", "INT", {"control_after_generate": False}), False),
        (Widget("n", "INT", {"control_after_generate": "fixed"}), True),
        (Widget("seed", "FLOAT", {}), False),
        (Widget("n", "INT", {}), False),
    ],
)
def test_seed_has_a_control(widget, is_controlled):
    assert widget.is_controlled is is_controlled


@pytest.mark.parametrize(("kind", "claim"), [("WEBCAM", True), ("INT", False), (["WEBCAM"], False)])
def test_camera_is_made_in_a_browser(kind, claim):
    assert Widget("a", kind, {}).is_made_in_browser is claim


def test_choice_brings_its_widgets():
    choices = [{"key": "a", "inputs": {"required": {"n": ["INT"]}}}, {"key": "b", "inputs": None}]
    widget = Widget("mode", "COMFY_DYNAMICCOMBO_V3", {"options": choices})
    assert [one.name for one in widget.following("a")] == ["mode.n"]
    assert list(widget.following("b")) == list(widget.following("c")) == []
    assert list(Widget("mode", "INT", {}).following("a")) == []
