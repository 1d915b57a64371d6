from __future__ import annotations

import json

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from comfy_gen.errors import MetadataNotFoundError, WorkflowIsUiFormatError
from comfy_gen.pipeline.sources import read_converted, read_editor, read_graph
from comfy_gen.workflows.catalogue import load_template

UI = {
    "nodes": [
        {
            "id": 1,
            "type": "EmptyImage",
            "mode": 0,
            "outputs": [{"links": [1], "type": "IMAGE"}],
            "widgets_values": [8, 8, 1, 0],
        },
        {
            "id": 2,
            "type": "SaveImage",
            "mode": 0,
            "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
            "widgets_values": ["x"],
        },
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
}


class Asked:
    """An engine's declarations, and how often they were asked for."""

    def __init__(self, object_info):
        self.object_info, self.times = object_info, 0

    async def __call__(self):
        self.times += 1
        return self.object_info


@pytest.fixture
def asked(object_info):
    return Asked(object_info)


def saved(path, **texts):
    info = PngInfo()
    for name, value in texts.items():
        info.add_text(name, json.dumps(value))
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    return str(path)


async def test_graph_in_api_format_needs_no_engine(tmp_path, asked):
    graph = load_template("sd15").workflow
    for file in ("sd15", saved(tmp_path / "a.png", prompt=graph, workflow=UI)):
        assert (await read_converted(file, asked)).workflow == graph
        assert read_graph(file) == graph
    assert asked.times == 0


async def test_what_the_editor_saved_is_converted(tmp_path, asked):
    (tmp_path / "ui.json").write_text(json.dumps(UI))
    for file in (str(tmp_path / "ui.json"), saved(tmp_path / "a.png", workflow=UI)):
        workflow = (await read_converted(file, asked)).workflow
        assert workflow["1"]["inputs"] == {"width": 8, "height": 8, "batch_size": 1, "color": 0}
        assert workflow["2"]["inputs"]["images"] == ["1", 0]
        with pytest.raises(WorkflowIsUiFormatError):
            read_graph(file)


def test_what_the_editor_saved_is_told_also_beside_a_graph_that_ran(tmp_path):
    (tmp_path / "ui.json").write_text(json.dumps(UI))
    both = saved(tmp_path / "a.png", prompt=load_template("sd15").workflow, workflow=UI)
    assert read_editor(str(tmp_path / "ui.json")) == read_editor(both) == UI
    assert read_editor("sd15") == {}
    assert read_editor(saved(tmp_path / "b.png", prompt=load_template("sd15").workflow)) == {}


async def test_picture_that_tells_no_workflow_is_refused(tmp_path, asked):
    file = saved(tmp_path / "a.png", parameters="x")
    with pytest.raises(MetadataNotFoundError):
        read_graph(file)
