from __future__ import annotations

import json

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.engines.probe import ask, clear, is_refusal, learn
from comfy_gen.errors import EngineError, EngineUnreachableError, NotComfyUIError
from comfy_gen.sandbox import Sandbox
from tests.engines.conftest import graph


@pytest.fixture
async def sandbox():
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox):
    async with AsyncComfyUIClient(url=sandbox.url) as client:
        yield client


async def test_engine_tells_how_many_prompts_it_has(client, sandbox):
    assert await ask(client) == 0
    sandbox.add_fault("hang")
    await client.submit(graph())
    await client.submit(graph(2))
    assert await ask(client) == 2


@pytest.mark.parametrize("answer", ["{}", '{"exec_info": 1}', '{"exec_info": {"queue_remaining": "many"}}'])
async def test_json_of_another_kind_is_no_engines(page, answer):
    async with AsyncComfyUIClient(url=await page(answer)) as client:
        with pytest.raises(NotComfyUIError):
            await ask(client)


async def test_page_is_no_engines(page):
    async with AsyncComfyUIClient(url=await page("<html>")) as client:
        with pytest.raises(EngineError):
            await ask(client)
        with pytest.raises(EngineError):
            await learn(client)


async def test_engine_tells_what_it_has(client):
    capability = await learn(client)
    assert {"KSampler", "SaveImage"} <= capability.classes
    assert capability.has("checkpoints", "sd_xl_base_1.0.safetensors")
    assert not capability.has("checkpoints", "other.safetensors")


async def test_node_classes_that_are_none_are_no_engines(page):
    async with AsyncComfyUIClient(url=await page({"/object_info": json.dumps({"A": 1}), "/models": "[]"})) as client:
        with pytest.raises(NotComfyUIError):
            await learn(client)


async def test_prompts_are_cancelled_and_others_left_alone(client, sandbox):
    sandbox.add_fault("slow:seconds=60")
    running, waiting, other = [await client.submit(graph(color)) for color in range(3)]
    assert await clear(client, ["unheard-of"]) == frozenset()
    assert await clear(client, [waiting.prompt_id]) == frozenset()
    assert (await client.read_queue()).prompt_ids == {running.prompt_id, other.prompt_id}


async def test_prompt_that_does_not_stop_is_told(client, sandbox):
    sandbox.add_fault("hang")
    hung = await client.submit(graph())
    assert await clear(client, [hung.prompt_id]) == {hung.prompt_id}


async def test_only_a_refused_connection_is_a_refusal(client, sandbox):
    assert not is_refusal(ValueError())
    assert not is_refusal(EngineUnreachableError("u", "broke off", may_have_arrived=True))
    assert not is_refusal(EngineUnreachableError("u", "the host name is not known"))
    sandbox.add_fault("refuse:route=*,times=forever")
    with pytest.raises(EngineUnreachableError) as caught:
        await ask(client)
    assert not is_refusal(caught.value)
    await sandbox.stop()
    with pytest.raises(EngineUnreachableError) as caught:
        await ask(client)
    assert is_refusal(caught.value)
