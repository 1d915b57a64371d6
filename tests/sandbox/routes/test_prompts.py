from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.contracts.peer import node
from tests.sandbox.graphs import painted, plain

if TYPE_CHECKING:
    from tests.contracts.peer import Peer


async def test_body_of_the_queue_is_json_though_a_value_is_nan(peer: Peer):
    """ComfyUI behaviour: NaN goes in and comes out."""
    raw = json.dumps({"prompt": painted(cfg=float("nan"))})
    answer = await peer.request("POST", "/prompt", data=raw)
    assert answer.status == 200


async def test_input_file_in_a_subfolder_is_known(peer: Peer):
    await peer.upload("a.png", b"x", subfolder="sub")
    graph = {"1": node("LoadImage", image="sub/a.png"), "2": node("PreviewImage", images=["1", 0])}
    assert (await peer.post("/prompt", {"prompt": graph})).status == 200
    graph["1"]["inputs"]["image"] = "sub/b.png"
    assert (await peer.post("/prompt", {"prompt": graph})).status == 400


async def test_refused_prompt_is_not_queued(peer: Peer):
    answer = await peer.post("/prompt", {"prompt": {"1": node("NoSuchNode")}})
    assert (answer.status, answer.json()["error"]["type"]) == (400, "invalid_prompt")
    assert (await peer.get("/prompt")).json() == {"exec_info": {"queue_remaining": 0}}


@pytest.mark.parametrize("path", ["/prompt", "/queue", "/history", "/free"])
@pytest.mark.parametrize("body", ["", "{bad", "5"])
async def test_body_that_is_no_object_is_a_plain_500(peer: Peer, path: str, body: str):
    answer = await peer.request("POST", path, data=body)
    assert (answer.status, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")


@pytest.mark.parametrize("body", ["", "{bad", "5", "{}"])
async def test_interrupt_takes_any_body(peer: Peer, body: str):
    assert (await peer.request("POST", "/interrupt", data=body)).status == 200


@pytest.mark.parametrize("query", ["max_items=abc", "offset=abc"])
async def test_history_of_an_odd_length_is_a_plain_500(peer: Peer, query: str):
    assert (await peer.get(f"/history?{query}")).status == 500


async def test_history_is_paged_and_forgotten(peer: Peer):
    ids = [await _run(peer, plain(color)) for color in (1, 2, 3)]
    assert list((await peer.get("/history?max_items=2")).json()) == ids[1:]
    await peer.post("/history", {"delete": [ids[1]]})
    assert list((await peer.get("/history")).json()) == [ids[0], ids[2]]
    await peer.post("/history", {"clear": True})
    assert (await peer.get("/history")).json() == {}


async def _run(peer: Peer, graph: dict[str, Any]) -> str:
    async with peer.listen() as line:
        prompt_id = await peer.submit(graph, line)
        await line.until_done(prompt_id)
    return prompt_id
