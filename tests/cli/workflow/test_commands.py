from __future__ import annotations

import json

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from comfy_gen.cli.app import app
from comfy_gen.cli.workflow.commands import app as workflow_app
from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.graph import as_workflow
from tests.workflows.samples import plain

if not any(group.name == "workflow" for group in app.registered_groups):
    app.add_typer(workflow_app, name="workflow")

UI = {
    "nodes": [
        {
            "id": 1,
            "type": "EmptyImage",
            "inputs": [],
            "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}],
            "widgets_values": [64, 48, 1, 255],
            "mode": 0,
        },
        {
            "id": 2,
            "type": "SaveImage",
            "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
            "outputs": [],
            "widgets_values": ["grey"],
            "mode": 0,
        },
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
    "version": 0.4,
}


@pytest.fixture
def files(comfygen, tmp_path):
    """Workflow files of every kind, in the folder that the commands run in."""
    (tmp_path / "plain.json").write_text(json.dumps(plain()))
    (tmp_path / "other.json").write_text(json.dumps(plain(steps=30)))
    (tmp_path / "ui.json").write_text(json.dumps(UI))
    picture("api.png", prompt=plain(), workflow=UI)
    picture("ui.png", workflow=UI)
    return tmp_path


def picture(name, **chunks):
    info = PngInfo()
    for key, data in chunks.items():
        info.add_text(key, json.dumps(data))
    Image.new("RGB", (8, 8)).save(name, pnginfo=info)


def rows(said):
    return {line.split()[0]: " ".join(line.split()[1:]) for line in said.out.splitlines() if line.strip()}


@pytest.mark.parametrize("name", ["plain.json", "api.png"])
def test_info_tells_what_a_file_is_made_of(comfygen, files, name):
    said = comfygen("workflow", "info", name)
    assert said.code == 0
    told = rows(said)
    assert told["nodes"] == "7, with 9 links"
    assert "2 CLIPTextEncode, CheckpointLoaderSimple" in said.out
    assert (told["positive"], told["size"]) == ("a fox", "512x768")
    assert told["needs"] == "checkpoints/tiny_sd15.safetensors (41.ckpt_name)"


def test_info_tells_loras_with_their_strength(comfygen, files):
    graph = plain()
    graph["47"] = {"class_type": "LoraLoader", "inputs": {"lora_name": "snow.safetensors", "strength_model": 0.5}}
    (files / "lora.json").write_text(json.dumps(graph))
    assert rows(comfygen("workflow", "info", "lora.json"))["LoRA"] == "snow.safetensors at 0.5 (47)"


@pytest.mark.parametrize("name", template_names())
def test_shipped_templates_are_files_too(comfygen, name):
    assert comfygen("workflow", "info", name, "--json").json["total_nodes"] == len(load_template(name).workflow)
    assert comfygen("workflow", "params", name).code == 0


def test_params_lists_what_can_be_set(comfygen, files):
    said = comfygen("workflow", "params", "plain.json")
    assert rows(said)["40.steps"] == "20 number KSampler steps"
    assert "40.model" not in said.out


def test_params_of_an_engine_have_their_limits(comfygen, files, background_sandbox):
    said = comfygen("workflow", "params", "plain.json", "--engine", background_sandbox.url)
    assert rows(said)["40.steps"] == "20 a whole number from 1 to 10000 KSampler steps"
    assert "one of euler, " in rows(said)["40.sampler_name"]
    cards = comfygen("workflow", "params", "plain.json", "--engine", background_sandbox.url, "--json").json
    steps = next(card for card in cards if card["name"] == "40.steps")
    assert steps == {
        "node_id": "40",
        "input_name": "steps",
        "class_type": "KSampler",
        "value": 20,
        "name": "40.steps",
        "type": "integer",
        "role": "steps",
        "minimum": 1,
        "maximum": 10000,
    }


@pytest.mark.parametrize("arguments", [("info", "sd15"), ("params", "sd15"), ("params", "wan2.2-i2v")])
def test_tables_fit_a_narrow_terminal(comfygen, monkeypatch, arguments):
    monkeypatch.setenv("COLUMNS", "60")
    assert max(len(line) for line in comfygen("workflow", *arguments).out.splitlines()) <= 60


def test_files_that_are_the_same_do_not_differ(comfygen, files):
    said = comfygen("workflow", "diff", "plain.json", "api.png")
    assert (said.code, said.out) == (0, "No difference.\n")


def test_other_ids_are_no_difference(comfygen, files):
    moved = json.loads(json.dumps(plain()).replace('"4', '"7'))
    (files / "moved.json").write_text(json.dumps(moved))
    said = comfygen("workflow", "diff", "plain.json", "moved.json")
    assert (said.code, said.out) == (0, "No difference; 7 nodes have other ids.\n")


def test_difference_is_told_and_is_exit_code_1(comfygen, files):
    said = comfygen("workflow", "diff", "plain.json", "other.json")
    assert (said.code, said.out) == (1, "~ 40 KSampler\n    steps: 20 → 30\n")
    found = comfygen("workflow", "diff", "plain.json", "other.json", "--json")
    assert found.code == 1
    assert found.json == {
        "differs": True,
        "removed": [],
        "added": [],
        "changed": [
            {
                "node_id": "40",
                "node_id_after": "40",
                "class_type": "KSampler",
                "inputs": [{"input": "steps", "before": 20, "after": 30}],
            }
        ],
        "renumbered": {},
    }


def test_nodes_links_and_inputs_that_one_side_lacks_are_told(comfygen, files):
    graph = plain(extra=1)
    del graph["44"]
    graph["60"] = {"class_type": "LoadImage", "inputs": {"image": "[bold]a.png"}}
    graph["40"]["inputs"]["latent_image"] = ["60", 0]
    (files / "changed.json").write_text(json.dumps(graph))
    said = comfygen("workflow", "diff", "plain.json", "changed.json")
    assert said.out.splitlines() == [
        "- 44 EmptyLatentImage",
        "+ 60 LoadImage",
        "~ 40 KSampler",
        "    latent_image: output 0 of 44 (EmptyLatentImage) → output 0 of 60 (LoadImage)",
        "    extra: (not there) → 1",
    ]


@pytest.mark.parametrize("name", ["ui.json", "ui.png"])
def test_editors_format_is_converted_by_what_the_engine_declares(comfygen, files, engine, name):
    said = comfygen("workflow", "convert", name)
    assert said.code == 0
    assert as_workflow(said.json)["2"]["inputs"] == {"images": ["1", 0], "filename_prefix": "grey"}
    inputs = {"width": 64, "height": 48, "batch_size": 1, "color": 255}
    assert as_workflow(said.json)["1"]["inputs"] == inputs


def test_converted_workflow_is_saved_where_it_was_asked_for(comfygen, files, engine):
    said = comfygen("workflow", "convert", "ui.json", "-o", "api.json")
    assert (said.code, said.out) == (0, "saved api.json\n")
    assert comfygen("workflow", "info", "api.json", "--json").json["total_nodes"] == 2


def test_node_that_the_engine_lacks_is_named_and_the_rest_is_converted(comfygen, files, engine):
    strange = json.loads(json.dumps(UI).replace("EmptyImage", "NoSuchNode"))
    (files / "strange.json").write_text(json.dumps(strange))
    said = comfygen("workflow", "convert", "strange.json")
    assert said.code == 1
    assert "NoSuchNode" in said.err
    told = comfygen("workflow", "convert", "strange.json", "--json")
    assert told.code == 1
    assert any("NoSuchNode" in problem for problem in told.json["problems"])
    assert told.json["workflow"]["2"]["class_type"] == "SaveImage"


@pytest.mark.parametrize("name", ["plain.json", "api.png"])
def test_api_format_needs_no_engine_to_stay_as_it_is(comfygen, files, name):
    said = comfygen("workflow", "convert", name)
    assert (said.code, said.json) == (0, plain())


@pytest.mark.parametrize("command", ["info", "params"])
@pytest.mark.parametrize("name", ["ui.json", "ui.png"])
def test_editors_format_must_be_converted_first(comfygen, files, command, name):
    said = comfygen("workflow", command, name)
    assert said.code == 2
    assert said.err.startswith("error[workflow_format_ui]: ")
    assert comfygen("workflow", command, name, "--json").json["error"]["code"] == "workflow_format_ui"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("info", "gone.json"), "workflow_not_found"),
        (("info", "bare.png"), "no_metadata"),
        (("params", "gone.png"), "invalid_image"),
        (("diff", "plain.json", "broken.json"), "workflow_syntax"),
        (("convert", "broken.json"), "workflow_syntax"),
        (("convert", "ui.json", "--engine", "http://127.0.0.1:9"), "engine_unreachable"),
        (("convert", "plain.json", "-o", "no/such/folder.json"), "output_path"),
    ],
)
def test_what_cannot_be_used_is_an_error_with_its_code(comfygen, files, arguments, code):
    (files / "broken.json").write_text("{")
    Image.new("RGB", (8, 8)).save("bare.png")
    said = comfygen("workflow", *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"error[{code}]: ")
