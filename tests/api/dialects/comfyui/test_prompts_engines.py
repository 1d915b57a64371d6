"""Prompts before several engines, and before none that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.jobs.ids import JobId
from comfy_gen.sandbox import Sandbox, SandboxOptions
from tests.api.dialects.comfyui.prompting import node, picture

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.api.conftest import Served

GONE = "gone=http://127.0.0.1:9"


def decoded(checkpoint: str) -> dict[str, object]:
    return {
        "3": node("EmptyLatentImage", width=16, height=16, batch_size=1),
        "4": node("CheckpointLoaderSimple", ckpt_name=checkpoint),
        "5": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "6": node("SaveImage", images=["5", 0], filename_prefix="x"),
    }


async def test_prompt_is_accepted_that_one_of_the_engines_can_run(serve: Callable[..., Awaitable[Served]]) -> None:
    models = [{"checkpoints": (name,)} for name in ("one.safetensors", "two.safetensors")]
    async with Sandbox(SandboxOptions(models=models[0])) as one, Sandbox(SandboxOptions(models=models[1])) as two:
        served = await serve(engines=f"one={one.url} two={two.url}")
        for name in ("one", "two"):
            answer = await served.client.post("/comfyui/prompt", json={"prompt": decoded(f"{name}.safetensors")})
            job = await served.service.queue.watching.end(JobId(answer.json()["prompt_id"]))
            assert job is not None
            assert (job.state, job.engine) == ("completed", name)
        answer = await served.client.post("/comfyui/prompt", json={"prompt": decoded("three.safetensors")})
    problem = answer.json()["node_errors"]["4"]["errors"][0]
    assert problem["details"] == "ckpt_name: 'three.safetensors' not in ['one.safetensors', 'two.safetensors']"


async def test_prompt_is_safe_though_no_engine_ever_answered(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve(engines=GONE)
    answer = await served.client.post("/comfyui/prompt", json={"prompt": picture()})
    assert answer.status_code == 200
    queue = (await served.client.get("/comfyui/queue")).json()
    assert [item[1] for item in queue["queue_pending"]] == [answer.json()["prompt_id"]]


async def test_limit_of_what_may_wait_is_told_in_the_envelope(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve(engines=GONE, max_waiting=1)
    assert (await served.client.post("/comfyui/prompt", json={"prompt": picture()})).status_code == 200
    answer = await served.client.post("/comfyui/prompt", json={"prompt": picture()})
    assert (answer.status_code, answer.json()["error"]["type"]) == (429, "owner_queue_full")
    assert "retry-after" in answer.headers
