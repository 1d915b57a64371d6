from __future__ import annotations

import json

import pytest

from comfy_gen.cli.app import app
from comfy_gen.cli.validate import validate
from tests.workflows.samples import plain

if not any(command.callback is validate for command in app.registered_commands):
    app.command()(validate)


@pytest.fixture
def written(comfygen, tmp_path):
    """Write a file that holds this data."""

    def write(data):
        (tmp_path / "w.json").write_text(json.dumps(data))
        return "w.json"

    return write


def test_sound_workflow_is_valid(comfygen, written):
    said = comfygen("validate", written(plain()))
    assert said.code == 0
    assert said.out == "w.json is valid as a graph; --engine URL tells whether an engine has its nodes and models.\n"
    assert comfygen("validate", "w.json", "--json").json == {"valid": True, "errors": [], "engine": None}


def test_everything_wrong_is_told_at_once(comfygen, written):
    said = comfygen(
        "validate", written({"1": {"class_type": "A", "inputs": {"x": ["9", 0]}}, "2": {"inputs": {}}, "3": 5})
    )
    assert said.code == 2
    assert said.out.splitlines() == [
        "w.json has 3 problems:",
        "  - node 1 (A): x is linked to node '9', which is not in the workflow",
        "  - node 2: it has no class_type",
        "  - node 3: it is 5, not an object with class_type and inputs",
    ]


def test_engine_checks_values_too(comfygen, written, background_sandbox):
    graph = plain(steps=0)
    graph["46"]["class_type"] = "SaveImages"
    name = written(graph)
    assert comfygen("validate", name).code == 0
    said = comfygen("validate", name, "--engine", background_sandbox.url, "--json")
    assert (said.code, said.json["valid"], said.json["engine"]) == (2, False, background_sandbox.url)
    assert any("steps is 0" in error for error in said.json["errors"])
    assert any("nearest: SaveImage" in error for error in said.json["errors"])


def test_sound_workflow_is_valid_for_an_engine(comfygen, background_sandbox):
    said = comfygen("validate", "sd15", "--engine", background_sandbox.url)
    assert (said.code, said.out) == (0, f"sd15 is valid for {background_sandbox.url}.\n")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "workflow_syntax"),
        ("[1]", "workflow_format"),
        ("{}", "workflow_format"),
        ("[" * 100_000, "workflow_format"),
        ('{"1": {"class_type": "A", "inputs": {"x": NaN}}}', "workflow_format"),
        ('{"nodes": [], "links": []}', "workflow_format_ui"),
    ],
)
def test_what_is_no_graph_is_an_error(comfygen, tmp_path, text, code):
    (tmp_path / "w.json").write_text(text)
    said = comfygen("validate", "w.json")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"error[{code}]: ")
    assert comfygen("validate", "w.json", "--json").json["error"]["code"] == code


def test_engine_that_is_not_there_is_an_error(comfygen, written):
    said = comfygen("validate", written(plain()), "--engine", "http://127.0.0.1:9")
    assert said.code == 2
    assert said.err.startswith("error[engine_unreachable]: ")
