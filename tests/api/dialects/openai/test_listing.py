"""The models that OpenAI's clients find."""

from __future__ import annotations

import openai
import pytest

from tests.api.conftest import picture_graph

module_loop = pytest.mark.asyncio(loop_scope="module")


@module_loop
async def test_models_are_workflows_and_checkpoints_each_of_which_can_be_asked_for(ann, sdk):
    await ann.put("/workflows/house-style", json=picture_graph())
    listed = {one.id: one.owned_by for one in (await sdk.models.list()).data}
    assert listed["sdxl"] == "comfygen"
    assert listed["house-style"] == "saved"
    assert listed["sd_xl_base_1.0.safetensors"] == "engines"
    assert "wan2.2-t2v" not in listed, "it makes videos"
    assert (await sdk.models.retrieve("sd_xl_base_1.0")).id == "sd_xl_base_1.0"
    assert (await sdk.models.retrieve("house-style")).created > 0
    made = await sdk.images.generate(
        prompt="", model="sdxl", size="256x256", extra_body={"steps": 1, "prompt": "a pier"}
    )
    assert made.size == "256x256"


@module_loop
async def test_openai_s_own_models_are_there_for_whoever_asks_for_them(sdk):
    for name in ("dall-e-2", "dall-e-3", "gpt-image-1", "gpt-image-1-mini", "chatgpt-image-latest"):
        assert (await sdk.models.retrieve(name)).id == name


@module_loop
async def test_model_that_is_not_there_is_not_found(sdk):
    with pytest.raises(openai.NotFoundError) as caught:
        await sdk.models.retrieve("nothing-like-it")
    assert caught.value.code == "model_not_found"


async def test_workflows_are_listed_where_no_engine_answers(serve, asking):
    served = await serve(engines="gone=http://127.0.0.1:9")
    async with asking(served, served.client) as sdk:
        listed = [one.id for one in (await sdk.models.list()).data]
    assert "sdxl" in listed
    assert not any(name.endswith(".safetensors") for name in listed)
