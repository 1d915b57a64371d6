"""Tests of the route that lists the engines' models."""

from __future__ import annotations

from comfy_gen.engines.registry import parse_entry
from comfy_gen.sandbox import Sandbox, SandboxOptions


async def test_models_are_listed_by_folder_with_the_engines_that_have_them(served):
    told = (await served.client.get("/models")).json()
    assert told["engines"] == ["sandbox"]
    assert told["total"] == len(told["models"]) == sum(told["folders"].values())
    assert {one["folder"] for one in told["models"]} == set(told["folders"]) >= {"checkpoints", "loras"}
    paths = [(one["folder"], one["file"]) for one in told["models"]]
    assert paths == sorted(paths)
    assert {*map(tuple, (one["engines"] for one in told["models"]))} == {("sandbox",)}


async def test_models_of_several_engines_are_listed_once(serve):
    async with Sandbox(SandboxOptions(models={"checkpoints": ["ours.safetensors"]})) as other:
        served = await serve(with_worker=False)
        await served.service.queue.store.roster.add_engine(parse_entry(f"other={other.url}"))
        told = (await served.client.get("/models", params={"folder": "checkpoints"})).json()
    assert told["engines"] == ["other", "sandbox"]
    engines = {one["file"]: one["engines"] for one in told["models"]}
    assert engines["ours.safetensors"] == ["other"]
    assert ["sandbox"] in engines.values()


async def test_models_are_found_by_folder_and_words(served):
    every = (await served.client.get("/models")).json()
    first = next(one for one in every["models"] if one["folder"] == "checkpoints")
    word = first["file"].partition(".")[0].upper()
    told = (await served.client.get("/models", params={"folder": "checkpoints", "q": f"{word} CHECK"})).json()
    assert first in told["models"]
    assert told["folders"] == every["folders"]
    assert {one["folder"] for one in told["models"]} == {"checkpoints"}
    nothing = (await served.client.get("/models", params={"folder": "loras", "q": "nothing-has-this"})).json()
    assert (nothing["models"], nothing["total"]) == ([], 0)


async def test_no_more_models_are_told_than_wanted(served):
    told = (await served.client.get("/models", params={"limit": 1})).json()
    assert len(told["models"]) == 1 < told["total"]


async def test_built_in_names_are_no_models(served):
    files = {one["file"] for one in (await served.client.get("/models", params={"folder": "vae"})).json()["models"]}
    assert not files & {"pixel_space", "taesd"}


async def test_models_cannot_be_told_while_no_engine_answers(serve):
    served = await serve(engines="gone=http://127.0.0.1:9")
    answer = await served.client.get("/models")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_engine")
