"""Files in answers: themselves, or where they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comfy_gen.api.dialects.runpod.outputs import INLINE, Teller, _within, progress_of
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import Artifact, Event
from tests.api.dialects.runpod.graphs import body, plain
from tests.api.test_streams import request_to

FILE = Artifact("a1", "j1", "9", "image", "cat.png", "image/png", 10, "0" * 64, 16, 16, "k", None)


def test_files_are_in_the_answer_as_far_as_there_is_room():
    large = replace(FILE, size=INLINE - 10)
    files = [large, FILE, replace(FILE, kind="text"), FILE]
    assert [is_inline for _, is_inline in _within(files)] == [True, True, False]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, {"type": "progress", "percent": 0.0}),
        ({"progress": 0.257, "node_id": "3"}, {"type": "progress", "percent": 25.7, "node": "3"}),
        ({"progress": 1, "step": 2, "steps": 4}, {"type": "progress", "percent": 100.0, "value": 2, "max": 4}),
    ],
)
def test_progress_is_told_as_worker_comfyui_does(data, told):
    assert progress_of(Event(JobId("j1"), 1, 0.0, "progress", data)) == told


@pytest.mark.asyncio(loop_scope="module")
async def test_file_in_a_bucket_of_the_caller_s_is_told_by_its_address(desk, ann):
    told = (await ann.post("/runsync", json=body(plain()))).json()
    (artifact,) = await desk.service.queue.store.artifacts(told["id"])
    teller = Teller(desk.service, desk.app.state.results, request_to(desk.app))
    copy = await teller._file((replace(artifact, url="https://bucket/x.png"), True))
    assert (copy["type"], copy["data"]) == ("s3_url", "https://bucket/x.png")
    large = await teller._file((artifact, False))
    assert large["type"] == "s3_url"
    assert "/artifacts/" in large["data"]
