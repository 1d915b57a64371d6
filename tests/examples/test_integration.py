"""The documented clients in other languages, run as they stand; only the engine's address is another."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.contracts.graphs import CHECKPOINT

PROGRAMS = Path(__file__).parents[2] / "examples" / "integration"
NODE_MODULES = PROGRAMS / "node_modules"

DOCUMENTED = {
    "python_client.py": "feff7eea9de6e9e3350a3787051d35f0b5a26b93fec623b1910482b14fe79405",
    "shell_script.sh": "6ee4d46ad4df879e324fffbc446ded27725b436715dc4080b9703987a2a86a9d",
    "nodejs_client.js": "0143005b0bea5f694154788ca815e1daca71560d021b9fb8aca92a732e35debe",
    "workflow.json": "68d57a61944648085eb81e92e5b86515d9ee7edf23655aa220a3c99dd1c0dcd9",
}
"""The SHA-256 of each text as it is documented."""

MENDED = {
    """jq '{client_id: "shell-script", prompt: .}' workflow.json | curl -s""": "curl -s",
    "-d @-": "-d @workflow.json",
    (
        "FILENAME=$(curl -s http://localhost:8188/history/$PROMPT_ID"
        " | jq -r 'first(.[].outputs[].images[0].filename)')\n"
    ): "",
    """"http://localhost:8188/view?filename=$FILENAME&type=output\"""": (
        "http://localhost:8188/view?filename=output_00001_.png&type=output"
    ),
    "/ws?clientId=nodejs-client": "/ws",
    "(data, isBinary) =>": "(data) =>",
    "            if (isBinary) return;\n": "",
}
"""What is written here, and what the document says there."""


ON_COMFYUI = pytest.mark.parametrize("engine_url", [pytest.param("comfyui", marks=pytest.mark.live)], indirect=True)
"""Of what `tests/mission` has run on the sandbox."""


@pytest.fixture(params=["sandbox", pytest.param("comfyui", marks=pytest.mark.live)])
def engine_url(request):
    """The address of the engine that a program runs on."""
    name = "background_sandbox" if request.param == "sandbox" else "comfyui"
    return request.getfixturevalue(name).url


@pytest.fixture
def folder(engine_url, tmp_path, request):
    """A folder with the programs, their workflow, and what is in the way of a quick test taken out of it."""
    for program in [*PROGRAMS.glob("*.py"), *PROGRAMS.glob("*.sh"), *PROGRAMS.glob("*.js")]:
        text = program.read_text(encoding="utf-8").replace("http://localhost:8188", engine_url)
        (tmp_path / program.name).write_text(text, encoding="utf-8")
    workflow = json.loads((PROGRAMS / "workflow.json").read_text(encoding="utf-8"))
    if "comfyui" in request.node.callspec.id:
        workflow["3"]["inputs"]["ckpt_name"] = CHECKPOINT
    # A seed of its own: an engine that runs all these tests would not make the same picture again.
    workflow["7"]["inputs"] |= {"steps": 3, "seed": secrets.randbelow(2**32)}
    workflow["10"]["inputs"] |= {"width": 64, "height": 64}
    (tmp_path / "workflow.json").write_text(json.dumps(workflow), encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder):
    """Run one program in that folder."""

    def run(*command, **environment):
        environment = {**os.environ, **environment}
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.mark.parametrize("name", DOCUMENTED)
def test_program_is_the_documented_one_but_for_its_marked_mends(name):
    text = (PROGRAMS / name).read_text(encoding="utf-8")
    for ours, documented in MENDED.items():
        text = text.replace(ours, documented)
    text = re.sub(r"^ *(#|//) Mended: .*\n(# (a|and) .*\n)?", "", text, flags=re.MULTILINE)
    assert hashlib.sha256(text.encode()).hexdigest() == DOCUMENTED[name]


@ON_COMFYUI
def test_python_client_waits_for_its_workflow(run, need):
    need(importlib.util.find_spec("requests"), "pip install requests")
    quick = (
        "import runpy, sys, time; sleep = time.sleep; time.sleep = lambda _: sleep(0.05); runpy.run_path(sys.argv[1])"
    )
    done = run(sys.executable, "-c", quick, "python_client.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Workflow completed: {")
    assert "'status_str': 'success'" in done.stdout


@pytest.fixture
def shell_script(run, folder, need_commands):
    """Run the shell script, which pauses less between two looks."""
    need_commands("bash", "curl", "jq")
    pause = folder / "bin" / "sleep"
    pause.parent.mkdir()
    pause.write_text("#!/bin/sh\nexec /bin/sleep 0.05\n", encoding="utf-8")
    pause.chmod(0o755)
    return lambda: run("bash", "shell_script.sh", PATH=f"{pause.parent}:{os.environ['PATH']}")


@ON_COMFYUI
def test_shell_script_downloads_its_picture(shell_script, folder):
    done = shell_script()
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"Submitted workflow: [0-9a-f-]{36}\nWorkflow completed!\n", done.stdout)
    with Image.open(folder / "result.png") as picture:
        assert picture.size == (64, 64)


def test_shell_script_downloads_the_picture_of_this_run(shell_script, folder):
    def picture():
        shell_script()
        return (folder / "result.png").read_bytes()

    first, again = picture(), picture()
    workflow = json.loads((folder / "workflow.json").read_text(encoding="utf-8"))
    workflow["7"]["inputs"]["seed"] += 1
    (folder / "workflow.json").write_text(json.dumps(workflow), encoding="utf-8")
    assert first == again != picture()


REST_OF_IT = """
ws.on('open', async () => {
    const promptId = await client.submitWorkflow(require('./workflow.json'));
    ws.on('message', async (data, isBinary) => {
        if (isBinary || !String(data).includes('"node":null') && !String(data).includes('"node": null')) return;
        console.log((await client.getHistory(promptId))[promptId].status.status_str);
        ws.close();
    });
});
"""
"""The documented program listens and does nothing else; this uses the rest of its class, and ends it."""


@ON_COMFYUI
def test_nodejs_client_follows_its_workflow(run, folder, need_commands, need):
    need_commands("node")
    need((NODE_MODULES / "axios").is_dir() and (NODE_MODULES / "ws").is_dir(), "npm ci --prefix examples/integration")
    with (folder / "nodejs_client.js").open("a", encoding="utf-8") as program:
        program.write(REST_OF_IT)
    done = run("node", "nodejs_client.js", NODE_PATH=str(NODE_MODULES))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "Connected to ComfyUI WebSocket"
    assert {"Executing node: 7", "Progress: 3/3", "Executing node: 9"} < set(lines)
    assert lines[-2:] == ["Executing node: null", "success"]
