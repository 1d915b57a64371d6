"""What a real ComfyUI refuses or fails at, and what our client makes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.comfyui import Ending
from comfy_gen.errors import ExecutionFailedError, PromptRejectedError
from tests.conftest import PROTOCOL
from tests.contracts.graphs import picture, scaled, text_to_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comfy_gen.comfyui import AsyncComfyUIClient

PATIENCE = 60.0


def recorded_requests() -> Iterator[Any]:
    """Yield the recorded requests that the client can make too: those with a graph of nodes."""
    for path in sorted(PROTOCOL.glob("07_val_*.jsonl")):
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        recorded = next(line for line in lines if line.get("http", {}).get("path") == "/prompt")
        graph = recorded["http"].get("json", {}).get("prompt")
        if isinstance(graph, dict) and all(isinstance(node, dict) for node in graph.values()):
            yield pytest.param(recorded, id=path.stem)


@pytest.mark.parametrize("recorded", list(recorded_requests()))
async def test_validation_gives_the_recorded_verdict(recorded: dict[str, Any], client: AsyncComfyUIClient) -> None:
    body = recorded["http"]["json"]
    submitting = client.submit(body["prompt"], targets=body.get("partial_execution_targets"))
    if recorded["status"] == 200:
        run = await submitting
        assert run.node_errors.keys() == recorded["body"]["node_errors"].keys()
        await run.result(PATIENCE)
        return
    with pytest.raises(PromptRejectedError) as caught:
        await submitting
    assert caught.value.type == recorded["body"]["error"]["type"]
    assert caught.value.node_errors.keys() == recorded["body"]["node_errors"].keys()


@pytest.mark.parametrize("graph", [{}, {"1": {}}, {"1": {"class_type": "NoSuchNode", "inputs": {}}}])
async def test_refusal_has_a_hint(graph: dict[str, Any], client: AsyncComfyUIClient) -> None:
    with pytest.raises(PromptRejectedError) as caught:
        await client.submit(graph)
    assert caught.value.message
    assert caught.value.hint


async def test_refusal_names_every_problem_in_words(client: AsyncComfyUIClient) -> None:
    graph = text_to_image(steps=0, sampler_name="nope")
    graph["4"]["inputs"]["ckpt_name"] = "missing.safetensors"
    with pytest.raises(PromptRejectedError) as caught:
        await client.submit(graph)
    for fact in ("missing.safetensors", "sampler_name", "steps"):
        assert fact in str(caught.value)


async def test_node_that_raises_fails_the_prompt(client: AsyncComfyUIClient) -> None:
    name = (await client.upload_image(b"this is no picture", name="corrupt.png"))["name"]
    outcome = await (await client.submit(scaled(name))).result(PATIENCE)
    assert outcome.ending is Ending.FAILED
    with pytest.raises(ExecutionFailedError) as caught:
        outcome.raise_for_failure()
    assert (caught.value.code, caught.value.node_id, caught.value.node_type) == ("invalid_input", "1", "LoadImage")
    assert caught.value.traceback


async def test_output_outside_its_folder_fails_the_prompt(client: AsyncComfyUIClient) -> None:
    with pytest.raises(ExecutionFailedError, match="outside the output folder"):
        await client.run_workflow(picture(prefix="../../escaped"), timeout=PATIENCE)


async def test_engine_works_on_after_a_failure(client: AsyncComfyUIClient) -> None:
    with pytest.raises(ExecutionFailedError):
        await client.run_workflow(picture(prefix="../../escaped"), timeout=PATIENCE)
    assert (await client.run_workflow(picture(), timeout=PATIENCE)).ending is Ending.SUCCESS
