"""Tests of the route that scores a picture."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from PIL import Image

from comfy_gen.app.scoring import Scoring
from comfy_gen.sandbox.painting import Scene, paint
from comfy_gen.validation.gate import Gate
from comfy_gen.validation.scoring.similarity import Score
from comfy_gen.validation.thresholds import Thresholds
from tests.api.conftest import SMALL


class Scorer:
    """Finds every picture just like enough."""

    model = "/somewhere/here/made-up"

    def prepare(self):
        pass

    async def scores(self, pictures, prompt, negative_prompt):
        return [Score(0.3, 0.1, 0.2) if negative_prompt else Score(0.3, None, None)] * len(pictures)


@pytest.fixture
async def judging(served):
    """A service with something that compares pictures with prompts."""
    gate = Gate(Thresholds(None), Scorer())
    served.service.scoring = Scoring(served.service.settings, lambda: gate)
    return served


def png(picture=None):
    buffer = io.BytesIO()
    (picture or paint(Scene("a meadow", 1), 64, 64)).save(buffer, "png")
    return buffer.getvalue()


async def uploaded(client, content):
    answer = await client.post("/uploads", content=content, headers={"Content-Type": "application/octet-stream"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(answer):
    return answer.status_code, answer.json()["error"]["code"]


async def test_picture_of_a_job_is_scored(judging):
    made = await judging.client.post("/generate/sync", json={"prompt": "a meadow", **SMALL})
    artifact_id = made.json()["output"][0]["id"]
    told = (await judging.client.post("/score", json={"artifact_id": artifact_id, "prompt": "a meadow"})).json()
    assert (told["passed"], told["score"], told["threshold"], told["threshold_source"]) == (True, 0.3, 0.25, "default")
    assert (told["artifact_id"], told["image"], told["model"]) == (artifact_id, "", "made-up")
    assert {one["passed"] for one in told["findings"]} == {True}


async def test_upload_is_scored_by_either_of_its_names_and_by_what_is_asked(judging):
    upload = await uploaded(judging.client, png())
    for image in (upload["image"], upload["name"]):
        said = {"image": image, "prompt": "a meadow", "negative_prompt": "a car", "positive_threshold": 0.5}
        told = (await judging.client.post("/score", json=said)).json()
        assert (told["passed"], told["threshold_source"], told["image"]) == (False, "given", image)
        assert told["score_delta"] == pytest.approx(0.2)


async def test_broken_picture_does_not_pass_and_is_not_compared(judging):
    upload = await uploaded(judging.client, png(Image.new("RGB", (64, 64))))
    told = (await judging.client.post("/score", json={"image": upload["image"], "prompt": "a meadow"})).json()
    assert (told["passed"], told["score"]) == (False, None)
    assert "almost black" in told["reason"]


async def test_picture_of_somebody_else_is_as_if_it_were_not(judging):
    ada, bob = await judging.caller("ada"), await judging.caller("bob")
    made = await judging.done(client=ada)
    artifact_id = made["output"][0]["id"]
    theirs = await bob.post("/score", json={"artifact_id": artifact_id, "prompt": "x"})
    unreal = str(uuid4())
    nobodys = await bob.post("/score", json={"artifact_id": unreal, "prompt": "x"})
    assert theirs.status_code == 404
    assert theirs.text.replace(artifact_id, unreal) == nobodys.text
    assert (await ada.post("/score", json={"artifact_id": artifact_id, "prompt": "x"})).status_code == 200


async def test_upload_that_is_not_there_is_not_found(judging):
    answer = await judging.client.post("/score", json={"image": "comfygen-1.png", "prompt": "x"})
    assert refused(answer) == (404, "artifact_not_found")


async def test_what_is_no_picture_is_refused(judging):
    upload = await uploaded(judging.client, b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40))
    answer = await judging.client.post("/score", json={"image": upload["image"], "prompt": "x"})
    assert refused(answer) == (422, "invalid_image")


@pytest.mark.parametrize(
    "said",
    [
        {"prompt": "x"},
        {"prompt": "x", "image": "a.png", "artifact_id": str(uuid4())},
        {"prompt": " \n", "image": "a.png"},
        {"prompt": "x", "image": "../secret"},
        {"prompt": "x", "image": "https://example.com/a.png"},
    ],
)
async def test_body_that_cannot_work_is_refused(judging, said):
    assert (await judging.client.post("/score", json=said)).status_code == 422


async def test_service_without_a_model_says_what_it_needs(served):
    answer = await served.client.post("/score", json={"artifact_id": str(uuid4()), "prompt": "x"})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] in {"invalid_parameter", "missing_extra"}
    assert answer.json()["error"]["hint"]


async def test_service_that_leaves_the_work_to_others_scores_too(serve):
    served = await serve(with_worker=False, quality={"model": "./nowhere", "offline": True})
    answer = await served.client.post("/score", json={"artifact_id": str(uuid4()), "prompt": "x"})
    assert refused(answer) == (422, "scoring_model")
