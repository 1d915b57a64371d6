"""Mutated graphs: our checks must decide, and word their refusals, as the server does."""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from comfy_gen.workflows.checks import check
from comfy_gen.workflows.checks.answers import Accepted, validate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.live.comfyui.server import ComfyUI


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


GRAPH = {
    "1": node("EmptyImage", width=8, height=8, batch_size=1, color=0),
    "2": node("ImageScale", image=["1", 0], upscale_method="area", width=8, height=8, crop="disabled"),
    "3": node("LoadImage", image="none.png"),
    "4": node("ImageBlend", image1=["2", 0], image2=["1", 0], blend_factor=0.5, blend_mode="normal"),
    "5": node("StringConcatenate", string_a="a", string_b="b", delimiter=""),
    "6": node("SaveImage", images=["4", 0], filename_prefix=["5", 0]),
    "7": node("KSampler", seed=1, steps=1, cfg=7, sampler_name="euler", scheduler="normal", denoise=1),
    "8": node("PreviewImage", images=["2", 0]),
    "9": node("PreviewImage", images=["3", 0]),
}
VALUES: list[Any] = [
    *(None, True, "", "x", "5", " 7 ", "0.5", "1e3", "area", "Area", 0, -1, 1.5, 10**20, 1e400, -1e400, float("nan")),
    *({}, {"__value__": 3}, {"__value__": "x"}, {"__value__": [1, 2]}, [], ["1"], ["1", 0, 0]),
]
SLOTS: list[Any] = [0, 0, 0, 1, 5, -1, -2, True, 0.0, "0", None, [0]]


def mutate(chance: random.Random) -> dict[str, Any]:
    """Return the graph with one thing changed: with more, the order of Python sets would decide what is told."""
    graph: dict[str, Any] = copy.deepcopy(GRAPH)
    node_id = chance.choice(list(graph))
    inputs = graph[node_id]["inputs"]
    name = chance.choice(list(inputs))
    match chance.randrange(8):
        case 0 | 1 | 2:
            inputs[name] = chance.choice(VALUES)
        case 3 | 4 | 5:
            earlier = [
                other for other in graph if other < node_id
            ]  # no circles: where ComfyUI's recursion ends, varies
            inputs[name] = [chance.choice([*earlier, *earlier, "77", 3, None]), chance.choice(SLOTS)]
        case 6:
            del inputs[name]
        case _:
            graph[node_id]["class_type"] = chance.choice(["Nope", "imagescale", None, 5])
    return graph


@pytest.fixture
async def session(comfyui: ComfyUI) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(comfyui.url) as session:
        yield session


def told(status: int, body: Any) -> Any:
    """What of an answer is the same for every order of checking."""
    if status == 500:
        return status, body
    errors = sorted(
        (node_id, entry["class_type"], error["type"], error["message"], error["details"])
        for node_id, entry in body["node_errors"].items()
        for error in entry["errors"]
    )
    return status, (body.get("error") or {}).get("type"), errors


@pytest.mark.parametrize("seed", range(8))
async def test_mutated_graphs_are_accepted_and_refused_alike(seed, session):
    chance = random.Random(seed)
    object_info = await (await session.get("/object_info")).json()
    for _ in range(25):
        graph = mutate(chance)
        body = {"prompt": graph, "client_id": "mutations"}
        response = await session.post("/prompt", data=json.dumps(body))
        said = await (response.json() if response.content_type == "application/json" else response.text())
        await session.post("/queue", json={"clear": True})
        ours = validate(body, object_info)
        mine = (200, {"node_errors": ours.node_errors}) if isinstance(ours, Accepted) else (ours.status, ours.body)
        assert told(*mine) == told(response.status, said), graph
        assert check(graph, object_info).accepted is (response.status == 200), graph
