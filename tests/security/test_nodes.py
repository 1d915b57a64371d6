"""Nodes that are not run here are not run, by whichever way their workflow comes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import picture_graph

DENIED = "SaveImage"
EDITORS: dict[str, Any] = {
    "nodes": [
        {
            "id": 1,
            "type": "EmptyImage",
            "inputs": [],
            "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}],
            "widgets_values": [8, 8, 1, 1],
        },
        {
            "id": 2,
            "type": DENIED,
            "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
            "outputs": [],
            "widgets_values": ["x"],
        },
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
    "version": 0.4,
}
WAYS: dict[str, tuple[str, str, Any]] = {
    "a graph": ("POST", "/generate", {"input": {"workflow_json": picture_graph()}}),
    "a graph, at once": ("POST", "/generate/sync", {"input": {"workflow_json": picture_graph()}}),
    "a graph, watched": ("POST", "/generate/stream", {"input": {"workflow_json": picture_graph()}}),
    "a whole prompt": ("POST", "/generate", {"input": {"workflow_json": {"prompt": picture_graph()}}}),
    "the editor's format": ("POST", "/generate", {"input": {"workflow_json": EDITORS}}),
    "a modifier": ("POST", "/generate", {"input": {"modifier": "Text2Image", "modifications": {"prompt": "x"}}}),
    "a text": ("POST", "/compose", {"input": "@cat on a sofa"}),
    "a prompt": ("POST", "/generate", {"prompt": "x", "workflow": "sd15"}),
    "a template": ("POST", "/workflows/sd15/run", {"inputs": {"prompt": "x"}}),
    "one to be saved": ("PUT", "/workflows/mine", picture_graph()),
    "one to be saved, in the editor's format": ("PUT", "/workflows/mine", EDITORS),
}


@pytest.mark.parametrize("way", WAYS)
async def test_denied_node_is_refused(serve, way):
    served = await serve(denied_nodes=(DENIED,))
    method, path, body = WAYS[way]
    answer = await served.client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "blocked_by_policy")
    assert (await served.client.get("/jobs")).json()["jobs"] == []


async def test_node_that_is_not_among_the_allowed_is_refused(serve):
    served = await serve(allowed_nodes=("EmptyImage",))
    answer = await served.client.post("/generate", json={"input": {"workflow_json": picture_graph()}})
    assert answer.status_code == 403


async def test_workflow_that_was_saved_before_a_node_was_denied_is_refused(serve):
    before = await serve(with_worker=False)
    assert (await before.client.put("/workflows/mine", json=picture_graph())).status_code == 201
    after = await serve(with_worker=False, denied_nodes=(DENIED,))
    assert (await after.client.post("/workflows/mine/run", json={})).status_code == 403


@pytest.mark.parametrize(
    "name", ["saveimage", "SaveImage ", " SaveImage", "SaveImage\x00", "\uff33aveImage", "Save\u200bImage"]
)
async def test_name_that_only_looks_like_a_denied_one_is_no_node_at_all(serve, name):
    served = await serve(denied_nodes=(DENIED,))
    graph = picture_graph()
    graph["2"]["class_type"] = name
    answer = await served.client.post("/generate/sync", json={"input": {"workflow_json": graph}})
    assert answer.status_code >= 400 or answer.json()["state"] == "failed"
