"""Examples in JavaScript, run by Node.js."""

from __future__ import annotations

import json
import os
import subprocess
from shutil import which
from typing import TYPE_CHECKING

from tests.components import require
from tests.docs.programs import NODE_MODULES, run_script
from tests.mission.ways.programs import here

if TYPE_CHECKING:
    from scripts.mission.index import Example
    from tests.mission.stage import Stage

_PAYLOAD = 'const payload = {"input": {"modifier": "YourModifier", "modifications": {"param": "value"}}};\n'
"""The one that the wrapper's examples share."""
_BEFORE = "const WebSocket = require('ws');\n"
"""What a browser has by itself."""
_ASK = """
ws.addEventListener('message', async (event) => {
    if (typeof event.data !== 'string') return;
    const message = JSON.parse(event.data);
    if (message.data.sid) {
        const body = JSON.stringify({client_id: message.data.sid, prompt: require('./workflow.json')});
        await fetch('http://localhost:8188/prompt', {method: 'POST', body});
    }
    if (message.type === 'executing' && message.data.node === null) ws.close();
});
"""
_FOLLOW = """
ws.on('open', async () => {
    const promptId = await client.submitWorkflow(require('./workflow.json'));
    ws.on('message', async (data, isBinary) => {
        if (isBinary) return;
        const {type, data: said} = JSON.parse(data);
        if (type !== 'executing' || said.node !== null) return;
        console.log((await client.getHistory(promptId))[promptId].status.status_str);
        ws.close();
    });
});
"""
"""The documented programs listen and do nothing else: these have something made that they hear of, and end them."""


def run_in_page(_: Example, text: str, stage: Stage) -> str:
    """Run a script as on a page of the service, and return what it printed."""
    return "\n".join(run_script(stage.service, _PAYLOAD + text))


def run_in_node(_: Example, text: str, stage: Stage) -> str:
    """Run a program, and return what it printed."""
    require(which("node"), "Node.js", "apt-get install nodejs")
    require((NODE_MODULES / "ws").is_dir(), "ws and axios", "npm ci --prefix examples/integration")
    code = text + _FOLLOW if "require(" in text else _BEFORE + text + _ASK
    (stage.folder / "program.js").write_text(here(code, stage), encoding="utf-8")
    done = subprocess.run(
        ["node", "program.js"],
        cwd=stage.folder,
        env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    sampler = next(name for name, node in _workflow(stage).items() if node["class_type"] == "KSampler")
    assert {f"Executing node: {sampler}", "Progress: 2/2"} <= set(done.stdout.splitlines()), done.stdout
    return done.stdout


def _workflow(stage: Stage) -> dict[str, dict[str, str]]:
    return json.loads((stage.folder / "workflow.json").read_text(encoding="utf-8"))
