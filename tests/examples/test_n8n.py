"""The workflows for n8n, done as n8n does them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from comfy_gen.sandbox import SandboxOptions
from tests.background import BackgroundSandbox
from tests.served import ServedProcess, environment_of

WORKFLOWS = Path(__file__).parents[2] / "examples" / "n8n"
KEY = "a-key-for-these-tests"


@pytest.fixture(scope="module")
def sandbox():
    with BackgroundSandbox(SandboxOptions(step_time=0.02)) as engine:
        yield engine


@pytest.fixture(scope="module")
def served(sandbox, tmp_path_factory):
    folder = tmp_path_factory.mktemp("n8n")
    with ServedProcess(folder, environment_of(sandbox.url, folder, COMFYGEN_API_KEY=KEY)) as service:
        yield service


@pytest.fixture
def run(need_commands):
    """Run a workflow, and return what became of it."""
    need_commands("node")

    def run(name, *changes, key=KEY):
        command = ["node", Path(__file__).with_name("n8n.mjs"), WORKFLOWS / name, *changes]
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "N8N_KEY": key}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_picture_is_asked_for_until_it_is_there(run, served):
    done = run("picture.json", f"http://127.0.0.1:8000={served.url}")
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told["counts"]["Ask"] == told["counts"].get("Wait", 0) + 1
    assert told["json"]["type"] == "image/png"
    assert told["json"]["size"] > 1_000


def test_workflow_ends_where_it_is_refused(run, served):
    done = run("picture.json", f"http://127.0.0.1:8000={served.url}", "prompt: $json=workflow: 'none', prompt: $json")
    assert done.returncode != 0
    assert "workflow_not_found" in done.stderr


def test_workflow_needs_the_key(run, served):
    done = run("picture.json", f"http://127.0.0.1:8000={served.url}", key="another")
    assert "401" in done.stderr


def test_workflow_on_a_comfyui_fetches_its_picture(run, sandbox):
    done = run("comfyui.json", f"http://localhost:8188={sandbox.url}")
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told["json"]["type"] == "image/png"
    assert told["counts"]["Check Completion"] == told["counts"]["Wait"]


@pytest.mark.parametrize("file", sorted(WORKFLOWS.glob("*.json")), ids=lambda file: file.name)
def test_no_key_is_in_a_workflow(file):
    assert "whsec_" not in file.read_text()
    if file.name == "credentials.json":
        (credential,) = json.loads(file.read_text())
        assert credential["data"]["value"] == "YOUR-KEY"
        return
    workflow = json.loads(file.read_text())
    names = {node["name"] for node in workflow["nodes"]}
    led_to = {edge["node"] for one in workflow["connections"].values() for output in one["main"] for edge in output}
    assert led_to <= names
    assert names - led_to == {"Start"}


def test_webhook_variant_gives_the_address_where_it_waits():
    workflow = json.loads((WORKFLOWS / "webhook.json").read_text())
    nodes = {node["name"]: node for node in workflow["nodes"]}
    assert "webhook: {url: $execution.resumeUrl}" in nodes["Submit"]["parameters"]["jsonBody"]
    assert nodes["Until it is told"]["parameters"]["resume"] == "webhook"
