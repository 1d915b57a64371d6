"""Examples of what is sent and answered: requests, answers, messages of a socket."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import aiohttp
import requests

from tests.mission.graphs import classic
from tests.mission.ways.shape import assert_shape

if TYPE_CHECKING:
    from scripts.mission.index import Example
    from tests.mission.stage import Stage

_SITES = re.compile(r"https://(example\.com|s3\.amazonaws\.com|your-webhook-endpoint\.com)")
"""Addresses that stand for a reader's own."""
_GAPS = {"[...]": "[]", "{...}": "{}"}
"""What the documents leave out."""


def send_request(example: Example, text: str, stage: Stage) -> None:
    """Send a body as it is documented, and see that it is taken, or refused as is said."""
    status, told = _sent(example, text, stage)
    assert status == example.gives, told


def compare_answer(example: Example, text: str, stage: Stage) -> None:
    """Compare an answer with the documented one."""
    body = stage.document[f"{_document(example, stage)}/{example.sends}"] if example.sends else None
    status, told = _sent(example, body, stage)
    assert status == example.gives, told
    assert_shape(_parsed(text), told)


def send_line(_: Example, text: str, stage: Stage) -> None:
    """Send a request of which only its first line is documented."""
    method, path = text.split()
    values = {"filename": "output_00001_.png", "subfolder": "", "type": "output", "prompt_id": str(uuid.uuid4())}
    stage.painted(classic())
    bodies = {"/prompt": {"json": {"prompt": classic()}}, "/upload/image": {"files": {"image": ("a.png", b"")}}}
    answer = requests.request(method, stage.engine + path.format(**values), timeout=30, **bodies.get(path, {}))
    assert answer.status_code == 200, answer.text


def run_workflow(_: Example, text: str, stage: Stage) -> None:
    """Have the engine run a workflow: the picture has the size that it says."""
    graph = json.loads(text)
    made = stage.painted(graph)
    entry = requests.get(f"{stage.engine}/history/{made}", timeout=30).json()[made]
    (picture,) = entry["outputs"]["9"]["images"]
    assert (entry["status"]["status_str"], picture["filename"][:7]) == ("success", "output_")


def compare_update(_: Example, text: str, stage: Stage) -> None:
    """Compare each update of a stream with the documented one."""
    body = {"prompt": "a fox", "width": 256, "height": 256, "steps": 2}
    with requests.post(f"{stage.service.url}/generate/stream", json=body, stream=True, timeout=60) as stream:
        lines = [line.decode() for line in stream.iter_lines()]
    updates = [json.loads(line.removeprefix("data:")) for line in lines if line.startswith("data:")]
    assert updates[-1]["status"] == "final_result"
    assert updates[:-1]
    for update in updates[:-1]:
        assert_shape(json.loads(text), update)


def compare_frame(_: Example, text: str, stage: Stage) -> None:
    """Find a message of the engine's socket that is like the documented one."""
    documented = json.loads(text)
    alike = [one for one in asyncio.run(_heard(stage.engine)) if one["type"] == documented["type"]]
    assert alike
    assert_shape(documented, alike[-1 if documented["type"] == "status" else 0])


def run_n8n(_: Example, text: str, stage: Stage) -> None:
    """Send what the nodes of an n8n workflow would."""
    submit, check = (node["parameters"] for node in json.loads(text)["nodes"])
    body = submit["bodyParametersJson"].replace("{...}", json.dumps(classic()))
    here = stage.engine.removeprefix("http://")
    url = submit["url"].replace("localhost:8188", here)
    submitted = requests.request(submit["method"], url, json=json.loads(body), timeout=30).json()
    url = check["url"].replace("localhost:8188", here).replace("{{$json.prompt_id}}", submitted["prompt_id"])
    assert requests.request(check["method"], url, timeout=30).status_code == 200


def body_of(name: str, stage: Stage) -> Any:
    """Return a documented body, where everything that it names is there."""
    text = re.sub(r"//[^\"\n]*\n", "\n", stage.document[name])  # JSON has no comments
    if "abc123-mlflow-run-id" in text:
        text = text.replace("abc123-mlflow-run-id", stage.generation())
    text = text.replace("optional-uuid-v4", str(uuid.uuid4()))
    return _parsed(_SITES.sub(stage.elsewhere.url, text))


def _sent(example: Example, body: str | None, stage: Stage) -> tuple[int, Any]:
    """Send a request, to the service or to the engine, and return status and JSON of its answer."""
    name = f"{_document(example, stage)}/{example.sends or example.name}"
    said = None if body is None else body_of(name, stage) if "ENGINE" not in example.to else json.loads(body)
    method, path = example.to.removeprefix("ENGINE ").split(" ")
    if example.to.startswith("ENGINE"):
        if example.sends == "text-to-image":
            said = {"prompt": said}
        answer = requests.request(method, stage.engine + path, json=said, timeout=30)
        return answer.status_code, answer.json()
    if "{generation}" in path:
        path = path.format(generation=stage.generation())
    if "{favorite}" in path:
        path = path.format(favorite=stage.favorite())
    status, told = stage.send(method, path, said)
    stage.cancel(told)
    return status, told


def _document(example: Example, stage: Stage) -> str:
    """Return the document that an example is of."""
    return stage.request.node.callspec.params["document"]


def _parsed(text: str) -> Any:
    for gap, nothing in _GAPS.items():
        text = text.replace(gap, nothing)
    return json.loads(text)


async def _heard(engine: str) -> list[Any]:
    """Return the messages of the socket while a prompt runs."""
    heard: list[Any] = []
    async with aiohttp.ClientSession(engine) as session, session.ws_connect("/ws?clientId=a-listener") as socket:
        await session.post("/prompt", json={"client_id": "a-listener", "prompt": classic()})
        async for frame in socket:
            if frame.type == aiohttp.WSMsgType.TEXT:
                heard.append(json.loads(frame.data))
                if heard[-1]["type"] == "executing" and heard[-1]["data"]["node"] is None:
                    break
    return heard
