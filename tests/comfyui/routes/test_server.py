from __future__ import annotations

from comfy_gen.comfyui.tracker import Started


async def test_server_says_what_it_is_and_has(client):
    assert "comfyui_version" in (await client.get_system_stats())["system"]
    assert (await client.get_features())["supports_preview_metadata"] is True
    assert "checkpoints" in await client.get_models()
    assert "v1-5-pruned-emaonly-fp16.safetensors" in await client.get_models("checkpoints")
    assert await client.get_models("no such folder") == []
    assert set(await client.get_object_info("KSampler")) == {"KSampler"}
    assert await client.get_object_info("NoSuchNode") == {}
    assert len(await client.get_object_info()) > 50
    assert await client.get_embeddings() == ["easynegative"]
    assert isinstance(await client.get_extensions(), list)


async def test_memory_is_freed(client, painting):
    await client.run_workflow(painting(), timeout=10)
    await client.free(unload_models=True, free_memory=True)
    (started,) = [e async for e in (await client.submit(painting())).events() if isinstance(e, Started)]
    assert started.cached == ()
