"""``comfygen workflow import``: what people are told of a workflow from elsewhere, and what becomes of it."""

from __future__ import annotations

import json
import sys

import pytest

from comfy_gen.cli.workflow.importing import name_of, offer_of
from comfy_gen.models.model import Model
from comfy_gen.workflows.catalogue import load_template
from tests.cli.weights import Terminal, giving, safetensors

LORA = "pixel.safetensors"


@pytest.fixture
def imported(comfygen, engine, tmp_path, monkeypatch):
    """The command with a database, a folder of models and an engine of its own."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYGEN_MODELS_DIRECTORY", str(tmp_path / "models"))
    (tmp_path / "Good Fox.json").write_text(json.dumps(load_template("sd15").workflow))
    return lambda *arguments: comfygen("workflow", "import", *arguments)


def lacking(tmp_path, url=""):
    """A file of the editor whose LoRA no engine has."""
    hints = [{"name": LORA, "url": f"{url}/{LORA}", "directory": "loras"}] if url else []
    nodes = [
        ui_node(1, "UNETLoader", ["flux1-dev.safetensors", "default"], gives=("MODEL", [1])),
        ui_node(2, "LoraLoaderModelOnly", [LORA, 1.0], takes=("model", "MODEL", 1), gives=("MODEL", []), models=hints),
        ui_node(3, "EmptyImage", [64, 48, 1, 255], gives=("IMAGE", [2])),
        ui_node(4, "SaveImage", ["grey"], takes=("images", "IMAGE", 2)),
    ]
    links = [[1, 1, 0, 2, 0, "MODEL"], [2, 3, 0, 4, 0, "IMAGE"]]
    (tmp_path / "ui.json").write_text(json.dumps({"nodes": nodes, "links": links, "version": 0.4}))
    return "ui.json"


def ui_node(number, kind, values, *, takes=(), gives=(), models=()):
    inputs = [{"name": takes[0], "type": takes[1], "link": takes[2]}] if takes else []
    outputs = [{"name": gives[0], "type": gives[0], "links": gives[1]}] if gives else []
    facts = {"id": number, "type": kind, "inputs": inputs, "outputs": outputs, "widgets_values": values, "mode": 0}
    return {**facts, "properties": {"models": list(models)}}


def broken(tmp_path):
    """A graph with a class that there is not."""
    workflow = load_template("sd15").workflow
    saver = next(node_id for node_id, node in workflow.items() if node["class_type"] == "SaveImage")
    workflow[saver]["class_type"] = "SaveImagge"
    (tmp_path / "broken.json").write_text(json.dumps(workflow))
    return "broken.json"


def test_complete_workflow_is_kept_by_its_files_name(imported, comfygen):
    said = imported("Good Fox.json")
    assert said.code == 0
    assert said.out == "It is kept as good-fox; to run it: comfygen workflow run good-fox\n"
    (kept,) = comfygen("workflow", "list", "--json").json["workflows"]
    assert (kept["name"], kept["models"][0]["file"]) == ("good-fox", "v1-5-pruned-emaonly-fp16.safetensors")


def test_same_workflow_again_changes_nothing_and_another_needs_to_be_told_to(imported, tmp_path):
    imported("Good Fox.json")
    assert imported("Good Fox.json").code == 0
    (tmp_path / "other.json").write_text(json.dumps(load_template("sdxl").workflow))
    said = imported("other.json", "--name", "good-fox")
    assert said.code == 2
    assert "--replace" in said.err
    assert imported("other.json", "--name", "good-fox", "--replace", "--title", "Bigger").code == 0


@pytest.mark.parametrize("name", ["sdxl", "Two Words", "x.json"])
def test_name_that_cannot_be_is_refused_before_anything_is_fetched(imported, name):
    said = imported("Good Fox.json", "--name", name)
    assert said.code == 2
    assert "missing" not in said.out


def test_all_that_is_missing_is_told_and_it_is_not_kept(imported, comfygen, tmp_path):
    said = imported(broken(tmp_path))
    assert said.code == 1
    assert "missing  node class SaveImagge" in said.out
    assert "nearest  SaveImage" in said.out
    assert "It is not kept: --anyway" in said.out
    assert comfygen("workflow", "list", "--json").json == {"workflows": []}


def test_incomplete_workflow_is_kept_anyway_and_told_as_incomplete(imported, tmp_path):
    said = imported(broken(tmp_path), "--anyway")
    assert said.code == 1
    assert "kept as broken, though it cannot run yet" in said.out


def test_programs_are_told_the_same(imported, tmp_path):
    told = imported(broken(tmp_path), "--json").json
    assert (told["kept"], told["complete"]) == (None, False)
    assert told["missing_nodes"][0]["class_type"] == "SaveImagge"
    assert imported("Good Fox.json", "--json").json["kept"] == "good-fox"


def test_check_keeps_nothing_and_makes_no_database(imported, tmp_path):
    assert imported("Good Fox.json", "--check").out == "Nothing is missing.\n"
    assert imported(broken(tmp_path), "--check").code == 1
    assert not (tmp_path / "data").exists()


def test_models_are_fetched_into_the_folder_when_that_is_wanted(imported, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / LORA).write_bytes(safetensors())
    with giving(tmp_path / "shop") as url:
        told = imported(lacking(tmp_path, url), "--download", "--allow-private", "--json").json
    path = tmp_path / "models" / "loras" / LORA
    assert told["fetched"] == [str(path)]
    assert path.read_bytes() == safetensors()
    # This engine claims to have what it always had: its folder is another.
    assert [one["file"] for one in told["missing_models"]] == [LORA]


def test_person_learns_what_was_fetched_and_what_an_engine_does_not_see(imported, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / LORA).write_bytes(safetensors())
    with giving(tmp_path / "shop") as url:
        said = imported(lacking(tmp_path, url), "--download", "--allow-private")
    assert f"Fetched {tmp_path / 'models' / 'loras' / LORA}" in said.out
    assert "an engine with another folder does not see it" in said.err


@pytest.mark.parametrize("answer", ["y", "n"])
def test_person_is_asked_whether_to_fetch(imported, tmp_path, monkeypatch, answer):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / LORA).write_bytes(safetensors())
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    with giving(tmp_path / "shop") as url:
        said = imported(lacking(tmp_path, url), "--allow-private")
    assert f"Fetch this model into {tmp_path / 'models'}? [y/N]" in said.out
    assert (tmp_path / "models" / "loras" / LORA).exists() is (answer == "y")


def test_addresses_of_this_machine_are_not_asked_unless_allowed(imported, tmp_path):
    said = imported(lacking(tmp_path, "http://127.0.0.1:9"), "--download")
    assert said.code != 0
    assert "--allow-private" in said.err
    assert not (tmp_path / "models").exists()


def test_model_of_unknown_origin_is_told_without_an_offer(imported, tmp_path):
    said = imported(lacking(tmp_path))
    assert f"missing  model loras/{LORA}" in said.out
    assert "from" not in said.out
    assert "--download" not in said.out


def test_without_an_engine_it_is_refused_unless_it_is_to_be_kept_anyway(imported, tmp_path):
    nobody = ("--engine", "http://127.0.0.1:1")
    assert imported("Good Fox.json", *nobody).code == 2
    said = imported("Good Fox.json", *nobody, "--anyway")
    assert said.code == 0
    assert "it was not checked" in said.err
    assert imported(lacking(tmp_path), *nobody, "--anyway").code == 2  # an engine has to convert it


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a/Good Fox.json", "good-fox"),
        ("X__y.png", "x__y"),
        ("..weird..json", "weird"),
        ("ÄÖ.json", ""),
        ("a" * 99, "a" * 63),
    ],
)
def test_names_are_made_of_files_names(file, name):
    assert name_of(file) == name


def test_offer_says_how_much_as_far_as_that_is_known(tmp_path):
    sized, unsized = Model(file="a", folder="vae", size=2 * 10**9), Model(file="b", folder="vae")
    assert offer_of([sized], tmp_path) == f"Fetch this model, 2 GB, into {tmp_path}?"
    assert offer_of([sized, unsized], tmp_path) == f"Fetch these 2 models, at least 2 GB, into {tmp_path}?"
    assert offer_of([unsized], tmp_path) == f"Fetch this model into {tmp_path}?"
