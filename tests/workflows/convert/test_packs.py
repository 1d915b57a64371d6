from tests.workflows.convert.drawing import converted, drawing, inputs_of, node, told

ON = {"on": True, "lora": "a.safetensors", "strength": 1}
OFF = {"on": False, "lora": "b.safetensors", "strength": 0.5}
CLASS = {"Power Lora Loader (rgthree)": {"input": {"required": {}, "optional": {"model": ["MODEL"]}}}}


def test_power_loader_keeps_its_rows():
    values = ({}, {"type": "PowerLoraLoaderHeaderWidget"}, ON, OFF, {}, "")
    ui = drawing(node(1, "Power Lora Loader (rgthree)", values=values))
    assert inputs_of(ui, "1", CLASS) == {"lora_1": ON, "lora_2": OFF}
    assert told(converted(ui, CLASS)) == []


def test_power_loader_keeps_rows_that_have_names():
    ui = drawing(node(1, "Power Lora Loader (rgthree)", values={"lora_7": OFF, "header": {}}))
    assert inputs_of(ui, "1", CLASS) == {"lora_1": OFF}
