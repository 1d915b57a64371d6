from __future__ import annotations

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.picture import with_parameters

A1111 = """a fox [in snow]
Negative prompt: fog
Steps: 7, Sampler: Euler a, CFG scale: 5, Seed: 99, Size: 640x512, ENSD: 31337"""


@pytest.fixture
def comfyui_picture(comfygen):
    """A picture as a ComfyUI saves it."""
    import json

    info = PngInfo()
    info.add_text("prompt", json.dumps(load_template("sd15").workflow))
    Image.new("RGB", (8, 8)).save("comfy.png", pnginfo=info)
    return "comfy.png"


@pytest.fixture
def a1111_picture(comfygen, tmp_path):
    """A picture as an A1111 saves it."""
    target = io.BytesIO()
    Image.new("RGB", (8, 8)).save(target, "PNG")
    (tmp_path / "a1111.png").write_bytes(with_parameters(target.getvalue(), A1111))
    return "a1111.png"


def test_comfyui_picture_tells_what_its_workflow_says(comfygen, comfyui_picture):
    said = comfygen("info", comfyui_picture)
    assert said.code == 0
    assert "v1-5-pruned-emaonly-fp16" in said.out
    assert "a workflow of 7 nodes" in said.out
    assert "comfygen generate --from comfy.png" in said.out


def test_a1111_picture_tells_its_parameters(comfygen, a1111_picture):
    said = comfygen("info", a1111_picture)
    rows = {line.split()[0]: line.split()[1:] for line in said.out.splitlines()}
    assert rows["prompt"] == ["a", "fox", "[in", "snow]"]
    assert rows["seed"] == ["99"]
    assert rows["size"] == ["640x512"]
    assert rows["ENSD"] == ["31337"]


def test_json_has_all_of_it(comfygen, comfyui_picture, a1111_picture):
    assert comfygen("info", comfyui_picture, "--json").json["workflow"] == load_template("sd15").workflow
    assert comfygen("info", a1111_picture, "--json").json["parameters"] == A1111


def test_workflow_is_printed_for_other_programs(comfygen, comfyui_picture):
    assert comfygen("info", comfyui_picture, "--workflow").json == load_template("sd15").workflow


def test_missing_record_is_an_error(comfygen, a1111_picture):
    Image.new("RGB", (8, 8)).save("plain.png")
    for arguments in (("plain.png",), (a1111_picture, "--workflow")):
        said = comfygen("info", *arguments)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("error[no_metadata]: ")
    assert comfygen("info", "plain.png", "--json").json["error"]["code"] == "no_metadata"


@pytest.mark.parametrize("name", ["gone.png", "."])
def test_what_is_no_picture_is_an_error(comfygen, name):
    said = comfygen("info", name)
    assert said.code == 2
    assert said.err.startswith("error[invalid_image]: ")
